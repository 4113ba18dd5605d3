"""What of the charts no rendering exercises: templates, branches of templates, and values that change nothing."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from sparkproof.charts import renderings
from sparkproof.charts.renderings import Case, Chart, Outcome, Values
from sparkproof.charts.values import read
from sparkproof.core import evidence, examples
from sparkproof.core.errors import CheckFailed, UsageError
from sparkproof.core.evidence import Level

Keys = tuple[str, ...]
# Helm's words of a value that the schema refuses.
_MISSHAPEN = "specifications of the schema"


@dataclass(frozen=True)
class Part:
    """One part of the charts: its `kind` ("template", "branch" or "value"), where it is, and whether it matters."""

    kind: str
    where: str
    exercised: bool


@dataclass(frozen=True)
class Coverage:
    """All parts of some charts, after `renderings` renderings."""

    parts: Sequence[Part]
    renderings: int

    @classmethod
    def of(cls, found: Sequence[Chart]) -> "Coverage":
        """Render the charts with every preset, all that goes together, every other value and whatever is refused."""
        effects = [Effects(chart) for chart in found]
        cases = renderings.every_preset(found)
        cases += [case for each in effects for case in each.cases.values()]
        cases += renderings.with_everything(found) + renderings.without_a_server(found)
        cases += [case for name in examples.every_impossible() for case in renderings.impossible(name).cases(found)]
        return cls([*_ways(cases), *_values(effects)], len(cases))

    @classmethod
    def of_presets(cls, found: Sequence[Chart]) -> "Coverage":
        """Render the charts with every preset, and look at templates and branches only."""
        cases = renderings.every_preset(found)
        return cls(list(_ways(cases)), len(cases))

    @classmethod
    def of_value(cls, found: Sequence[Chart], name: str) -> "Coverage":
        """Render other values of the key `name` alone, beside whatever may make it matter."""
        effects = [Effects(chart, name) for chart in found]
        parts = list(_values(effects))
        return cls(parts, len(parts))

    def __str__(self) -> str:
        """The shares by kind, and a line for each part that no rendering exercises."""
        lines = [f"{self.renderings} renderings"]
        for kind in self._kinds:
            every = [part for part in self.parts if part.kind == kind]
            never = [part for part in every if not part.exercised]
            lines.append(f"{kind}: {len(never)} of {len(every)} never exercised, {self.never(kind):.1f} %")
            lines += [f"  {part.where}" for part in never]
        return "\n".join(lines)

    def never(self, kind: str) -> float:
        """The part of this kind that no rendering exercises, in percent."""
        every = [part for part in self.parts if part.kind == kind]
        return 100 * sum(not part.exercised for part in every) / len(every)

    @property
    def _kinds(self) -> list[str]:
        return list(dict.fromkeys(part.kind for part in self.parts))

    def must_leave_less_than(self, percent: float) -> None:
        """Check that less than this share of each kind is never exercised."""
        if over := [kind for kind in self._kinds if self.never(kind) >= percent]:
            raise CheckFailed(f"{percent:g} % or more of one kind is never exercised ({', '.join(over)}).\n{self}")
        shares = ", ".join(f"{self.never(kind):.1f} % of each {kind}" for kind in self._kinds)
        evidence.prove(Level.RENDERED, f"Never exercised: {shares}", never_exercised=str(self))

    def must_name(self, file: str) -> None:
        """Check that something in the file of this name is said never to be exercised."""
        named = [part.where for part in self.parts if not part.exercised and file in part.where]
        if not named:
            raise CheckFailed(f"All of {file} is said to be exercised.\n{self}")
        evidence.prove(Level.RENDERED, f"{named[0]} is said never to be exercised")


def _ways(cases: Sequence[Case]) -> Iterator[Part]:
    folder = cases[0].chart.folder.parent
    for way in renderings.chartcheck(cases, "-branches"):
        # Each chart has a copy of the library; the branch is named where it is written.
        file = str(Path(way["file"]).relative_to(folder.resolve())).rpartition("/charts/")[2]
        yield Part("template" if way["template"] else "branch", f"{file}:{way['line']} {way['words']}", way["taken"])


@dataclass(frozen=True)
class Effects:
    """Which values of a chart change what it renders.

    Each value is given another one: alone, beside other values of its neighbours, and beside whatever else may make it
    matter, which is a preset, a switch or an example. Only the key `only` is looked at, where one is given.
    """

    chart: Chart
    only: str = ""

    @cached_property
    def others(self) -> Mapping[Keys, Any]:
        """Another value for each key; raises UsageError for one that needs an example in its schema."""
        found = {keys: self._other(keys, value) for keys, value in renderings.leaves(self.chart.values)}
        versions = [each for each in self.chart.versions if each != self.chart.about["appVersion"]]
        found["sparkVersion",] = versions[0] if versions else None
        return {keys: value for keys, value in found.items() if value is not None and self.only in ("", keys[0])}

    @cached_property
    def cases(self) -> Mapping[Keys, Case]:
        """For each key that matters, a case in which another value of it changes what comes of the chart."""
        presets: list[Values] = [read(preset) for preset in self.chart.presets]
        found = _cases(self._that_matter([(keys, {}) for keys in self.others]))
        found |= _cases(self._that_matter([(k, each) for k in self._but(found) for each in presets if k[0] in each]))
        found |= _cases(self._that_matter([(keys, self._neighbours(keys)) for keys in self._but(found)]))
        for contexts in self._contexts(presets):
            found = self._beside(contexts, found)
        return found

    def _beside(self, contexts: Sequence[Values], known: Mapping[Keys, Case]) -> dict[Keys, Case]:
        """What is `known` to matter, and what matters beside one of `contexts`.

        What makes one value of a component matter makes most others of it matter, and few contexts do: so one value of
        each component is tried beside all, and the others beside the context that this has shown.
        """
        firsts = {keys[0]: keys for keys in reversed(self._but(known))}
        fruitful = self._that_matter([(keys, each) for keys in firsts.values() for each in contexts])
        found = {**known, **_cases(fruitful)}
        beside = {keys[0]: values for keys, values, _ in fruitful}
        return found | _cases(self._that_matter([(k, beside[k[0]]) for k in self._but(found) if k[0] in beside]))

    def _but(self, found: Mapping[Keys, Case]) -> list[Keys]:
        return [keys for keys in self.others if keys not in found]

    def _that_matter(self, tried: Sequence[tuple[Keys, Values]]) -> list[tuple[Keys, Values, Case]]:
        """Of these keys, each beside what is given with it, those that matter, with the case that shows it."""
        if not tried:
            return []
        pairs = [self._pair(*each) for each in tried]
        cases = {str(case): case for pair in pairs for case in pair}
        made = dict(zip(cases, renderings.outcomes(list(cases.values())), strict=True))
        return [
            (keys, beside, having)
            for (keys, beside), (without, having) in zip(tried, pairs, strict=True)
            if _differ(made[str(without)], made[str(having)])
        ]

    def _neighbours(self, keys: Keys) -> Values:
        found: Values = {}
        for each, value in self.others.items():
            if each[:-1] == keys[:-1] and each != keys:
                found = renderings.merged(found, renderings.nested(each, value))
        return found

    def _contexts(self, presets: Sequence[Values]) -> Iterator[list[Values]]:
        """Examples of components, presets; each switch and choice; each preset with each example, and with all on."""
        groups = sorted({keys[:depth] for keys in self.others for depth in range(1, len(keys))})
        examples = [renderings.nested(keys, each) for keys in groups for each in self._schema(keys).get("examples", [])]
        yield [*examples, *presets]
        yield [
            renderings.nested(keys, value)
            for keys, value in self.others.items()
            if isinstance(value, bool) or "enum" in self._schema(keys)
        ]
        yield [renderings.merged(preset, example) for preset in presets for example in examples]
        yield [renderings.merged(preset, renderings.everything_on(self.chart)) for preset in presets]

    def _pair(self, keys: Keys, beside: Values) -> tuple[Case, Case]:
        """The chart without and with a value of this key that is not its own, its component switched on."""
        for depth in range(1, len(keys)):
            switch = (*keys[:depth], "enabled")
            if switch != keys and _at(self.chart.values, switch) is not None and _at(beside, switch) is None:
                beside = renderings.merged(beside, renderings.nested(switch, True))
        own, given = _at(self.chart.values, keys), _at(beside, keys)
        if given in (None, own):
            return self._case(beside), self._case(renderings.merged(beside, renderings.nested(keys, self.others[keys])))
        return self._case(renderings.merged(beside, renderings.nested(keys, own))), self._case(beside)

    def _case(self, values: Values) -> Case:
        return Case(self.chart, values=values)

    def _other(self, keys: Keys, value: Any) -> Any:
        schema = self._schema(keys)
        for each in (*schema.get("examples", []), *schema.get("enum", [])):
            if each != value:
                return each
        if isinstance(value, bool):
            return not value
        if isinstance(value, int):
            return value - 1 if value + 1 > schema.get("maximum", value + 1) else value + 1
        if keys == ("sparkVersion",):
            return None
        raise UsageError(
            f"No other value of {'.'.join(keys)} can be guessed: give one as `examples` in its schema in "
            "charts/spark-common/values, then run `make charts`."
        )

    def _schema(self, keys: Keys) -> Values:
        """What the chart's schema says of a key, references followed."""
        schema = self._resolved(self.chart.schema)
        for key in keys:
            schema = self._resolved(schema["properties"][key])
        return schema

    def _resolved(self, schema: Values) -> Values:
        if "$ref" not in schema:
            return schema
        definition = self.chart.schema["$defs"][schema["$ref"].removeprefix("#/$defs/")]
        return {**self._resolved(definition), **{name: value for name, value in schema.items() if name != "$ref"}}


def _cases(found: Sequence[tuple[Keys, Values, Case]]) -> dict[Keys, Case]:
    return {keys: case for keys, _, case in found}


def _at(values: Values, keys: Keys) -> Any:
    """The value at this path, or None."""
    found: Any = values
    for key in keys:
        found = found.get(key) if isinstance(found, Mapping) else None
    return found


def _differ(one: Outcome, other: Outcome) -> bool:
    """True if two outcomes differ, and not because one of the values is of the wrong form."""
    return one != other and not any(_MISSHAPEN in each.refusal for each in (one, other))


def _values(effects: Sequence[Effects]) -> Iterator[Part]:
    for of in effects:
        yield from (Part("value", f"{of.chart.name}: {'.'.join(keys)}", keys in of.cases) for keys in of.others)
