"""What users set beside and over what the charts make: labels, variables, settings, and null, which takes away."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import reduce
from typing import Any

import pytest
import yaml

from sparkproof.charts import renderings
from sparkproof.charts.renderings import Case, Chart, everything_on
from tests.support.rendering import ALL, Rendering, template

Keys = tuple[str, ...]
each_chart = pytest.mark.parametrize("chart", ALL, ids=lambda chart: chart.name)


def test_no_key_stands_twice_whatever_labels_are_set() -> None:
    labels = {"team": "data", "app.kubernetes.io/version": "mine", "app.kubernetes.io/managed-by": "us"}
    for chart in ALL:
        values = everything_on(chart)
        for component in [name for name, schema in chart.schema["properties"].items() if "podLabels" in str(schema)]:
            values = renderings.merged(values, {component: {"podLabels": labels, "podAnnotations": labels}})
        monitors = {"monitoring": {"monitors": {"labels": labels}}}
        values = renderings.merged(
            values, {"commonLabels": {**labels, "team": "platform", "helm.sh/chart": "a"}, **monitors}
        )
        composed = [yaml.compose(text, yaml.CSafeLoader) for text in documents(template(values, chart=chart.folder))]
        twice = [each for node in composed for each in repeated(node)]
        assert twice == []


def test_the_more_particular_label_wins() -> None:
    particular = {"executor": {"podLabels": {"team": "data"}}, "test": {"podLabels": {"team": "quality"}}}
    monitors = {"monitoring": {"enabled": True, "monitors": {"labels": {"team": "observers"}}}}
    rendering = template(
        {"commonLabels": {"team": "platform", "app.kubernetes.io/version": "a"}, **particular, **monitors}
    )
    assert rendering.pods["executor"]["metadata"]["labels"]["team"] == "data"
    assert rendering.pods["connect"]["metadata"]["labels"]["team"] == "platform"
    found = {each["kind"]: each["metadata"]["labels"] for each in rendering.objects}
    assert (found["Pod"]["team"], found["ServiceMonitor"]["team"]) == ("quality", "observers")
    assert {labels["app.kubernetes.io/version"] for labels in found.values()} == {"a"}


@each_chart
def test_a_variable_stands_once_and_the_users_wins(chart: Chart) -> None:
    plain = everything_on(chart)
    variables = sorted({each["name"] for pod in everyone(template(plain, chart=chart.folder)) for each in env(pod)})
    given = [{"name": name, "value": "first"} for name in variables] + [
        {"name": name, "value": "mine"} for name in variables
    ]
    values = plain
    for component in [name for name, value in chart.values.items() if "extraEnv" in value]:
        values = renderings.merged(values, {component: {"extraEnv": given}})
    assert "AWS_REGION" in variables
    for pod in everyone(template(values, chart=chart.folder)):
        for container in [*pod["spec"].get("initContainers", []), *pod["spec"]["containers"]]:
            assert [
                each for each, count in Counter(each["name"] for each in container["env"]).items() if count > 1
            ] == []
            assert {each["value"] for each in container["env"]} == {"mine"}


def test_a_variable_keeps_its_place_so_that_others_can_refer_to_it() -> None:
    secret = {"authentication": {"existingSecret": "users"}}
    mine = {"name": "SPARK_CONNECT_TOKEN", "value": "mine"}
    env = template({"connect": secret, "client": {"extraEnv": [{"name": "A", "value": "b"}, mine]}}).pods["client"][
        "spec"
    ]
    assert [each["name"] for each in env["containers"][0]["env"]] == ["SPARK_CONNECT_TOKEN", "SPARK_REMOTE", "A"]
    assert env["containers"][0]["env"][0] == mine


def test_a_setting_is_read_from_the_properties_file_as_it_was_given() -> None:
    given = {
        "spark.redaction.regex": r"(?i)secret|\bpw\b|token",
        "spark.x.last": "C:\\temp\\",
        "spark.x.next": r"\\host\users = : # !",
        "spark.y.kept": "kept?",
    }
    rendering = template({"sparkConf": given, "submit": {"enabled": True}})
    for config in ("spark-connect", "spark-submit"):
        read = properties(rendering.get("ConfigMap", config)["data"]["spark-defaults.conf"])
        assert {name: read.get(name) for name in given} == given


@each_chart
def test_null_is_the_empty_default_or_refused(chart: Chart) -> None:
    """Keys without a value of their own can be set to null, which is the same; any other has to be there."""
    empty = {keys: value for keys, value in renderings.leaves(chart.values) if value in ("", {}, [])}
    paths = {keys[:depth] for keys, _ in renderings.leaves(chart.values) for depth in range(1, len(keys) + 1)}
    for context in (everything_on(chart), {"gpu": {"enabled": True}}):
        assert different(chart, context, empty) == []
    # A limit of CPU may be left out.
    others = sorted(keys for keys in paths - empty.keys() if keys[-2:] != ("limits", "cpu"))
    refusals = [
        each.refusal
        for each in renderings.outcomes([Case(chart, values=renderings.nested(keys, None)) for keys in others])
    ]
    missing = [f"missing propert{{}} '{keys[-1]}'" for keys in others]
    assert [words for words, refusal in zip(missing, refusals, strict=True) if words.format("y") not in refusal] == []


def different(chart: Chart, context: renderings.Values, empty: Mapping[Keys, Any]) -> list[Keys]:
    """Return the keys that render otherwise as null than as the empty value.

    Many are tried together, and halved where that shows something: a few renderings instead of one for each key.
    """

    def made(keys: Sequence[Keys], *, null: bool) -> Case:
        each = [renderings.nested(key, None if null else empty[key]) for key in keys]
        return Case(chart, values=reduce(renderings.merged, each, context))

    found: list[Keys] = []
    groups = [list(empty)]
    while groups:
        nulls, empties = (renderings.outcomes([made(keys, null=null) for keys in groups]) for null in (True, False))
        told = [(keys, one != other, one.refusal) for keys, one, other in zip(groups, nulls, empties, strict=True)]
        found += [keys[0] for keys, differ, _ in told if differ and len(keys) == 1]
        unclear = [keys for keys, differ, refusal in told if (differ or refusal) and len(keys) > 1]
        groups = [half for keys in unclear for half in (keys[: len(keys) // 2], keys[len(keys) // 2 :])]
    return found


def everyone(rendering: Rendering) -> list[Any]:
    """Every pod: those of components, and those of `helm test`."""
    return [*rendering.pods.values(), *(each for each in rendering.objects if each["kind"] == "Pod")]


def env(pod: Any) -> list[Any]:
    containers = [*pod["spec"].get("initContainers", []), *pod["spec"]["containers"]]
    return [each for container in containers for each in container.get("env", [])]


def documents(rendering: Rendering) -> Iterator[str]:
    """The text of each object, and of those that ConfigMaps hold."""
    yield from rendering.text.split("\n---\n")
    for each in rendering.objects:
        if each["kind"] == "ConfigMap":
            yield from (text for file, text in each["data"].items() if file.endswith(".yaml"))


def repeated(node: Any) -> Iterator[str]:
    """The keys that stand twice in one map."""
    if isinstance(node, yaml.MappingNode):
        yield from [key for key, count in Counter(key.value for key, _ in node.value).items() if count > 1]
    for each in node.value if isinstance(node, yaml.CollectionNode) else []:
        for inner in each if isinstance(each, tuple) else (each,):
            yield from repeated(inner)


def properties(text: str) -> dict[str, str]:
    """What Java reads from a properties file, where a backslash joins lines or escapes what follows."""
    found: dict[str, str] = {}
    lines = iter(text.splitlines())
    for line in lines:
        while (len(line) - len(line.rstrip("\\"))) % 2:
            line = line[:-1] + next(lines, "").lstrip()
        name, _, value = line.partition("=")
        characters, read = iter(value), ""
        for each in characters:
            escaped = next(characters, "") if each == "\\" else each
            read += (
                {"b": "b", "n": "\n", "t": "\t", "r": "\r", "f": "\f"}.get(escaped, escaped) if each == "\\" else each
            )
        found[name] = read
    return found
