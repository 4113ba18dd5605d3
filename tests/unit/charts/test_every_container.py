"""Promises look at every container of every pod: those that run first, those beside the main one, those of tests."""

from collections.abc import Callable
from copy import deepcopy
from functools import cache
from typing import Any

import pytest

from sparkproof.charts import promises, renderings
from sparkproof.charts.promises import View
from sparkproof.charts.promises.view import OF_SPARK
from tests.support.rendering import ALL


@cache
def everything() -> View:
    return renderings.rendered(renderings.with_everything([chart for chart in ALL if "4.1" in chart.name]))[-1].view


def secured(**changed: object) -> Callable[[Any], dict[str, Any]]:
    return lambda container: {"securityContext": {**container["securityContext"], **changed}}


def given(name: str, **value: object) -> Callable[[Any], dict[str, Any]]:
    return lambda container: {"env": [*container.get("env", ()), {"name": name, **value}]}


FROM_SECRET = {"secretKeyRef": {"name": "another", "key": "password"}}


@pytest.mark.parametrize(
    ("promise", "change", "of_spark"),
    [
        ("no container can write into its image", secured(readOnlyRootFilesystem=False), True),
        ("every pod is as restricted as Pod Security can ask", secured(allowPrivilegeEscalation=True), True),
        ("no pod has more of its node than it needs", lambda _: {"stdin": True}, True),
        ("each container runs the image that is made for it", lambda _: {"image": "another"}, False),
        ("each container may take what its values say", lambda _: {"resources": {"limits": {"cpu": "9"}}}, False),
        ("each program is told where the others are, and what its values say", given("ANOTHER", value="x"), True),
        (
            "the value of a Secret is given by reference, to who needs it and to nobody else",
            given("ANOTHER", valueFrom=FROM_SECRET),
            True,
        ),
        (
            "no ConfigMap, argument or plain variable holds a key, a token or a password",
            given("ANOTHER_PASSWORD", value="x"),
            True,
        ),
        (
            "no ConfigMap, argument or plain variable holds a key, a token or a password",
            lambda _: {"args": ["--password", "$(ANOTHER_PASSWORD)"]},
            True,
        ),
    ],
)
def test_a_fault_is_found_in_each_container(
    promise: str, change: Callable[[Any], dict[str, Any]], of_spark: bool
) -> None:
    looks, view = promises.named(promise), deepcopy(everything())
    assert list(looks.breaches(view)) == []
    unseen, seen = [], 0
    for pod in view.pods:
        every = [*pod.spec.get("initContainers", ()), *pod.spec["containers"]]
        for container in every if of_spark or pod.component not in OF_SPARK else ():
            before, where = dict(container), f"{pod.where}: "
            container.update(change(container))
            found = [each for each in looks.breaches(view) if where in each or each.startswith(f"{pod.where} ")]
            container.clear()
            container.update(before)
            seen += bool(found)
            unseen += [] if found else [f"{where}{container['name']}"]
    assert unseen == []
    assert seen > 40


def test_a_token_is_found_in_each_pod_that_needs_none() -> None:
    looks, view = promises.named("only who starts pods has a token for the API server"), deepcopy(everything())
    for pod in view.pods:
        has = pod.spec["automountServiceAccountToken"]
        pod.spec["automountServiceAccountToken"] = not has  # type: ignore[index]
        assert [each.partition(" has ")[0] for each in looks.breaches(view)] == [pod.where]
        pod.spec["automountServiceAccountToken"] = has  # type: ignore[index]


def test_another_image_is_found_in_the_settings_of_each_who_starts_executors() -> None:
    looks, view = promises.named("executors and drivers run the platform's own image"), deepcopy(everything())
    assert list(looks.breaches(view)) == []
    for component in ("connect", "submit"):
        settings = view.settings[component]
        own = settings.pop("spark.kubernetes.container.image")
        assert [each.partition(":")[0] for each in looks.breaches(view)] == [component]
        settings["spark.kubernetes.container.image"] = own


def test_a_variable_that_names_one_after_it_or_none_is_found() -> None:
    told = promises.named("each program is told where the others are, and what its values say")
    for named in ("LATER", "NOBODYS"):
        view = deepcopy(everything())
        container = view.pods_of("client")[0].main
        first, last = {"name": "A", "value": f"$({named})"}, {"name": "LATER", "value": "b"}
        container["env"] = [first, *container["env"], last]  # type: ignore[index]
        assert any(f"A names {named}, which is not known before it" in each for each in told.breaches(view))
    assert not any("is not known before it" in each for each in told.breaches(everything()))


def test_a_store_serves_the_region_that_its_clients_sign_for() -> None:
    told = promises.named("each program is told where the others are, and what its values say")
    view = deepcopy(everything())
    container = view.pods_of("object-store")[0].main
    container["env"] = [each for each in container["env"] if each["name"] != "VGW_REGION"]  # type: ignore[index]
    assert any("VGW_REGION is missing; expected 'us-east-1'" in each for each in told.breaches(view))
