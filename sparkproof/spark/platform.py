"""The platform as criteria see it: a release on a cluster, one that is already there, or processes."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from sparkproof.core.errors import Cause
from sparkproof.kube.places import Place
from sparkproof.spark.catalogs import Catalogs
from sparkproof.spark.history import DriverRest
from sparkproof.spark.session import Session
from sparkproof.spark.workloads import Workloads


class Platform(Protocol):
    """The interface of a platform; a component takes a platform, and a platform knows no component."""

    @property
    def workloads(self) -> Workloads:
        """The platform's pods and other workloads; raises SparkproofError where there is no Kubernetes."""

    @property
    def history(self) -> DriverRest:
        """The REST interface of the running driver."""

    @property
    def catalogs(self) -> Catalogs:
        """The catalogs of tables."""

    @property
    def executor_places(self) -> Sequence[Place]:
        """The places where executors run now."""

    @property
    def discovery_script(self) -> str:
        """The path, where executors run, of the program that finds their GPUs."""

    def open_session(self) -> Session:
        """Open a session as a user does, in the client process that all users share."""

    def open_session_apart(self) -> Session:
        """Open a session in a client process of its own: its statements do not wait for those of others."""

    def open_planner(self) -> Session:
        """Open a session whose driver is the client's own process, which can show what RAPIDS plans."""

    def render(self, presets: Sequence[str] | None = None, values: Mapping[str, Any] | None = None) -> str:
        """Return the manifests of the platform's chart and version, with other presets, or with values over its own."""

    def why(self) -> Sequence[Cause]:
        """Return the known causes of trouble on the platform."""
