"""Charts with everything on, of which values are others or parts are off: promises hold whatever users change."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import reduce
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
# What the charts refuse without a component, and is off with it.
_TABLES = "iceberg.catalogs.hive iceberg.catalogs.rest iceberg.catalogs.jdbc restCatalog"
_NEED = {
    "connect": "airflow client jupyter ingest",
    "warehouse": "iceberg.catalogs.hadoop",
    "objectStore": f"{_TABLES} mlflow ingest eventLog historyServer",
    "postgres": f"{_TABLES} hiveMetastore airflow mlflow backup",
    "hiveMetastore": "iceberg.catalogs.hive",
    "restCatalog": "iceberg.catalogs.rest",
    "monitoring": "worker.autoscaling",
}


@dataclass(frozen=True)
class Changes:
    """The cases of these charts in which one value is another than usual, or parts that can be on are off."""

    charts: Sequence[Chart]

    @property
    def values(self) -> list[Case]:
        """One value is another: any of them where all is on but GPUs, and those of GPUs where they are on too."""
        return [
            _with(whole, keys, value)
            for whole in [*cases.with_everything(self._apart), *cases.with_everything_on_gpus(self._apart)]
            for keys, value in Effects(whole.chart).others.items()
            if keys[-1] not in _SWITCHES and (keys[0] == "gpu" or not whole.effective["gpu"]["enabled"])
        ]

    @property
    def parts(self) -> list[Case]:
        """Parts are off: each alone, with what needs it; and so that of each two one is on, or the other, or none."""
        return [_without(whole, off) for whole in cases.with_everything(self._apart) for off in _off(whole)]

    @property
    def _apart(self) -> list[Chart]:
        # Charts of the same values are of one making, for another Spark: the last one, the newest, stands for them.
        return list({frozenset(keys for keys, _ in leaves(chart.values)): chart for chart in self.charts}.values())

    def must_keep_promises(self) -> None:
        """Check that every promise holds in each case; the charts may refuse few values, and no part that is off."""
        values, parts = self.values, self.parts
        refused = _kept(values)
        if not values or len(refused) > _REFUSED_AT_MOST * len(values):
            raise CheckFailed(f"Of {len(values)} changes {len(refused)} are refused: {'; '.join(refused[:3])}")
        if without := _kept(parts):
            raise CheckFailed(f"Of {len(parts)} platforms without some parts {len(without)} are refused: {without[0]}")
        seen = (
            f"{len(promises.every())} promises hold in {len(values) - len(refused)} renderings with one value changed "
            f"each, and in {len(parts)} without some parts"
        )
        evidence.prove(Level.RENDERED, seen, refused=refused)


def _kept(every: Sequence[Case]) -> list[str]:
    """Check that every promise holds in each case that is not refused; return the others, with the charts' words."""
    refused, kept = list[str](), promises.every()
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
    return refused


def _off(whole: Case) -> Iterator[Sequence[Keys]]:
    """Yield the switches that are off together, in each platform without some parts."""
    on = [keys for keys, value in leaves(whole.values) if value is True]
    needed = {_switch(name): [_switch(each) for each in needing.split()] for name, needing in _NEED.items()}
    alone = [keys for keys in on if keys not in needed]
    for keys in on:
        yield [keys, *(each for each in needed.get(keys, ()) if each in on)]
    # The places of two parts differ in one bit at least, so one of the two is off there, and the other one beside it.
    for bit in range((len(alone) - 1).bit_length()):
        for side in (0, 1):
            yield [keys for place, keys in enumerate(alone) if place >> bit & 1 == side]
    yield alone


def _switch(name: str) -> Keys:
    return (*name.split("."), "enabled")


def _without(whole: Case, off: Sequence[Keys]) -> Case:
    return reduce(lambda case, keys: _with(case, keys, False), off, whole)


def _with(whole: Case, keys: Keys, value: Any) -> Case:
    return replace(whole, values=merged(whole.values, nested(keys, value)))


def _change(case: Case) -> str:
    """Return what a case has otherwise than the chart with everything on ("networkPolicy.users: [...]")."""
    (whole,) = cases.with_everything([case.chart])
    usual = dict(leaves(whole.values))
    changed = [(keys, value) for keys, value in leaves(case.values) if usual.get(keys, case) != value]
    return ", ".join(f"{'.'.join(keys)}: {value}" for keys, value in changed)
