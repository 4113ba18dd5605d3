"""The second stage: what no check without a cluster notices is installed, and criteria have to turn red.

A copy of the charts passes each object through the faults before it is rendered, whatever the release's name. Mutants
about which the same criteria promise something go into one copy; when those turn red, the batch is halved.
"""

import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from sparkproof.charts.promises.view import DEFAULTS, component_of
from tests.mutants.judge import Verdict
from tests.mutants.mutants import DROPPED, Mutant
from tests.mutants.page import reason

ROOT = Path(__file__).resolve().parents[2]
OWN_TESTS = r"A (standalone )?platform (with notebooks )?passes the tests of its chart"
# The criteria that promise something about an object, by the words of a mutant's line; the first that fits counts.
CRITERIA = (
    (r": Pod ", OWN_TESTS),
    (r"(ServiceMonitor|PodMonitor|spark\.metrics)", "Driver and executors of Spark 4.1.1 serve metrics"),
    (r"jupyter", "A platform with notebooks passes the tests of its chart"),
    (r"spark-standalone", "A standalone platform passes the tests of its chart"),
    (r"", "A platform passes the tests of its chart"),
)
_RENDERED = '{{ include (printf "spark-common.%s" .) $component }}'
_MUTATED = '{{ include "mutants" (include (printf "spark-common.%s" .) $component) }}'


def judged(mutants: Sequence[Mutant], verdicts: Sequence[Verdict], ends: float) -> list[Verdict]:
    """Install the platforms of mutants that live, in batches until the time `ends`, and look which criteria fail."""
    by_line = {str(each): each for each in mutants}
    batches: dict[str, list[Mutant]] = {}
    for each in verdicts:
        if not each.by and not each.changes_nothing and not reason(each.mutant):
            batches.setdefault(criteria(each.mutant), []).append(by_line[each.mutant])
    noticed = dict(found for names, batch in batches.items() for found in _noticed(batch, names, ends))
    return [replace(each, by=noticed[each.mutant], words="") if each.mutant in noticed else each for each in verdicts]


def criteria(mutant: str) -> str:
    """The names of the criteria that have to notice a mutant, as a pattern."""
    return next(names for pattern, names in CRITERIA if re.search(pattern, mutant))


def _noticed(batch: Sequence[Mutant], names: str, ends: float) -> Iterator[tuple[str, str]]:
    """Yield the lines of the mutants that turn these criteria red, with what did."""
    if not batch or time.monotonic() > ends or _green(batch, names):
        return
    if len(batch) == 1:
        yield str(batch[0]), f"on a cluster: {names}"
        return
    middle = len(batch) // 2
    for half in (batch[:middle], batch[middle:]):
        yield from _noticed(half, names, ends)


def _green(batch: Sequence[Mutant], names: str) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        charts = copy(batch, Path(folder))
        asked = [f"--name=^{names}( -- .*)?$", "-D", f"charts={charts}", "-D", f"reports={folder}/reports"]
        command = [sys.executable, "-m", "behave", "--format=null", *asked]
        return subprocess.run(command, cwd=ROOT, check=False, stdout=subprocess.DEVNULL).returncode == 0


def copy(batch: Sequence[Mutant], folder: Path) -> Path:
    """Copy the charts, with these faults in what they render, into a folder; returns where they are."""
    charts = shutil.copytree(ROOT / "charts", folder / "charts")
    for library in charts.glob("*/charts/spark-common/templates"):
        objects = library / "_objects.tpl"
        objects.write_text(objects.read_text().replace(_RENDERED, _MUTATED))
        (library / "_mutants.tpl").write_text(_template([m for m in batch if m.view.case.chart.name in library.parts]))
    return charts


def _template(batch: Sequence[Mutant]) -> str:
    faults = "\n".join(map(_fault, batch))
    return (
        '{{- define "mutants" -}}\n{{- range $text := splitList "\\n---\\n" (printf "\\n%s" .) }}\n'
        "{{- with $object := fromYaml $text }}\n"
        + faults
        + "\n{{- with $object }}\n---\n{{ toYaml . }}\n{{- end }}\n{{- end }}\n{{- end }}\n{{- end -}}\n"
    )


def _fault(mutant: Mutant) -> str:
    """Write the template's lines that put the fault into its object."""
    found = mutant.view.objects[mutant.at]
    name = str(found["metadata"]["name"])
    kept = re.sub(r"-[0-9a-f]{8}$", "-", name) if found["kind"] == "Job" else name
    part = kept.removeprefix(mutant.view.case.release)
    matches = f'and (eq $object.kind "{found["kind"]}") (contains "{part}" $object.metadata.name)'
    labelled = f'(eq (index $object.metadata.labels "app.kubernetes.io/component") "{component_of(found)}")'
    headless = f'(eq {str(name.endswith("-headless")).lower()} (hasSuffix "-headless" $object.metadata.name))'
    return f"{{{{- if {matches} {labelled} {headless} }}}}\n{_change(mutant)}\n{{{{- end }}}}"


def _change(mutant: Mutant) -> str:
    path = list(mutant.path)
    if not path:
        return "{{- $object = dict }}"
    if path[:1] == ["data"] and DEFAULTS in path and len(path) == 3:
        line = "" if mutant.becomes is DROPPED else f"{path[2]}={mutant.becomes}\n"
        asked = json.dumps(f"(?m)^{re.escape(str(path[2]))}=.*\n?")
        return (
            f'{{{{- $_ := set $object.data "{DEFAULTS}" '
            f'(regexReplaceAllLiteral {asked} (index $object.data "{DEFAULTS}") {json.dumps(line)}) }}}}'
        )
    inner = ""
    steps = ["{{- $node := $object }}"]
    if path[:1] == ["data"] and len(path) > 2:
        inner = str(path[1])
        steps = [f'{{{{- $inner := index $object.data "{inner}" | fromYaml }}}}', "{{- $node := $inner }}"]
        path = path[2:]
    steps += [f"{{{{- $node = index $node {json.dumps(key)} }}}}" for key in _to_parent(path)]
    steps.append(_set(path, mutant.becomes))
    if inner:
        steps.append(f'{{{{- $_ := set $object.data "{inner}" (toYaml $inner) }}}}')
    return "\n".join(steps)


def _to_parent(path: Sequence[str | int]) -> Sequence[str | int]:
    """The keys to the map that is changed: an item of a list is changed in the map that has the list."""
    last = len(path) - 1
    while isinstance(path[last], int):
        last -= 1
    return path[:last]


def _set(path: Sequence[str | int], becomes: object) -> str:
    keys = path[len(_to_parent(path)) :]
    name = json.dumps(keys[0])
    value = f"({json.dumps(json.dumps(becomes))} | fromJson)" if isinstance(becomes, dict) else json.dumps(becomes)
    if len(keys) == 1:
        return f"{{{{- $_ := {f'unset $node {name}' if becomes is DROPPED else f'set $node {name} {value}'} }}}}"
    at = int(keys[1])
    middle = "list" if becomes is DROPPED else f"(list {value})"
    items = f"(index $node {name})"
    return (
        f"{{{{- $_ := set $node {name} (concat (slice {items} 0 {at}) {middle} "
        f"(slice {items} {at + 1} (len {items}))) }}}}"
    )
