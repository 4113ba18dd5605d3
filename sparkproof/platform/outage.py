"""An outage of a platform's driver that lasts until somebody ends it."""

from dataclasses import dataclass

from sparkproof.platform.release import Release


@dataclass(frozen=True)
class Outage:
    """The driver of a release is killed, and the team's quota has no room for another."""

    release: Release

    @classmethod
    def begin(cls, release: Release) -> "Outage":
        """Fill the quota and kill the driver's pod."""
        release.team.limit({"pods": "0"})
        release.workloads.end(release.workloads.pod("connect")["metadata"]["name"], killed=True)
        return cls(release)

    def end(self) -> None:
        """Lift the quota and wait until the platform is ready; raises GaveUp."""
        self.release.team.lift_limit()
        self.release.workloads.must_be_ready()
