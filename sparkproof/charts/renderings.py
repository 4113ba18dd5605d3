"""The charts under test: what they make of values, without a cluster, and what they refuse."""

import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import permutations
from pathlib import Path
from typing import Any

import yaml

from sparkproof.build import programs, versions
from sparkproof.charts import schemas
from sparkproof.core import evidence, examples, process, timeouts
from sparkproof.core.errors import CheckFailed, UsageError
from sparkproof.core.evidence import Level

Values = Mapping[str, Any]
_SHOWN = 10


@dataclass(frozen=True)
class Chart:
    """A chart that can be installed, in its folder."""

    folder: Path

    @property
    def name(self) -> str:
        return self.folder.name

    @cached_property
    def about(self) -> Values:
        """What Chart.yaml says."""
        return dict(yaml.safe_load((self.folder / "Chart.yaml").read_text()))

    @cached_property
    def versions(self) -> tuple[str, ...]:
        """The Spark versions that the chart installs."""
        return tuple(yaml.safe_load((self.folder / "versions.yaml").read_text())["spark"])

    @cached_property
    def presets(self) -> tuple[Path, ...]:
        return tuple(sorted((self.folder / "presets").glob("*-values.yaml")))

    @cached_property
    def values(self) -> Values:
        """The values that hold where none are given."""
        return dict(yaml.safe_load((self.folder / "values.yaml").read_text()))

    @cached_property
    def schema(self) -> Values:
        return dict(json.loads((self.folder / "values.schema.json").read_text()))


def in_folder(folder: Path) -> list[Chart]:
    """The charts in `folder` that can be installed, since they have a version; raises UsageError when there is none."""
    found = [Chart(path.parent) for path in sorted(folder.resolve().glob("*/Chart.yaml"))]
    if charts := [chart for chart in found if chart.about.get("type") != "library" and chart.versions]:
        return charts
    raise UsageError(f"There is no chart in {folder}: name the folder that holds them by -D charts=FOLDER.")


@dataclass(frozen=True)
class Case:
    """What a chart is rendered with: presets, weakest first, and values over them; `version` is Spark's, if chosen."""

    chart: Chart
    version: str = ""
    presets: tuple[Path, ...] = ()
    values: Values = field(default_factory=dict)
    release: str = "spark"
    namespace: str = "team"

    def __str__(self) -> str:
        presets = "+".join(preset.name.removesuffix("-values.yaml") for preset in self.presets)
        given = json.dumps(self.values) if self.values else ""
        return " ".join(filter(None, [self.chart.name, self.version, presets, given]))

    @property
    def given(self) -> Values:
        """The values over the presets."""
        return {**self.values, **({"sparkVersion": self.version} if self.version else {})}

    @cached_property
    def effective(self) -> Values:
        """All values as the templates see them, with Spark's version named."""
        found: Values = {**self.chart.values, "sparkVersion": str(self.chart.about["appVersion"])}
        for preset in self.presets:
            found = merged(found, yaml.safe_load(preset.read_text()))
        return merged(found, self.given)

    def request(self) -> Values:
        """The case as chartcheck is asked for it."""
        return {
            "chart": str(self.chart.folder),
            "release": self.release,
            "namespace": self.namespace,
            "files": [str(preset) for preset in self.presets],
            "values": self.given,
        }


@dataclass(frozen=True)
class Rendering:
    """What came of a case: the `refusal` in helm's words, or what `helm template` prints, and that taken apart.

    `files` are the objects of each template by its path in the chart; `problems` say which of them, or of the objects
    that ConfigMaps carry, Kubernetes' schemas do not know.
    """

    case: Case
    refusal: str
    text: str
    notes: str
    files: Mapping[str, Sequence[Mapping[str, Any]]]
    problems: Sequence[str]

    @property
    def objects(self) -> list[Mapping[str, Any]]:
        return [each for objects in self.files.values() for each in objects]

    def get(self, kind: str, name: str) -> Mapping[str, Any]:
        """The object of this kind and name; raises StopIteration when there is none."""
        return next(each for each in self.objects if (each["kind"], each["metadata"]["name"]) == (kind, name))


def render(cases: Sequence[Case]) -> list[Rendering]:
    """Each case rendered by helm's own engine and held against the schemas, all in one process, on all cores.

    Raises process.CommandFailed when a chart cannot even be read.
    """
    answers = chartcheck(cases, "-schemas", schemas.pattern())
    return [_rendering(case, answer) for case, answer in zip(cases, answers, strict=True)]


@dataclass(frozen=True)
class Outcome:
    """What came of a case, as text: what helm printed, or its words when it refused."""

    text: str
    refusal: str


def outcomes(cases: Sequence[Case]) -> list[Outcome]:
    """What comes of each case, held against nothing, which takes a fraction of the time of `render`."""
    return [Outcome(answer["text"], answer["refusal"]) for answer in chartcheck(cases, "-text")]


def chartcheck(cases: Sequence[Case], *options: str) -> Iterator[Any]:
    """What our own program says of these cases, line by line."""
    asked = "".join(json.dumps(case.request(), default=str) + "\n" for case in cases)
    done = process.run([programs.build("chartcheck"), *options], timeout_s=timeouts.CHARTS, input_text=asked)
    return map(json.loads, done.stdout.splitlines())


def _rendering(case: Case, answer: Mapping[str, Any]) -> Rendering:
    files: dict[str, list[Mapping[str, Any]]] = {}
    for each in answer["objects"] or []:
        files.setdefault(each["source"], []).append(each["fields"])
    return Rendering(case, answer["refusal"], answer["text"], answer["notes"], files, answer["problems"] or [])


def every_preset(charts: Sequence[Chart]) -> list[Case]:
    """Each chart in each version, without presets and with each."""
    return [
        Case(chart, version, presets)
        for chart in charts
        for version in chart.versions
        for presets in [(), *((preset,) for preset in chart.presets)]
    ]


def every_two_presets(charts: Sequence[Chart]) -> list[Case]:
    """Each chart in each version with each two presets in both orders, and with all of them."""
    return [
        Case(chart, version, presets)
        for chart in charts
        for version in chart.versions
        for presets in [*permutations(chart.presets, 2), chart.presets]
    ]


def every_misspelling(charts: Sequence[Chart]) -> list[Case]:
    """Each chart with each of its keys written wrong, one at a time."""
    return [
        Case(chart, values=nested((*keys[:-1], f"{keys[-1]}x"), value))
        for chart in charts
        for keys, value in {
            path[:depth]: value for path, value in leaves(chart.values) for depth in range(1, len(path) + 1)
        }.items()
    ]


def with_template(charts: Sequence[Chart], template: Path) -> list[Chart]:
    """The charts in a folder of their own, each with another template; `remove` removes them."""
    folder = shutil.copytree(charts[0].folder.parent, Path(tempfile.mkdtemp(), "charts"))
    copies = [Chart(folder / chart.name) for chart in charts]
    for copy in copies:
        shutil.copy(template, copy.folder / "templates")
    return copies


def remove(copies: Sequence[Chart]) -> None:
    """Remove charts that `with_template` made."""
    shutil.rmtree(copies[0].folder.parent.parent)


def merged(values: Values, over: Values) -> Values:
    """`values` with `over` laid over them, as helm does: maps are merged, all else is replaced."""
    found = dict(values)
    for key, value in over.items():
        both = isinstance(value, Mapping) and isinstance(found.get(key), Mapping)
        found[key] = merged(found[key], value) if both else value
    return found


def leaves(values: Values, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every key that has a value of its own, by its path; an empty map is a value."""
    for key, value in values.items():
        if isinstance(value, Mapping) and value:
            yield from leaves(value, (*path, key))
        else:
            yield (*path, key), value


def nested(keys: Sequence[str], value: Any) -> dict[str, Any]:
    """Values that set only the key at this path."""
    for key in reversed(keys):
        value = {key: value}
    return dict(value)


@dataclass(frozen=True)
class Impossible:
    """Settings that cannot work together, named in words; `values` are the fewest that are refused."""

    name: str
    values: Values

    def cases(self, charts: Sequence[Chart]) -> list[Case]:
        """The settings for each chart that has them (and the version, where one has it); raises UsageError for none."""
        version = self.values.get("sparkVersion")
        having = [chart for chart in charts if version in chart.versions] or list(charts)
        found = [Case(chart, values=self.values) for chart in having if self._concerns(chart)]
        if not found:
            raise UsageError(f"No chart has what {self.name!r} is about: {', '.join(self.values)}.")
        return found

    def _concerns(self, chart: Chart) -> bool:
        return all(_knows(chart.values, keys) for keys, _ in leaves(self.values))

    def within(self, case: Case) -> bool:
        """Whether the case sets all of it."""
        return merged(case.effective, self.values) == case.effective


def impossible(name: str) -> Impossible:
    """The impossible settings that a criterion names in words."""
    return Impossible(name, examples.impossible(name))


def _without_rapids() -> Iterator[Impossible]:
    """Yield GPUs with each Spark version that has no image with RAPIDS, or no shim of its own."""
    for spark in map(versions.spark, versions.names()):
        image: Values = {"image": {"tag": "", "digest": ""}}
        lacking = image if spark.rapids is None else {"gpu": {"forcedShim": ""}} if spark.forced_shim else {}
        if lacking:
            asked = {"sparkVersion": spark.name, "gpu": {"enabled": True}}
            yield Impossible(f"GPUs with Spark {spark.name}", merged(asked, lacking))


def _knows(values: Values, keys: Sequence[str]) -> bool:
    """Whether there is a key at this path; a map that is empty takes any."""
    found: Any = values
    for key in keys:
        if found == {}:
            return True
        if not isinstance(found, Mapping) or key not in found:
            return False
        found = found[key]
    return True


def can_work(cases: Sequence[Case]) -> list[bool]:
    """Return, for each case, True if it is without anything that is known to be impossible."""
    known = [*map(impossible, examples.every_impossible()), *_without_rapids()]
    return [not any(each.within(case) for each in known) for case in cases]


@dataclass(frozen=True)
class Renderings:
    """What the charts made of several cases."""

    made: Sequence[Rendering]

    @classmethod
    def of(cls, cases: Sequence[Case]) -> "Renderings":
        """Render the cases."""
        return cls(render(cases))

    def must_be_the_same_again(self) -> None:
        """Check that every possible case renders, and each to the same text another time."""
        self._must_render()
        again = render([one.case for one in self.made])
        changed = [str(one.case) for one, other in zip(self.made, again, strict=True) if one.text != other.text]
        self._none("renders to another text the second time", changed)
        self._prove(f"{len(self._rendered)} renderings were the same when repeated")

    def must_fit_kubernetes(self) -> None:
        """Check that every possible case renders, and only to objects that Kubernetes' schemas know, field by field."""
        self._must_render()
        wrong = [f"{one.case}: {problem}" for one in self.made for problem in one.problems]
        self._none("does not fit Kubernetes' schemas", wrong)
        count = sum(len(one.objects) for one in self.made)
        self._prove(f"{count} objects of {len(self._rendered)} renderings fit the schemas of {schemas.of()}")

    def must_not_fit_kubernetes(self, field: str) -> None:
        """Check that the schemas find this field in every rendering."""
        self._must_render()
        found = {str(one.case): [problem for problem in one.problems if field in problem] for one in self._rendered}
        self._none(f"is said to fit, with {field}", [case for case, problems in found.items() if not problems])
        self._prove(f"Kubernetes' schemas know no {field}", found=found)

    def must_be_refused(self, reason: str) -> None:
        """Check that none of the cases renders, and that each refusal says this."""
        wrong = [f"{one.case}: {one.refusal or 'renders'}" for one in self.made if reason not in one.refusal]
        self._none(f"is not refused with {reason!r}", wrong)
        self._prove(f"{len(self.made)} cases were refused", refusals=sorted({one.refusal for one in self.made}))

    @property
    def _rendered(self) -> list[Rendering]:
        return [one for one in self.made if not one.refusal]

    def _must_render(self) -> None:
        """Check that all that can work renders, and nothing else."""
        wrong = [
            f"{one.case}: {one.refusal or 'renders, though it cannot work'}"
            for one, works in zip(self.made, can_work([one.case for one in self.made]), strict=True)
            if works == bool(one.refusal)
        ]
        self._none("is wrongly refused, or wrongly not", wrong)

    def _none(self, what: str, wrong: Sequence[str]) -> None:
        if wrong:
            more = [f"and {len(wrong) - _SHOWN} more"] if len(wrong) > _SHOWN else []
            first = "\n".join(f"  {line}" for line in [*wrong[:_SHOWN], *more])
            raise CheckFailed(f"{len(wrong)} of what {len(self.made)} renderings gave {what}.\n{first}")

    def _prove(self, seen: str, **what: Any) -> None:
        evidence.prove(Level.RENDERED, seen, cases=[str(one.case) for one in self.made], **what)
