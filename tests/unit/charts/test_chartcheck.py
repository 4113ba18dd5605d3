"""Our own program renders what helm does, finds what Kubernetes does not know, and tells which branches were taken."""

import json
import re
import tempfile
from pathlib import Path
from typing import Any

import pytest
import yaml

from sparkproof.build import programs
from sparkproof.charts import renderings, schemas
from sparkproof.charts.renderings import Case, Chart
from sparkproof.core import process
from sparkproof.core.process import CommandFailed
from tests.support.rendering import ALL

HOSTILE = {
    "sparkConf": {"spark.a": "<&> \"ünï\" 'x' 1e6", "spark.b": "1000000000000000001"},
    "commonLabels": {"n": "1"},
}


def by_helm(case: Case) -> process.Completed:
    template = [str(programs.build("helm")), "template", case.release, str(case.chart.folder)]
    presets = [f"--namespace={case.namespace}", *(f"--values={preset}" for preset in case.presets)]
    given = json.dumps(case.given)
    return process.run([*template, *presets, "--values=-"], timeout_s=60, check=False, input_text=given)


@pytest.mark.parametrize(
    "case",
    [
        *(Case(chart, presets=chart.presets) for chart in ALL),
        Case(ALL[0]),
        Case(ALL[0], values=HOSTILE, namespace="another"),
        Case(ALL[-1], values={"connect": {"memory": "1200m"}}, release="a" * 53),
    ],
    ids=str,
)
def test_the_text_is_byte_for_byte_that_of_helm_template(case: Case) -> None:
    assert renderings.render([case])[0].text == by_helm(case).stdout


@pytest.mark.parametrize(
    "case",
    [
        Case(ALL[0], values={"connect": {"port": "15002", "prot": 1}}),
        Case(ALL[0], values={"sparkConf": {"spark.dynamicAllocation.shuffleTracking.enabled": "false"}}),
        Case(ALL[0], release="Not A Name"),
    ],
    ids=str,
)
def test_a_refusal_has_the_words_of_helm_template(case: Case) -> None:
    said = by_helm(case).stderr
    assert renderings.render([case])[0].refusal.strip() in re.sub(r"level=INFO.*\n", "", said)


def test_helm_and_our_program_say_the_same_version(small: Chart) -> None:
    with_template(small, manifest(data={"version": "{{ .Capabilities.HelmVersion.Version }}"}))
    assert renderings.render([Case(small)])[0].get("ConfigMap", "a")["data"]["version"] == programs.version("helm")


@pytest.fixture
def small(tmp_path: Path) -> Chart:
    """A chart of one's own, without any template yet."""
    chart = tmp_path / "charts" / "small"
    (chart / "templates").mkdir(parents=True)
    (chart / "Chart.yaml").write_text("apiVersion: v2\nname: small\nversion: 1.0.0\n")
    (chart / "values.yaml").write_text("switch: false\nlist: []\n")
    return Chart(chart)


def with_template(chart: Chart, text: str, name: str = "object.yaml") -> Chart:
    (chart.folder / "templates" / name).write_text(text)
    return chart


def manifest(**fields: Any) -> str:
    return yaml.safe_dump({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, **fields})


POD = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}, "spec": {"containers": [{"nmae": "a"}]}}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (manifest(dta={}), "additional properties 'dta' not allowed"),
        (manifest(data={"a": 1}), "want string"),
        (manifest(data=None), "got null, want object"),
        (manifest(kind="Service", spec={"ports": [{"name": "a"}]}), "missing property 'port'"),
        (manifest(kind="Config"), "could not find schema for Config"),
        (manifest(apiVersion="v2"), "could not find schema for ConfigMap"),
        (manifest() + "metadata: {name: b}\n", "already set in map"),
        (manifest(data={"pod.yaml": yaml.safe_dump(POD)}), "pod.yaml: "),
        (manifest(apiVersion="monitoring.coreos.com/v1", kind="PodMonitor", spec={}), "missing property 'selector'"),
        (manifest(metadata={"name": "a", "lables": {}}), "additional properties 'lables' not allowed"),
    ],
)
def test_what_kubernetes_does_not_know_is_found(small: Chart, text: str, words: str) -> None:
    found = renderings.render([Case(with_template(small, text))])[0]
    assert found.refusal == ""
    assert len(found.problems) == 1
    assert words in found.problems[0]


def test_what_kubernetes_knows_is_no_problem(small: Chart) -> None:
    pod = {**POD, "spec": {"containers": [{"name": "a", "resources": {"limits": {"cpu": 1, "memory": "1Gi"}}}]}}
    found = renderings.render(
        [Case(with_template(small, manifest(data={"pod.yaml": yaml.safe_dump(pod), "b": "kind: x"})))]
    )[0]
    assert (found.refusal, found.problems) == ("", [])
    assert found.get("ConfigMap", "a")["data"]["b"] == "kind: x"


def test_what_is_no_yaml_is_refused(small: Chart) -> None:
    assert "YAML" in renderings.render([Case(with_template(small, "a: [b\n"))])[0].refusal


def test_a_chart_that_cannot_be_read_is_one_sentence(small: Chart) -> None:
    (small.folder / "Chart.yaml").write_text("apiVersion: v2\n")
    with pytest.raises(CommandFailed, match=r"`chartcheck` exited with code 1: chartcheck: the chart in .*/small"):
        renderings.render([Case(small)])


def branches(chart: Chart, *values: dict[str, Any]) -> dict[str, bool]:
    found = renderings.chartcheck([Case(chart, values=each) for each in values], "-branches")
    return {f"{each['line']} {each['words']}": each["taken"] for each in found}


WAYS = """{{- define "used" }}used{{ end -}}
{{- define "unused" }}unused{{ end -}}
{{- if .Values.switch -}}
a: {{ include "used" . }}
{{- else if eq 1 2 }}
b: b
{{- end }}
{{- range .Values.list }}
c{{ . }}: c
{{- else }}
none: true
{{- with .Values.none }}
d: d
{{- end }}
{{- end }}
"""


def test_each_way_through_a_template_is_told_apart(small: Chart) -> None:
    chart = with_template(small, WAYS)
    expected = {
        "1 object.yaml": True,
        "1 used": False,
        "2 unused": False,
        "3 if .Values.switch": False,
        "5 if eq 1 2": False,
        "5 not: if eq 1 2": True,
        "8 range .Values.list": False,
        "8 not: range .Values.list": True,
        "12 with .Values.none": False,
        "12 not: with .Values.none": True,
    }
    assert branches(chart, {}) == expected
    expected |= dict.fromkeys(["1 used", "3 if .Values.switch", "8 range .Values.list"], True)
    assert branches(chart, {}, {"switch": True, "list": [1, 2]}) == expected


def test_a_refusal_takes_the_branches_that_lead_to_it(small: Chart) -> None:
    chart = with_template(small, '{{ if .Values.switch }}{{ fail "no" }}{{ end }}')
    assert branches(chart, {"switch": True})["1 if .Values.switch"]


def test_a_file_of_which_charts_have_copies_is_one(small: Chart, tmp_path: Path) -> None:
    other = tmp_path / "charts" / "other"
    (other / "templates").mkdir(parents=True)
    (other / "Chart.yaml").write_text("apiVersion: v2\nname: other\nversion: 1.0.0\n")
    for chart in (small, Chart(other)):
        with_template(chart, "{{ if .Values.switch }}{{ end }}")
    found = list(renderings.chartcheck([Case(small), Case(Chart(other), values={"switch": True})], "-branches"))
    assert [each["taken"] for each in found] == [False, True, True]


def test_answers_come_in_the_order_of_the_requests(small: Chart) -> None:
    chart = with_template(small, manifest() + "data: {number: {{ .Values.n | quote }}}\n")
    made = renderings.render([Case(chart, values={"n": number}) for number in range(50)])
    assert [each.objects[0]["data"]["number"] for each in made] == [str(number) for number in range(50)]


def test_what_is_kept_is_what_is_rendered_anew() -> None:
    cases = [Case(ALL[0], presets=ALL[0].presets), Case(ALL[0], values=HOSTILE), Case(ALL[0], release="Not A Name")]
    assert renderings.rendered(cases) == renderings.render(cases)


def test_what_is_kept_follows_each_change(small: Chart, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program, pattern = programs.build("chartcheck"), schemas.pattern()
    monkeypatch.setattr(programs, "build", lambda _: program)
    monkeypatch.setattr(schemas, "pattern", lambda: pattern)
    monkeypatch.setenv("SPARKPROOF_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    text = manifest() + "data: {switch: {{ .Values.switch | quote }}}\n"
    chart = with_template(small, text)

    def switch(**values: Any) -> str:
        (made,) = renderings.rendered([Case(chart, values=values)])
        return str(made.get("ConfigMap", "a")["data"]["switch"])

    assert [switch(), switch(switch=True), switch()] == ["false", "true", "false"]
    (chart.folder / "values.yaml").write_text("switch: 1\nlist: []\n")
    assert [switch(), switch(switch=True)] == ["1", "true"]
    with_template(chart, text.replace("| quote", "| toString | upper | quote"))
    assert [switch(), switch(switch=True)] == ["1", "TRUE"]
    with_template(chart, manifest(dta={}), "another.yaml")
    assert "additional properties 'dta' not allowed" in renderings.rendered([Case(chart)])[0].problems[0]
