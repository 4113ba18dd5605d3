"""The house's rules as admission policies (examples/admission), which the API server enforces in a team's namespace."""

from collections.abc import Sequence
from dataclasses import dataclass

import yaml

from sparkproof.core import timeouts
from sparkproof.core.examples import FOLDER
from sparkproof.core.wait import eventually
from sparkproof.kube.client import Kube
from sparkproof.kube.labels import OWNED, RUN
from sparkproof.kube.marked import made
from sparkproof.kube.objects import (
    ADMISSION_POLICY,
    ADMISSION_POLICY_BINDING,
    NAMESPACE,
    Kind,
    Manifest,
    selector,
)
from sparkproof.tenancy.team import Team

FILE = FOLDER / "admission" / "house-rules.yaml"
_LABEL = "sparkproof.dev/house-rules"
# The account of the pods that keep the rules.
_ACCOUNT: Manifest = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "its-own"}}
# A Service that breaks a rule, by which it is seen that the rules are in force.
_CANARY: Manifest = {
    "apiVersion": "v1",
    "kind": "Service",
    "metadata": {"name": "canary"},
    "spec": {"type": "NodePort", "ports": [{"port": 80}]},
}


@dataclass(frozen=True)
class HouseRules:
    """The policies and bindings of one team; their names end with the team's namespace, and they reach no other."""

    team: Team
    names: Sequence[tuple[Kind, str]]

    @classmethod
    def enforce(cls, team: Team) -> "HouseRules":
        """Label the team's namespace, apply the policies, and wait until the API server enforces them."""
        kube, namespace = team.kube, team.namespace
        kube.patch(NAMESPACE, namespace, {"metadata": {"labels": {_LABEL: namespace}}})
        run = (kube.get(NAMESPACE, namespace) or {})["metadata"]["labels"][RUN]
        objects = [_of_one(namespace, run, each) for each in yaml.safe_load_all(FILE.read_text())]
        for each in objects:
            kube.apply(each)
        team.apply(_ACCOUNT)
        rules = cls(team, [(Kind(each["kind"], each["apiVersion"]), each["metadata"]["name"]) for each in objects])
        eventually(
            f"the enforcement of the house's rules in {namespace}",
            lambda: team.refusal_of(_CANARY),
            lambda refusal: refusal is not None and ADMISSION_POLICY.name in refusal.message,
            within_s=timeouts.POLICY,
        )
        return rules

    def lift(self) -> None:
        """Remove the policies and their bindings."""
        for kind, name in self.names:
            self.team.kube.delete(kind, name)


def sweep(kube: Kube, *, run: str) -> list[str]:
    """Remove the policies that a run has left, which no namespace takes along, and return their names."""
    gone = []
    for kind in (ADMISSION_POLICY_BINDING, ADMISSION_POLICY):
        for found in made(kube, kind, labels=selector({**OWNED, RUN: run})):
            kube.delete(kind, found["metadata"]["name"])
            gone.append(f"{kind.name} {found['metadata']['name']}")
    return gone


def _of_one(namespace: str, run: str, manifest: Manifest) -> Manifest:
    """Return a policy or binding of the example for one namespace alone."""
    spec = dict(manifest["spec"])
    if manifest["kind"] == ADMISSION_POLICY_BINDING.name:
        # The label is the example's, and its value the team's own.
        chosen = dict.fromkeys(spec["matchResources"]["namespaceSelector"]["matchLabels"], namespace)
        spec["policyName"] = f"{spec['policyName']}-{namespace}"
        spec["matchResources"] = {"namespaceSelector": {"matchLabels": chosen}}
    metadata = {"name": f"{manifest['metadata']['name']}-{namespace}", "labels": {**OWNED, RUN: run}}
    return {**manifest, "metadata": metadata, "spec": spec}
