"""Disturbances in which pods are killed and nothing may take their place, by a quota or for want of rights."""

from dataclasses import dataclass, field

from sparkproof.core import timeouts
from sparkproof.core.errors import CheckFailed
from sparkproof.core.wait import eventually
from sparkproof.kube.objects import ROLE_BINDING, Manifest
from sparkproof.resilience.pods import EXECUTOR, kill_all, pods_of, victims
from sparkproof.spark.workloads import Workloads
from sparkproof.tenancy.account import Account
from sparkproof.tenancy.team import Team

NO_ROOM = "is killed and the quota has no room for another"
NO_RIGHTS = "is killed and the driver may start no other"


@dataclass
class WithoutQuota:
    """The pods of a component are killed, and the quota of their namespace has no room for others."""

    workloads: Workloads
    component: str
    lasts_s: float = 60.0

    def begin(self) -> None:
        victims(self.workloads, self.component, "killed")
        self._team.limit({"pods": "0"})
        kill_all(self.workloads, self.component)

    @property
    def is_over(self) -> bool:
        """True if there is a pod although there is no room for it."""
        return bool(pods_of(self.workloads, self.component))

    def end(self) -> None:
        self._team.lift_limit()
        self.workloads.must_be_ready()

    @property
    def _team(self) -> Team:
        return Team(self.workloads.kube, self.workloads.namespace)


@dataclass
class RightsLost:
    """The RoleBinding of a component names nobody any more; its executors stay."""

    workloads: Workloads
    component: str
    lasts_s: float = 60.0
    _had: list[Manifest] = field(default_factory=list)

    def begin(self) -> None:
        victims(self.workloads, EXECUTOR, "kept")
        found = self.workloads.kube.get(ROLE_BINDING, self._account, self.workloads.namespace) or {}
        if not found.get("subjects"):
            raise CheckFailed(f"There is no RoleBinding {self._account} whose rights could be taken.")
        self._had = found["subjects"]
        self._bind([])
        eventually(
            f"the end of the right of {self._account} to start pods",
            lambda: self.is_over,
            lambda may: not may,
            within_s=timeouts.POLICY,
        )

    @property
    def is_over(self) -> bool:
        """True if the component may start pods."""
        return Account(self.workloads.kube, self.workloads.namespace, self._account).may("create", "pods")

    def end(self) -> None:
        if self._had:
            self._bind(self._had)
        self._had = []

    def _bind(self, subjects: list[Manifest]) -> None:
        self.workloads.kube.patch(ROLE_BINDING, self._account, {"subjects": subjects}, self.workloads.namespace)

    @property
    def _account(self) -> str:
        return f"{self.workloads.release}-{self.component}"


@dataclass
class WithoutRights:
    """The executors are killed, and their driver's RoleBinding names nobody any more."""

    workloads: Workloads
    component: str
    lasts_s: float = 60.0
    _rights: RightsLost = field(init=False)

    def __post_init__(self) -> None:
        self._rights = RightsLost(self.workloads, "connect")

    def begin(self) -> None:
        victims(self.workloads, self.component, "killed")
        self._rights.begin()
        kill_all(self.workloads, self.component)

    @property
    def is_over(self) -> bool:
        """True if the driver may start pods."""
        return self._rights.is_over

    def end(self) -> None:
        self._rights.end()
