"""The house's rules as they are handed out: they refuse, in time, for every container, and when they cannot judge."""

from collections.abc import Callable, Iterator, Mapping
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
        if of_pods:
            yield from (f"{name} {fault}" for fault in faults_of_debugging(spec, of_pods))
    bound = {each["spec"]["policyName"] for each in rules if each["kind"].endswith("Binding")}
    yield from (
        f"{each['metadata']['name']} is bound to nobody"
        for each in rules
        if not each["kind"].endswith("Binding") and each["metadata"]["name"] not in bound
    )


def faults_of_debugging(spec: Any, variables: Mapping[str, str]) -> Iterator[str]:
    """What lets a container pass that is added to a pod that runs."""
    if "pods/ephemeralcontainers" not in spec["matchConstraints"]["resourceRules"][0]["resources"]:
        yield "does not look at containers that are added"
    if not variables["withDebugging"].endswith("+ dyn(object.spec.?ephemeralContainers.orValue([]))"):
        yield "knows of no containers that are added"
    judged = [each["expression"] for each in spec["validations"] if "(c, c." in each["expression"]]
    # Only a limit of memory is none that such a container can have.
    passed_over = [each for each in judged if not each.startswith("variables.withDebugging.") and "limits" not in each]
    yield from (f"passes over containers that are added: {each}" for each in passed_over)


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
        (
            lambda rules: rules[0]["spec"]["matchConstraints"]["resourceRules"][0].update(resources=["pods"]),
            "does not look at containers that are added",
        ),
        (
            lambda rules: rules[0]["spec"]["variables"][1].update(expression="variables.containers"),
            "knows of no containers that are added",
        ),
        (
            lambda rules: rules[0]["spec"]["validations"][0].update(
                expression="variables.containers.all(c, c.image.contains('@'))"
            ),
            "passes over containers that are added",
        ),
        (lambda rules: rules.pop(1), "house-rules-for-pods is bound to nobody"),
    ],
)
def test_a_rule_that_lets_something_pass_is_found(change: Callable[[Any], object], fault: str) -> None:
    broken = deepcopy(RULES)
    change(broken)
    (found,) = faults(broken)
    assert fault in found
