"""Charts with everything on, of which one value or one part is another: promises have to hold whatever users change."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sparkproof.charts import cases, promises, renderings
from sparkproof.charts.cases import Case
from sparkproof.charts.chart import Chart
from sparkproof.charts.coverage import Effects, Keys
from sparkproof.charts.values import leaves, merged, nested
from sparkproof.core import evidence
from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level

# So many are in memory at once.
_AT_ONCE = 20
# Some values cannot stand beside all others, such as a request above its limit.
_REFUSED_AT_MOST = 0.1
# Keys whose other values say only that something is not there.
_SWITCHES = ("enabled", "existingSecret", "sparkVersion")


@dataclass(frozen=True)
class Changes:
    """The cases of these charts in which one value is another than usual, or one part that can be on is off."""

    charts: Sequence[Chart]

    @property
    def cases(self) -> list[Case]:
        # Charts of the same values are of one making, for another Spark: the last one, the newest, stands for them.
        apart = {frozenset(keys for keys, _ in leaves(chart.values)): chart for chart in self.charts}
        return [each for chart in apart.values() for each in _changed(chart)]

    def must_keep_promises(self) -> None:
        """Check that every promise holds in each case that the charts do not refuse, and that they refuse few."""
        every, kept, refused = self.cases, promises.every(), list[str]()
        for first in range(0, len(every), _AT_ONCE):
            for one in renderings.taken_apart(every[first : first + _AT_ONCE]):
                if one.refusal:
                    refused.append(f"{_change(one.case)}: {one.refusal}")
                    continue
                for promise in kept:
                    if breach := next(iter(promise.breaches(one.view)), None):
                        raise CheckFailed(
                            f"{one.case.chart.name} with {_change(one.case)}: {breach}: broken is the promise that "
                            f"{promise.sentence}."
                        )
        if not every or len(refused) > _REFUSED_AT_MOST * len(every):
            raise CheckFailed(f"Of {len(every)} changes {len(refused)} are refused: {'; '.join(refused[:3])}")
        seen = f"{len(kept)} promises hold in {len(every) - len(refused)} renderings with one change each"
        evidence.prove(Level.RENDERED, seen, refused=refused)


def _changed(chart: Chart) -> Iterator[Case]:
    (whole,) = cases.with_everything([chart])
    parts = [(keys, False) for keys, value in leaves(whole.values) if value is True]
    values = [(keys, value) for keys, value in Effects(chart).others.items() if keys[-1] not in _SWITCHES]
    yield from (_with(whole, keys, value) for keys, value in [*values, *parts])


def _with(whole: Case, keys: Keys, value: Any) -> Case:
    return replace(whole, values=merged(whole.values, nested(keys, value)))


def _change(case: Case) -> str:
    """Return what a case has otherwise than the chart with everything on ("networkPolicy.users: [...]")."""
    (whole,) = cases.with_everything([case.chart])
    usual = dict(leaves(whole.values))
    changed = [(keys, value) for keys, value in leaves(case.values) if usual.get(keys, case) != value]
    return ", ".join(f"{'.'.join(keys)}: {value}" for keys, value in changed)
