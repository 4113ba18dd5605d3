"""Containers that somebody adds to a pod that runs, to look into it, as `kubectl debug` does."""

from dataclasses import dataclass

from sparkproof.core import examples
from sparkproof.kube.dry_run import DryRun
from sparkproof.kube.errors import Refused
from sparkproof.kube.objects import EPHEMERAL_CONTAINERS, Manifest
from sparkproof.tenancy.team import Team

_RUNNING = "answers on the network"
_WITH_ACCOUNT = "keeps the house's rules"


@dataclass(frozen=True)
class RunningPod:
    """A pod of a team that runs under the house's rules."""

    team: Team
    name: str

    @classmethod
    def start(cls, team: Team, image: str) -> "RunningPod":
        """Start a pod that keeps the house's rules, from an image that has Python, and wait until it is ready."""
        pod = examples.pod(_RUNNING)
        pod["spec"]["serviceAccountName"] = examples.pod(_WITH_ACCOUNT)["spec"]["serviceAccountName"]
        pod["spec"]["containers"][0]["image"] = image
        team.start_pod(pod, f"the pod {pod['metadata']['name']} of {team.namespace}")
        return cls(team, pod["metadata"]["name"])

    def dry_run(self, name: str) -> DryRun:
        """Ask the API server, as a dry run, to add a container like that of the example pod of this name."""
        change = {"spec": {"ephemeralContainers": [_debugging(examples.pod(name))]}}
        try:
            self.team.kube.patch(EPHEMERAL_CONTAINERS, self.name, change, self.team.namespace, dry_run=True)
        except Refused as refused:
            return DryRun(refused)
        return DryRun(None)


def _debugging(pod: Manifest) -> Manifest:
    """Return the pod's container as one that is added, which asks for no resources: it takes what its pod has."""
    container = {key: value for key, value in pod["spec"]["containers"][0].items() if key != "resources"}
    return {**container, "name": "debugger"}
