"""What a Prometheus has of the driver of a submitted application, and of the executors that tell the driver theirs."""

from collections.abc import Mapping
from dataclasses import dataclass

from sparkproof.core import evidence, timeouts
from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level
from sparkproof.core.wait import eventually, watch
from sparkproof.observability.prometheus import Prometheus
from sparkproof.spark.at_work import ApplicationAtWork

# A number that each driver serves of itself, and one that it serves of its executors.
_OF_DRIVER = "metrics_spark_driver_BlockManager_memory_maxMem_MB_Value"
_OF_EXECUTORS = "metrics_executor_totalDuration_seconds_total"


@dataclass(frozen=True)
class DriverSeries:
    """The series of a submitted application at work in the cluster's Prometheus."""

    prometheus: Prometheus
    application: ApplicationAtWork

    @classmethod
    def of(cls, application: ApplicationAtWork) -> "DriverSeries":
        """Return the series of an application that was submitted in cluster mode; raises CheckFailed if it ended."""
        if not application.drivers:
            raise CheckFailed(f"{application.name} has no driver in a pod of its own that could be read.")
        return cls(Prometheus.on(application.platform.workloads.kube), application)

    @property
    def missing(self) -> list[str]:
        """A sentence for each number that Prometheus lacks, or has without a label by which it is told from others."""
        own = self.application.platform.workloads
        labels = {"job": "driver", "app_kubernetes_io_instance": own.release, "pod": self._driver}
        wanted = {_OF_DRIVER: labels, _OF_EXECUTORS: {**labels, "application_name": self.application.name}}
        found = {name: self._found(name) for name in wanted}
        return [
            f"{name} with {', '.join(map(' '.join, expected.items()))}: {found[name] or 'no number'}"
            for name, expected in wanted.items()
            if not any(expected.items() <= each.items() for each in found[name])
        ]

    def must_be_read(self) -> None:
        """Wait until Prometheus has numbers of the driver and its executors under their own labels; raises GaveUp."""
        eventually(
            f"a Prometheus that has numbers of the driver of {self.application.name}, and of its executors",
            lambda: self.missing,
            lambda missing: not missing,
            within_s=timeouts.TARGETS,
            explain=self.application.platform.why,
        )
        seen = f"Prometheus has numbers of {self._driver}, and of its executors, by the name {self.application.name}"
        evidence.prove(Level.EXECUTED, seen, series=self._found(_OF_DRIVER) + self._found(_OF_EXECUTORS))

    def must_not_be_read(self) -> None:
        """Check for a minute that Prometheus, which reads others, reads nothing of the driver, which is at work."""
        own = self.application.platform.workloads.namespace
        read = [target for seen in watch(lambda: self.prometheus.targets(own)) for target in seen]
        if of_driver := [target.path for target in read if target.pod == self._driver]:
            raise CheckFailed(f"Prometheus reads {self._driver} at {', '.join(sorted(set(of_driver)))}.")
        if series := self._found(f"{_OF_DRIVER}|{_OF_EXECUTORS}"):
            raise CheckFailed(f"Prometheus has numbers of {self._driver}: {series}.")
        others = self.prometheus.labels_of("up == 1")
        if not others:
            raise CheckFailed("Prometheus reads nobody at all, so nothing is proved.")
        evidence.prove(Level.EXECUTED, f"Prometheus reads {len(others)} other targets, and nothing of {self._driver}")

    @property
    def _driver(self) -> str:
        return next(iter(self.application.drivers), "a driver that has ended")

    def _found(self, names: str) -> list[Mapping[str, str]]:
        """Return the labels of the series of these names, a regular expression, that the driver's pod served.

        A driver counts itself among its executors; that series is left out.
        """
        own = self.application.platform.workloads.namespace
        of_driver = f'namespace="{own}", pod="{self._driver}", executor_id!="driver"'
        return self.prometheus.labels_of(f'{{__name__=~"{names}", {of_driver}}}')
