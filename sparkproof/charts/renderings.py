"""Renderings: what the charts make of cases, without a cluster, and what they refuse."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sparkproof.charts import answers, schemas
from sparkproof.charts.cases import Case, every_misspelling, every_preset, every_two_presets
from sparkproof.charts.chart import Chart, in_folder, remove, with_template
from sparkproof.charts.impossible import Impossible, can_work, impossible
from sparkproof.charts.values import Values, leaves, merged, nested
from sparkproof.core import evidence
from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level

# All that a user of the room needs is found here.
__all__ = [
    "Case", "Chart", "Impossible", "Outcome", "Rendering", "Renderings", "Values",
    "can_work", "chartcheck", "every_misspelling", "every_preset", "every_two_presets", "impossible", "in_folder",
    "leaves", "merged", "nested", "outcomes", "remove", "render", "with_template",
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

    def get(self, kind: str, name: str) -> Mapping[str, Any]:
        """The object of this kind and name; raises StopIteration when there is none."""
        return next(each for each in self.objects if (each["kind"], each["metadata"]["name"]) == (kind, name))


def render(cases: Sequence[Case]) -> list[Rendering]:
    """Each case rendered by helm's own engine and held against the schemas, all in one process, on all cores.

    Raises process.CommandFailed when a chart cannot even be read.
    """
    made = answers.fresh(cases, "-schemas", schemas.pattern())
    return [_rendering(case, answer) for case, answer in zip(cases, made, strict=True)]


@dataclass(frozen=True)
class Outcome:
    """A case's outcome: a digest of what helm printed, and its words when it refused."""

    text: str
    refusal: str


def outcomes(cases: Sequence[Case]) -> list[Outcome]:
    """Return each case's outcome, held against nothing, which takes a fraction of the time of `render`."""
    return [Outcome(text, refusal) for text, refusal in answers.kept(cases, "-text", _outcome)]


def _outcome(answer: Mapping[str, Any]) -> tuple[str, str]:
    return hashlib.sha256(answer["text"].encode()).hexdigest(), answer["refusal"]


def chartcheck(cases: Sequence[Case], option: str) -> Sequence[Any]:
    """The answers of our own program for these cases, line by line."""
    return answers.kept(cases, option)


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
