"""The API server's answers to all objects that a chart renders, from a dry run."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import yaml

from sparkproof.core import evidence
from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level
from sparkproof.kube.errors import Refused
from sparkproof.kube.objects import SERVICE_ACCOUNT, Manifest, job_of
from sparkproof.tenancy.team import Team

_NOT_SERVED = 404
_SHOWN = 5


@dataclass(frozen=True)
class Admission(evidence.Brought):
    """The answers to many objects by name ("Pod spark-connect-0"): None if admitted, else the words of the refusal.

    `not_asked` are the kinds that the cluster does not serve ("PodMonitor (monitoring.coreos.com/v1)").
    """

    answers: Mapping[str, str | None]
    not_asked: frozenset[str]

    @classmethod
    def of(cls, team: Team, renderings: Iterable[str]) -> "Admission":
        """Ask for each object of these renderings in the team's namespace, and for each pod made from it.

        Service accounts are really created, since no pod is admitted without its own. Objects that several renderings
        have in common are asked for once.
        """
        objects = {json.dumps(each, sort_keys=True): each for text in renderings for each in _objects(text)}
        for account in (each for each in objects.values() if each["kind"] == SERVICE_ACCOUNT.name):
            team.kube.apply(account)
        answers: dict[str, str | None] = {}
        not_asked = set()
        for each in objects.values():
            refusal = team.refusal_of(each)
            if refusal and refusal.code == _NOT_SERVED:
                not_asked.add(f"{each['kind']} ({each['apiVersion']})")
            else:
                name = f"{each['kind']} {each['metadata']['name']}"
                answers[name] = _words(refusal) or answers.get(name)
        return cls(answers, frozenset(not_asked))

    @property
    def refused(self) -> Mapping[str, str]:
        """The refusals, by object."""
        return {name: words for name, words in self.answers.items() if words is not None}

    @property
    def trouble(self) -> str | None:
        """The number of refusals, and the first of them."""
        if not self.refused:
            return None
        name, words = next(iter(self.refused.items()))
        return f"The API server refused {len(self.refused)} of {len(self.answers)} objects, first {name}: {words}"

    def must_be_complete(self) -> None:
        """Check that every object was admitted, but for those of add-ons that the cluster does not have."""
        evidence.look_at(self)
        if own := sorted(each for each in self.not_asked if _is_of_kubernetes(each)):
            raise CheckFailed(f"The API server does not serve kinds of Kubernetes itself: {', '.join(own)}.")
        if self.refused:
            shown = "; ".join(f"{name}: {words}" for name, words in list(self.refused.items())[:_SHOWN])
            raise CheckFailed(f"The API server refused {len(self.refused)} of {len(self.answers)} objects: {shown}")
        if not self.answers:
            raise CheckFailed("The chart rendered no object at all.")
        skipped = f"; not asked for, as it does not serve them: {', '.join(sorted(self.not_asked))}"
        besides = skipped if self.not_asked else ""
        evidence.prove(
            Level.ADMITTED, f"The API server admitted {len(self.answers)} objects{besides}", admitted=list(self.answers)
        )

    def must_have_refused(self, what: str, reason: str) -> None:
        """Check that all objects of a kind ("Pod"), or one ("Pod spark-0"), were refused because of `reason` alone."""
        evidence.look_at(self)
        wrong = {
            name: words
            for name, words in self.answers.items()
            if f"{name} ".startswith(f"{what} ") != (words is not None and reason in words)
        }
        if wrong or not self.refused:
            raise CheckFailed(
                f"All of {what} and only they had to be refused because of {reason!r}: {wrong or 'none was'}."
            )
        evidence.prove(Level.ADMITTED, f"The API server refused {len(self.refused)} of {what}", refusals=self.refused)


def _objects(rendering: str) -> Iterator[Manifest]:
    """Yield each object of a rendering, and each pod that a controller, or Spark from a template file, makes of it."""
    for each in filter(None, yaml.safe_load_all(rendering)):
        yield each
        name = each["metadata"]["name"]
        spec = each.get("spec", {})
        if template := job_of(spec).get("template"):
            yield _pod(name, template)
        if each["kind"] == "ConfigMap":
            for file, text in each["data"].items():
                if file.endswith("-pod.yaml"):
                    yield _as_spark_completes(_pod(f"{name}-{file.removesuffix('.yaml')}", yaml.safe_load(text)))


def _pod(name: str, template: Manifest) -> Manifest:
    metadata = {**template.get("metadata", {}), "name": name}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": template["spec"]}


def _as_spark_completes(pod: Manifest) -> Manifest:
    """Return the pod with an image and a limit of memory, as Spark adds them: any will do, since none is pulled."""
    added = {"image": "spark:any", "resources": {"limits": {"memory": "1Gi"}}}
    containers = [{**added, **container} for container in pod["spec"]["containers"]]
    return {**pod, "spec": {**pod["spec"], "containers": containers}}


def _is_of_kubernetes(kind: str) -> bool:
    """True for "Job (batch/v1)" and "Role (rbac.authorization.k8s.io/v1)"; groups of add-ons have other domains."""
    group = kind.rpartition("(")[2].rpartition("/")[0]
    return "." not in group or group.endswith(".k8s.io")


def _words(refusal: Refused | None) -> str | None:
    return refusal.message if refusal else None
