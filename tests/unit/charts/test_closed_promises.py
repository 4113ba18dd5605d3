"""What nobody asked for is found in each kind of object: fields, annotations, files and settings."""

from collections.abc import Callable
from copy import deepcopy
from functools import cache
from typing import Any

import pytest

from sparkproof.charts import promises, renderings
from sparkproof.charts.promises import View
from sparkproof.charts.promises.view import DEFAULTS
from tests.support.rendering import ALL

OBJECTS = promises.named("no object says more than a platform needs")
CONFIGURATION = promises.named("a program finds no file and no setting that nobody asked for")
KINDS = [
    "ConfigMap", "CronJob", "Deployment", "Job", "NetworkPolicy", "PersistentVolumeClaim", "Pod", "PodDisruptionBudget",
    "PrometheusRule", "Role", "RoleBinding", "Service", "ServiceAccount", "ServiceMonitor", "StatefulSet",
]  # fmt: skip


@cache
def everything() -> View:
    return renderings.rendered(renderings.with_everything([chart for chart in ALL if "4.1" in chart.name]))[-1].view


def changed(kind: str, change: Callable[[Any], None], *, data: str = "") -> View:
    """The rendering of everything with one change of the first object of a kind, that has some `data` if it is said."""
    found = deepcopy(everything())
    change(next(each for each in found.kind(kind) if not data or data in each["data"]))
    return found


def test_what_is_rendered_says_no_more_than_is_needed() -> None:
    assert [*OBJECTS.breaches(everything()), *CONFIGURATION.breaches(everything())] == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_field_more_is_found_in_each_kind(kind: str) -> None:
    def add(found: Any) -> None:
        found["immutable"] = True
        found["metadata"]["finalizers"] = ["example.org/stays"]
        found["metadata"].setdefault("annotations", {})["example.org/role"] = "admin"

    breaches = list(OBJECTS.breaches(changed(kind, add)))
    assert [words.partition(" has ")[2].partition(",")[0] for words in breaches if words.startswith(kind)] == [
        "immutable",
        "finalizers",
        "example.org/role",
    ]


@pytest.mark.parametrize("kind", ["CronJob", "Deployment", "Job", "PersistentVolumeClaim", "Service", "StatefulSet"])
def test_a_field_more_is_found_in_the_spec_of_each_kind(kind: str) -> None:
    (words,) = OBJECTS.breaches(changed(kind, lambda found: found["spec"].update(suspend=True)))
    assert words.endswith("has suspend, which no platform needs")


def test_a_field_more_is_found_in_the_jobs_of_a_schedule_and_in_templates_of_pods() -> None:
    (words,) = OBJECTS.breaches(
        changed("CronJob", lambda found: found["spec"]["jobTemplate"]["spec"].update(suspend=True))
    )
    assert words.startswith("the Job of CronJob ")
    (words,) = OBJECTS.breaches(
        changed("Deployment", lambda found: found["spec"]["template"]["metadata"]["annotations"].update(role="admin"))
    )
    assert words.endswith("has role, which no platform needs")


@pytest.mark.parametrize("name", ["spark.redaction.regex", "spark.sql.catalog.lake.io-impl-of"])
def test_a_setting_more_is_found(name: str) -> None:
    def put(found: Any) -> None:
        found["data"][DEFAULTS][name] = "nothing"

    (breach,) = CONFIGURATION.breaches(changed("ConfigMap", put, data=DEFAULTS))
    assert breach.endswith(f"has the setting {name}, which nobody asked for")


def test_a_file_more_is_found() -> None:
    (breach,) = CONFIGURATION.breaches(
        changed("ConfigMap", lambda found: found["data"].update({"log4j2.properties": "off"}), data=DEFAULTS)
    )
    assert breach.endswith("finds the file log4j2.properties, which it does not need")
