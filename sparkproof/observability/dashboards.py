"""The dashboards of a platform: the panels that its chart ships, and what a Prometheus answers to their queries."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sparkproof.core import evidence, timeouts
from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level
from sparkproof.core.wait import eventually
from sparkproof.kube.objects import CONFIG_MAP
from sparkproof.observability import panels as shipped
from sparkproof.observability import picture
from sparkproof.observability.panels import Panel
from sparkproof.observability.picture import Answered
from sparkproof.observability.prometheus import WINDOW_S, Prometheus, start_of
from sparkproof.spark.platform import Platform

# The interval that Grafana puts in place of this variable is at least four scrapes long.
_INTERVALS = {"__rate_interval": "1m"}


@dataclass(frozen=True)
class Dashboards:
    """The panels of a platform's dashboards, for the cluster's Prometheus to answer.

    What was served before `since`, in seconds since 1970, was not the platform's.
    """

    prometheus: Prometheus
    panels: Sequence[Panel]
    since: float

    @classmethod
    def of(cls, platform: Platform) -> "Dashboards":
        """Return the dashboards of the platform's ConfigMaps; raises CheckFailed where there are none."""
        workloads = platform.workloads
        filled = {"namespace": workloads.namespace, "release": workloads.release, **_INTERVALS}
        texts = [
            text
            for each in workloads.of_kind(CONFIG_MAP)
            for name, text in each.get("data", {}).items()
            if name.endswith(".json")
        ]
        panels = [panel for text in texts for panel in shipped.read(text, filled)]
        if not panels:
            raise CheckFailed("The platform has no dashboards.")
        return cls(Prometheus.on(workloads.kube), panels, start_of(workloads))

    @property
    def empty(self) -> Mapping[str, Sequence[str]]:
        """The panels with a query that has no data, by name, each with the series that nobody serves."""
        found = {}
        for panel in self.panels:
            missing = [each for query in panel.queries for each in self._missing(query)]
            if missing or not panel.queries:
                found[panel.name] = missing
        return found

    def _missing(self, query: str) -> list[str]:
        """Return the series that a query lacks; the query itself if all are there and it has no data all the same."""
        lacks = self.prometheus.empty_in(query, self.since)
        return lacks or ([] if self.prometheus.has_data(query) else [query])

    def evidence(self) -> None:
        """Keep a picture of each dashboard with what Prometheus answers now."""
        until = time.time()
        # The clocks of two machines may differ.
        start = until - min(WINDOW_S, max(until - self.since, 60))
        for name in dict.fromkeys(panel.dashboard for panel in self.panels):
            panels = [self._answered(panel, start, until) for panel in self.panels if panel.dashboard == name]
            evidence.attach(f"dashboard {name}", picture.draw(name, panels, start, until), "image/svg+xml")

    def _answered(self, panel: Panel, start: float, until: float) -> Answered:
        return Answered(panel, {query: self.prometheus.over_time(query, start, until) for query in panel.queries})

    def must_show_data(self) -> None:
        """Wait until every query of every panel has data; raises GaveUp with the panels that are empty."""
        eventually(
            "data in every panel of the dashboards",
            lambda: self.empty,
            lambda empty: not empty,
            within_s=timeouts.METRICS,
        )
        self.evidence()
        evidence.prove(Level.EXECUTED, f"All {len(self.panels)} panels show data", panels=[*map(vars, self.panels)])

    def renamed(self, metric: str) -> "Dashboards":
        """Return dashboards that ask for another name of a metric, as if the platform had renamed it.

        Raises CheckFailed when no panel asks for the metric.
        """
        panels = [
            replace(
                each, queries={query.replace(metric, f"old_{metric}"): name for query, name in each.queries.items()}
            )
            for each in self.panels
        ]
        if panels == list(self.panels):
            raise CheckFailed(f"No panel asks for {metric}.")
        return Dashboards(self.prometheus, panels, self.since)

    def must_be_empty_in(self, panel: str, metric: str) -> None:
        """Wait until this panel alone is empty, and the metric is named as what nobody serves; raises GaveUp."""

        def is_alone(empty: Mapping[str, Sequence[str]]) -> bool:
            ((name, missing), *others) = empty.items() or [("", ())]
            return not others and name.endswith(f" / {panel}") and any(metric in series for series in missing)

        empty = eventually(
            f"dashboards of which {panel!r} alone is empty, for want of {metric}",
            lambda: self.empty,
            is_alone,
            within_s=timeouts.METRICS,
        )
        self.evidence()
        evidence.prove(Level.EXECUTED, f"{panel} is empty, since nobody serves what it asks for", empty=dict(empty))
