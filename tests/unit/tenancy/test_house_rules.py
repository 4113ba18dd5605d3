"""The house's rules as they are handed out: they refuse, in time, for every container, and when they cannot judge."""

from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

import pytest
import yaml

from sparkproof.tenancy.house_rules import FILE

RULES: list[Any] = list(yaml.safe_load_all(FILE.read_text()))


def faults(rules: list[Any]) -> Iterator[str]:
    """What lets something pass that the rules are about, in sentences."""
    for each in rules:
        name, spec = each["metadata"]["name"], each["spec"]
        if each["kind"] == "ValidatingAdmissionPolicyBinding":
            if spec["validationActions"] != ["Deny"]:
                yield f"{name} only says {spec['validationActions']}"
            continue
        if spec["failurePolicy"] != "Fail":
            yield f"{name} lets pass what it cannot judge"
        for rule in spec["matchConstraints"]["resourceRules"]:
            if missing := {"CREATE", "UPDATE"} - set(rule["operations"]):
                yield f"{name} does not look at {', '.join(missing)}"
        of_pods = {each["name"]: each["expression"] for each in spec.get("variables", ())}
        if "containers" in of_pods and "initContainers" not in of_pods["containers"]:
            yield f"{name} passes over containers that run first"
    bound = {each["spec"]["policyName"] for each in rules if each["kind"].endswith("Binding")}
    yield from (
        f"{each['metadata']['name']} is bound to nobody"
        for each in rules
        if not each["kind"].endswith("Binding") and each["metadata"]["name"] not in bound
    )


def test_the_rules_let_nothing_pass() -> None:
    assert list(faults(RULES)) == []


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda rules: rules[0]["spec"].update(failurePolicy="Ignore"), "lets pass what it cannot judge"),
        (lambda rules: rules[1]["spec"].update(validationActions=["Warn"]), "only says ['Warn']"),
        (
            lambda rules: rules[0]["spec"]["matchConstraints"]["resourceRules"][0].update(operations=["CREATE"]),
            "does not look at UPDATE",
        ),
        (
            lambda rules: rules[0]["spec"]["variables"][0].update(expression="object.spec.containers"),
            "passes over containers that run first",
        ),
        (lambda rules: rules.pop(1), "house-rules-for-pods is bound to nobody"),
    ],
)
def test_a_rule_that_lets_something_pass_is_found(change: Callable[[Any], object], fault: str) -> None:
    broken = deepcopy(RULES)
    change(broken)
    (found,) = faults(broken)
    assert fault in found
