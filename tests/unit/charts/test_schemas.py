"""The schemas know every field of Kubernetes' kinds and of Prometheus' monitors, and no other."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft4Validator

from sparkproof.build import programs
from sparkproof.charts import schemas

METADATA = {"name": "a"}


def problems(file: str, of: dict[str, Any]) -> list[str]:
    schema = json.loads((Path(schemas.pattern()).parent / f"{file}.json").read_text())
    return [leaf.message for error in Draft4Validator(schema).iter_errors(of) for leaf in error.context or [error]]


@pytest.mark.parametrize(
    ("file", "of"),
    [
        ("service-v1", {"metadata": METADATA, "spec": {"ports": [{"port": 80, "targetPort": "http"}]}}),
        ("service-v1", {"metadata": METADATA, "spec": {"ports": [{"port": 80, "targetPort": 8080}]}}),
        ("resourcequota-v1", {"metadata": METADATA, "spec": {"hard": {"cpu": 1.5, "memory": "1Gi"}}}),
        ("servicemonitor-monitoring-v1", {"metadata": METADATA, "spec": {"endpoints": [], "selector": {}}}),
        (
            "customresourcedefinition-apiextensions-v1",
            {"spec": {"group": "g", "names": {"kind": "A", "plural": "as"}, "scope": "Cluster", "versions": []}},
        ),
    ],
)
def test_what_there_is_is_known(file: str, of: dict[str, Any]) -> None:
    assert problems(file, of) == []


@pytest.mark.parametrize(
    ("file", "of", "words"),
    [
        ("service-v1", {"metadata": METADATA, "spec": {"prots": []}}, "'prots' was unexpected"),
        ("service-v1", {"metadata": {"naem": "a"}}, "'naem' was unexpected"),
        ("service-v1", {"spec": {"ports": [{"port": "80"}]}}, "'80' is not of type 'integer'"),
        (
            "servicemonitor-monitoring-v1",
            {"metadata": {"naem": "a"}, "spec": {"endpoints": [], "selector": {}}},
            "'naem' was unexpected",
        ),
        (
            "servicemonitor-monitoring-v1",
            {"spec": {"endpoints": [{"prot": "a"}], "selector": {}}},
            "'prot' was unexpected",
        ),
    ],
)
def test_what_there_is_not_is_refused(file: str, of: dict[str, Any], words: str) -> None:
    assert any(words in found for found in problems(file, of)), problems(file, of)


def test_they_are_those_of_the_version_that_the_cluster_runs() -> None:
    assert schemas.of() == f"Kubernetes {programs.version('kube-apiserver')}"
