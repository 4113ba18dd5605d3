"""Renderings: what the charts make of cases, without a cluster, and what they refuse."""

# Longer than 300 lines: one verb for each Then about the charts.

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

from sparkproof.charts import answers, schemas
from sparkproof.charts.cases import (
    Case,
    every_misspelling,
    every_platform,
    every_preset,
    every_two_presets,
    everything_on,
    with_everything,
    with_preset,
    with_values,
    without_a_server,
)
from sparkproof.charts.chart import Chart, in_folder, remove, with_template, with_value
from sparkproof.charts.impossible import Impossible, can_work, impossible
from sparkproof.charts.promises import Promise, View
from sparkproof.charts.promises.view import component_of, differences, field
from sparkproof.charts.values import Values, leaves, merged, nested, read
from sparkproof.core import evidence
from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level

# All that a user of the room needs is found here.
__all__ = [
    "Case", "Chart", "Impossible", "Outcome", "Rendering", "Renderings", "Values",
    "can_work", "chartcheck", "every_misspelling", "every_platform", "every_preset", "every_two_presets",
    "everything_on", "impossible", "in_folder", "leaves", "merged", "nested", "outcomes", "remove", "render",
    "rendered", "texts", "with_everything", "with_preset", "with_template", "with_value", "with_values",
    "without_a_server",
]  # fmt: skip

_SHOWN = 10


@dataclass(frozen=True)
class Rendering:
    """The result of a case: the `refusal` in helm's words, or what `helm template` prints, and that taken apart.

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

    @cached_property
    def view(self) -> View:
        """The objects as promises look at them."""
        return View.of(self.case, self.objects)

    def get(self, kind: str, name: str) -> Mapping[str, Any]:
        """The object of this kind and name; raises StopIteration when there is none."""
        return next(each for each in self.objects if (each["kind"], each["metadata"]["name"]) == (kind, name))


def render(cases: Sequence[Case]) -> list[Rendering]:
    """Each case rendered by helm's own engine and held against the schemas, all in one process, on all cores.

    Raises process.CommandFailed when a chart cannot even be read.
    """
    made = answers.fresh(cases, "-schemas", schemas.pattern())
    return [_rendering(case, answer) for case, answer in zip(cases, made, strict=True)]


def rendered(cases: Sequence[Case]) -> list[Rendering]:
    """What `render` gives, or gave before from the same charts by the same program and schemas."""
    made = answers.kept(cases, "-schemas", schemas.pattern())
    return [_rendering(case, answer) for case, answer in zip(cases, made, strict=True)]


def taken_apart(cases: Sequence[Case]) -> list[Rendering]:
    """What `rendered` gives, held against no schema, which takes a part of the time."""
    return [_rendering(case, answer) for case, answer in zip(cases, answers.kept(cases), strict=True)]


def texts(cases: Sequence[Case]) -> list[str]:
    """What each case renders to, asked anew, and held against nothing; "" for one that is refused."""
    return [answer["text"] for answer in answers.fresh(cases, "-text")]


@dataclass(frozen=True)
class Outcome:
    """A case's outcome: a digest of what helm printed, and its words when it refused."""

    text: str
    refusal: str


def outcomes(cases: Sequence[Case]) -> list[Outcome]:
    """Return each case's outcome, held against nothing, which takes a fraction of the time of `render`."""
    return [Outcome(text, refusal) for text, refusal in answers.kept(cases, "-text", shorten=_outcome)]


def _outcome(answer: Mapping[str, Any]) -> tuple[str, str]:
    return hashlib.sha256(answer["text"].encode()).hexdigest(), answer["refusal"]


def chartcheck(cases: Sequence[Case], option: str) -> Sequence[Any]:
    """The answers of our own program for these cases, line by line."""
    return answers.of_all(cases, option)


def _rendering(case: Case, answer: Mapping[str, Any]) -> Rendering:
    files: dict[str, list[Mapping[str, Any]]] = {}
    for each in answer["objects"] or []:
        files.setdefault(each["source"], []).append(each["fields"])
    return Rendering(case, answer["refusal"], answer["text"], answer["notes"], files, answer["problems"] or [])


@dataclass(frozen=True)
class Renderings:
    """Renderings of several cases, and what must hold of them."""

    made: Sequence[Rendering]

    @classmethod
    def of(cls, cases: Sequence[Case]) -> "Renderings":
        """Render the cases."""
        return cls(rendered(cases))

    @classmethod
    def of_platforms(cls, charts: Sequence[Chart]) -> "Renderings":
        """Render every kind of platform that the charts can make, once in a run."""
        return _platforms(tuple(charts))

    @property
    def views(self) -> list[View]:
        """The renderings as promises look at them."""
        return [one.view for one in self._rendered]

    def without_standalone(self) -> "Renderings":
        """Only those whose executors are pods."""
        return Renderings([one for one in self.made if not one.view.standalone])

    def with_workers(self) -> "Renderings":
        """Only those whose executors are in the workers of a standalone cluster."""
        return Renderings([one for one in self.made if one.view.standalone])

    def must_be_the_same_again(self) -> None:
        """Check that every possible case renders, and each to the same text another time."""
        self._must_render()
        again = texts([one.case for one in self.made])
        changed = [str(one.case) for one, text in zip(self.made, again, strict=True) if one.text != text]
        self._none("renders to another text the second time", changed)
        self._prove(f"{len(self._rendered)} renderings were the same when repeated")

    def must_be_the_same_in_any_order(self) -> None:
        """Check that presets were rendered in several orders, and that no order of the same ones gives another text."""
        self._must_render()
        first: dict[Any, Rendering] = {}
        for one in self._rendered:
            first.setdefault((one.case.chart, one.case.version, frozenset(one.case.presets)), one)
        others = [(one, first[one.case.chart, one.case.version, frozenset(one.case.presets)]) for one in self._rendered]
        changed = [f"{one.case.brief} and {other.case.brief}" for one, other in others if one.text != other.text]
        self._none("renders otherwise in another order", changed)
        if (count := len(others) - len(first)) < 1:
            raise CheckFailed(f"None of {len(self.made)} renderings has the presets of another in another order.")
        self._prove(f"{count} renderings were the same with their presets in another order")

    def must_fit_kubernetes(self) -> None:
        """Check that every possible case renders, and only to objects that Kubernetes' schemas know, field by field."""
        self._must_render()
        wrong = [f"{one.case.brief}: {problem}" for one in self.made for problem in one.problems]
        self._none("does not fit Kubernetes' schemas", wrong)
        count = sum(len(one.objects) for one in self.made)
        self._prove(f"{count} objects of {len(self._rendered)} renderings fit the schemas of {schemas.of()}")

    def must_not_fit_kubernetes(self, field: str) -> None:
        """Check that the schemas find this field in every rendering."""
        self._must_render()
        found = {str(one.case): [problem for problem in one.problems if field in problem] for one in self._rendered}
        self._none(f"is said to fit, with {field}", [case for case, problems in found.items() if not problems])
        self._prove(f"Kubernetes' schemas know no {field}", found=found)

    def must_keep(self, promise: Promise) -> None:
        """Check that every possible case renders, and that nothing in it breaks the promise."""
        self._must_render()
        wrong = [f"{one.case.brief}: {breach}" for one in self._rendered for breach in promise.breaches(one.view)]
        if wrong:
            more = f", and {len(wrong) - 1} more like it" if len(wrong) > 1 else ""
            raise CheckFailed(f"{wrong[0]}{more}: broken is the promise that {promise.sentence}.")
        self._prove(f"In {len(self._rendered)} renderings {promise.sentence}")

    def must_set(self, settings: Mapping[str, str]) -> None:
        """Check that in each case every driver has these settings, and no other value of one."""
        self._must_render()
        wrong = [
            f"{one.case.brief}: {breach}"
            for one in self._rendered
            for component, found in one.view.of_drivers.items()
            for breach in differences(component, found, settings)
        ]
        self._none("is set up otherwise", wrong)
        self._prove(f"Drivers of {len(self._rendered)} renderings have {len(settings)} settings", settings=settings)

    def must_have(self, kind: str, component: str, fields: Mapping[str, str]) -> None:
        """Check that each case has the object of this kind of a component, with these fields by their paths."""
        self._must_render()
        wrong = []
        for one in self._rendered:
            found = [each for each in one.view.kind(kind) if component_of(each) == component]
            wrong += [] if found else [f"{one.case.brief}: {component} has no {kind}"]
            told = [{path: field(each, path) for path in fields} for each in found]
            wrong += [
                f"{one.case.brief}: {line}"
                for each in told
                for line in differences(f"{kind} of {component}", each, fields)
            ]
        self._none("is not as the preset has to make it", wrong)
        self._prove(f"{len(self._rendered)} renderings have the {kind} of {component}", fields=fields)

    def must_need_secrets(self, names: Sequence[str]) -> None:
        """Check that pods of each case are given values of these Secrets, and of no other."""
        self._must_render()
        needed = {
            one.case.brief: sorted({name for pod in one.view.running for name in pod.secrets}) for one in self._rendered
        }
        wrong = [f"{case}: pods need the Secrets {found}" for case, found in needed.items() if found != sorted(names)]
        self._none(f"needs other Secrets than {sorted(names)}", wrong)
        self._prove(f"Pods of {len(self._rendered)} renderings need the Secrets {', '.join(names)}")

    def must_give(self, settings: Sequence[tuple[str, str, str]]) -> None:
        """Check that presets give Spark these settings, each as (preset, setting, value), and no others."""
        self._must_render()
        given = {
            (preset.name.removesuffix("-values.yaml"), setting, str(value)): one.case.brief
            for one in self._rendered
            for preset in one.case.presets
            for setting, value in read(preset).get("sparkConf", {}).items()
        }
        more = [f"{given[each]} sets {each[1]} to {each[2]!r}" for each in given if each not in settings]
        missing = [f"no preset {each[0]} sets {each[1]} to {each[2]!r}" for each in settings if each not in given]
        self._none("sets Spark up otherwise", [*more, *missing])
        self._prove(f"Presets of {len(self._rendered)} renderings give {len(settings)} settings", settings=settings)

    def must_place_executors_on(self, label: str) -> None:
        """Check that whatever executors run in goes only to nodes with this label ("KEY=VALUE")."""
        key, _, value = label.partition("=")
        wrong = [
            f"{one.case.brief}: {pod.where} has the nodeSelector {pod.spec.get('nodeSelector')}"
            for one in self._rendered
            for pod in one.view.of_executors
            if pod.spec.get("nodeSelector", {}).get(key) != value
        ]
        self._prove_of_executors("goes elsewhere", wrong, f"go to nodes labelled {label}")

    def must_let_executors_accept(self, taint: str) -> None:
        """Check that whatever executors run in accepts nodes with this taint ("KEY=VALUE:EFFECT"), and no other."""
        labelled, _, effect = taint.partition(":")
        key, _, value = labelled.partition("=")
        accepting: Values = {"key": key, "operator": "Equal", "value": value, "effect": effect} if value else {
            "key": key, "operator": "Exists", "effect": effect,
        }  # fmt: skip
        wrong = [
            f"{one.case.brief}: {pod.where} has the tolerations {pod.spec.get('tolerations')}"
            for one in self._rendered
            for pod in one.view.of_executors
            if pod.spec.get("tolerations") != [accepting]
        ]
        self._prove_of_executors(f"does not accept {taint} alone", wrong, f"accept {taint} alone")

    def _prove_of_executors(self, what: str, wrong: Sequence[str], seen: str) -> None:
        self._must_render()
        self._none(what, wrong)
        self._prove(f"Executors of {len(self._rendered)} renderings {seen}")

    def must_be_refused(self, reason: str) -> None:
        """Check that none of the cases renders, and that each refusal says this."""
        wrong = [f"{one.case.brief}: {one.refusal or 'renders'}" for one in self.made if reason not in one.refusal]
        self._none(f"is not refused with {reason!r}", wrong)
        self._prove(f"{len(self.made)} cases were refused", refusals=sorted({one.refusal for one in self.made}))

    def must_name_what_is_unknown(self) -> None:
        """Check that each case has a key that its chart does not have, and that the refusal names it and its place."""
        self._none("has no unknown setting", [one.case.brief for one in self.made if not one.case.unknown])
        wrong = [
            f"{one.case.brief}: {one.refusal or 'renders'}"
            for one in self.made
            for *place, name in [one.case.unknown]
            if f"at '{''.join(f'/{each}' for each in place)}'" not in one.refusal or f"'{name}'" not in one.refusal
        ]
        self._none("does not name the unknown setting", wrong)
        self._prove(f"{len(self.made)} refusals name the setting that is unknown")

    @property
    def _rendered(self) -> list[Rendering]:
        return [one for one in self.made if not one.refusal]

    def _must_render(self) -> None:
        """Check that all that can work renders, and nothing else."""
        wrong = [
            f"{one.case.brief}: {one.refusal or 'renders, though it cannot work'}"
            for one, works in zip(self.made, can_work([one.case for one in self.made]), strict=True)
            if works == bool(one.refusal)
        ]
        self._none("is wrongly refused, or wrongly not", wrong)

    def _none(self, what: str, wrong: Sequence[str]) -> None:
        if wrong:
            more = [f"and {len(wrong) - _SHOWN} more"] if len(wrong) > _SHOWN else []
            others = "".join(f"\n  {line}" for line in [*wrong[1:_SHOWN], *more])
            # A ledger keeps the first line, which therefore has the first cause.
            raise CheckFailed(f"{len(wrong)} of what {len(self.made)} renderings gave {what}: {wrong[0]}{others}")

    def _prove(self, seen: str, **what: Any) -> None:
        evidence.prove(Level.RENDERED, seen, cases=[str(one.case) for one in self.made], **what)


@cache
def _platforms(charts: tuple[Chart, ...]) -> Renderings:
    return Renderings.of(every_platform(charts))
