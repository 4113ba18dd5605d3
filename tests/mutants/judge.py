"""The verdict on a mutant without a cluster: the promise that it breaks, or the schema that it does not fit."""

import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
from jsonschema.protocols import Validator

from sparkproof.charts import promises, schemas
from sparkproof.charts.own_tests import OwnTests
from sparkproof.charts.promises import View
from tests.mutants.mutants import Mutant
from tests.support import rules

SCHEMAS = "the schemas of Kubernetes"
RULES = "each alert fires on its cause after its time, and on nothing else"
OWN_TESTS = "each of the charts' own tests passes where it is answered rightly and fails where it is not"


@dataclass(frozen=True)
class Verdict:
    """What noticed a mutant, and by which words; `by` is empty for one that lives."""

    mutant: str
    by: str
    words: str
    changes_nothing: bool = False


def judge(mutant: Mutant) -> Verdict:
    """Hold a mutant against all promises, and against the schemas."""
    view = mutant.seen()
    for each in promises.every():
        if words := next(each.breaches(view), ""):
            return Verdict(str(mutant), each.sentence, words)
    if mutant.path and (words := _problem(view, mutant.at)):
        return Verdict(str(mutant), SCHEMAS, words)
    if mutant.path and (words := _misled(view, view.objects[mutant.at])):
        return Verdict(str(mutant), OWN_TESTS, words)
    if (words := _of_promtool(view, mutant.at)) and not _of_promtool(mutant.view, mutant.at):
        return Verdict(str(mutant), RULES, words)
    return Verdict(str(mutant), "", "", mutant.is_the_default)


def _of_promtool(view: View, at: int) -> str:
    """What promtool says of an object's rules of alerts when their causes are there and when they are not."""
    found = view.objects[at] if at < len(view.objects) else {}
    if found.get("kind") != "PrometheusRule":
        return ""
    with tempfile.TemporaryDirectory() as folder:
        tests = rules.cases(found["spec"], view.case.namespace, view.case.release)
        return rules.promtool(Path(folder), found["spec"], tests)[:300]


def _misled(view: View, found: Mapping[str, Any]) -> str:
    """What is wrong with a pod of `helm test` when it is run and answered rightly or wrongly."""
    if found.get("kind") != "Pod":
        return ""
    only = replace(view, objects=[found])
    for each in OwnTests.of([only]).tests:
        if not each.passes(each.right):
            return f"{each} does not pass where all is right"
        for what, answer in each.wrong.items():
            if each.passes(answer):
                return f"{each} passes though {what}"
    return ""


def _problem(view: View, at: int) -> str:
    """What the schemas say of an object, and of the pods that it holds if it is a ConfigMap."""
    found = view.objects[at]
    if found.get("kind") != "ConfigMap":
        return _misfit(found)
    pods = [each for file, each in found.get("data", {}).items() if file.endswith("-pod.yaml")]
    return next(filter(None, map(_misfit, pods)), "")


def _misfit(found: Any) -> str:
    if not isinstance(found, Mapping):
        return f"{type(found).__name__} is no object"
    validator = _validator(str(found.get("kind")), str(found.get("apiVersion")))
    error = next(validator.iter_errors(json.loads(json.dumps(found))), None) if validator else None
    if validator is None:
        return f"no schema knows {found.get('kind')} of {found.get('apiVersion')}"
    return error.message[:300] if error else ""


@cache
def _validator(kind: str, version: str) -> Validator | None:
    group, _, name = version.rpartition("/")
    suffix = "-".join(filter(None, [group.partition(".")[0], name]))
    file = schemas.pattern().replace("{{ .ResourceKind }}{{ .KindSuffix }}", f"{kind}-{suffix}".lower())
    try:
        return jsonschema.Draft202012Validator(json.loads(Path(file).read_text()))
    except FileNotFoundError:
        return None


def share(verdicts: Sequence[Verdict]) -> float:
    """The percentage of mutants that were noticed, among those that change anything."""
    judged = [each for each in verdicts if each.by or not each.changes_nothing]
    return 100 * sum(bool(each.by) for each in judged) / len(judged)
