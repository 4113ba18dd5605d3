"""The interface that GPU criteria need of a platform, be it a release on a cluster or processes on one machine."""

from collections.abc import Sequence
from typing import Protocol

from sparkproof.kube.places import Place
from sparkproof.spark.history import DriverRest


class GpuPlatform(Protocol):
    """A platform whose executors have GPUs."""

    @property
    def history(self) -> DriverRest:
        """The REST interface of its driver."""

    @property
    def executor_places(self) -> Sequence[Place]:
        """The places where its executors run now."""

    @property
    def discovery_script(self) -> str:
        """The path of the discovery script at the executors' places."""

    def an_executor(self) -> object:
        """Wait until there is an executor."""
