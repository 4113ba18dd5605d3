"""What criteria of GPUs ask of a platform, whether it is a release on a cluster or processes of one machine."""

from collections.abc import Sequence
from typing import Protocol

from sparkproof.kube.places import Place
from sparkproof.spark.history import DriverRest


class GpuPlatform(Protocol):
    """A platform whose executors have GPUs."""

    @property
    def history(self) -> DriverRest:
        """What its driver remembers."""

    @property
    def executor_places(self) -> Sequence[Place]:
        """Where its executors run now."""

    @property
    def discovery_script(self) -> str:
        """The program that tells an executor its GPUs, by its path where executors run."""

    def an_executor(self) -> object:
        """Wait until there is one."""
