"""The schema of contracts follows from the model, and every example names it and fits it."""

import json
from pathlib import Path

import jsonschema
import pytest
import yaml

from sparkproof.cluster import contract_schema

EXAMPLES = sorted(contract_schema.PATH.parent.glob("*.yaml"))


def test_the_schema_is_up_to_date() -> None:
    assert contract_schema.PATH.read_text() == contract_schema.text(), "run `make fix`"


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_an_example_names_the_schema_and_fits_it(path: Path) -> None:
    assert path.read_text().startswith(f"# yaml-language-server: $schema={contract_schema.PATH.name}\n")
    jsonschema.validate(yaml.safe_load(path.read_text()), json.loads(contract_schema.text()))


@pytest.mark.parametrize(
    "wrong",
    [
        {"environment": "x", "promises": ["storages"]},
        {"environment": "x", "promises": [], "promise": []},
        {"promises": []},
    ],
)
def test_a_misspelt_contract_does_not_fit(wrong: dict[str, object]) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(wrong, json.loads(contract_schema.text()))


# What each kind of cluster has to offer: a capability that nobody promises is skipped in silence where it is lost.
PROMISED = {
    "dev": {"storage"},
    "embedded": {"network-policy", "storage"},
    "gpu-cluster": {"gpu", "storage"},
    "prod": {"network-policy", "storage"},
    "staging": {"network-policy", "storage"},
}


def lost(name: str, promises: list[str]) -> str:
    """What a contract no longer promises, in words."""
    return ", ".join(f"{name} no longer promises {each}" for each in sorted(PROMISED.get(name, set()) - {*promises}))


def test_each_contract_promises_what_its_cluster_must_not_lose() -> None:
    contracts = {path.stem: yaml.safe_load(path.read_text())["promises"] for path in EXAMPLES}
    assert contracts.keys() == PROMISED.keys()
    assert [words for name, promises in contracts.items() if (words := lost(name, promises))] == []
    assert contracts["staging"] == contracts["prod"], "what breaks in staging is to break before production"


def test_a_promise_that_a_contract_has_lost_is_named() -> None:
    assert lost("embedded", ["storage"]) == "embedded no longer promises network-policy"
    assert lost("prod", []) == "prod no longer promises network-policy, prod no longer promises storage"
