"""Settings that cannot work together, which the charts refuse."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sparkproof.build import versions
from sparkproof.charts.cases import Case
from sparkproof.charts.chart import Chart
from sparkproof.charts.values import Values, has_key, leaves, merged, sets
from sparkproof.core import examples
from sparkproof.core.errors import UsageError


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
        return all(has_key(chart.values, keys) for keys, _ in leaves(self.values))

    def within(self, case: Case) -> bool:
        """Return True if the case sets all of it."""
        return sets(case.effective, self.values)


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


def can_work(cases: Sequence[Case]) -> list[bool]:
    """Return, for each case, True if it sets nothing that is known to be impossible."""
    known = [*map(impossible, examples.every_impossible()), *_without_rapids()]
    return [not any(each.within(case) for each in known) for case in cases]
