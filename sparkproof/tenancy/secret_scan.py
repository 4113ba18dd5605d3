"""A search of a team's namespace for values of its Secrets in other places."""

import base64
import contextlib
import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from functools import partial

from sparkproof.core import evidence, timeouts
from sparkproof.core.errors import CheckFailed, SparkproofError
from sparkproof.core.evidence import Level
from sparkproof.kube.objects import POD, SECRET, Manifest
from sparkproof.kube.places import Pod
from sparkproof.tenancy.team import Team

# Types of Secrets that are not searched for: Helm's record of a release, and tokens that Kubernetes made.
_OTHERS = ("helm.sh/release.v1", "kubernetes.io/service-account-token")
_MIN_LENGTH = 8
# Lines of a log: all that a node keeps of it.
_WHOLE_LOG = 1_000_000
_STATUSES = ("initContainerStatuses", "containerStatuses")
_ARGUMENTS = ("sh", "-c", "cat /proc/[0-9]*/cmdline | tr '\\0' ' '")


@dataclass(frozen=True)
class SecretScan:
    """The places of a namespace that were searched for the values of its Secrets, and the values found there.

    `secrets` name the values, as SECRET/KEY; values of fewer than eight characters are left out, since other text may
    contain them by chance.
    """

    secrets: frozenset[str]
    places: tuple[str, ...]
    found: tuple[str, ...] = field(default=())

    @classmethod
    def look(cls, team: Team) -> "SecretScan":
        """Search all objects (Secrets without their data), events, logs, and the arguments of running programs."""
        values = {name: _forms(value) for name, value in _values(team)}
        # Kinds of different API groups may have one name.
        places = list(_places(team))
        found = [
            f"{name} in {where}" for name, forms in values.items() for where, text in places if _tells(text, forms)
        ]
        return cls(frozenset(values), tuple(where for where, _ in places), tuple(found))

    def must_be_none(self) -> None:
        """Check that there were secrets to search for and that no place discloses one."""
        if not self.secrets:
            raise CheckFailed("The team has no Secret, so there was nothing to search for.")
        if all(place.startswith("Secret ") for place in self.places):
            raise CheckFailed("There was no place to search, so none could disclose a secret.")
        if self.found:
            raise CheckFailed(f"Values of Secrets can be read in other places: {'; '.join(self.found)}.")
        evidence.prove(
            Level.EXECUTED,
            f"{', '.join(sorted(self.secrets))} are in none of {len(self.places)} searched places",
            searched_places=self.places,
        )

    def must_be_in(self, *places: str) -> None:
        """Check that each of these places ("ConfigMap notes") and no other discloses a secret."""
        if not self.found or {each.partition(" in ")[2] for each in self.found} != set(places):
            found = "; ".join(self.found) or "nothing"
            raise CheckFailed(f"{' and '.join(places)} and no other place had to disclose a secret; found was {found}.")
        evidence.prove(Level.EXECUTED, "; ".join(self.found))


def disclose(team: Team, place: str) -> None:
    """Write a value of one of the team's Secrets into the ConfigMap `place`, as a program of theirs could."""
    team.remember(place, next(iter(dict(_values(team)).values())))


def _values(team: Team) -> Iterator[tuple[str, str]]:
    for secret in team.kube.list(SECRET, team.namespace):
        for key, encoded in secret.get("data", {}).items() if secret["type"] not in _OTHERS else ():
            value = base64.b64decode(encoded).decode(errors="replace").strip()
            if len(value) >= _MIN_LENGTH:
                yield f"{secret['metadata']['name']}/{key}", value


def _places(team: Team) -> Iterator[tuple[str, str]]:
    kube, namespace = team.kube, team.namespace
    for kind in kube.kinds():
        for found in kube.list(kind, namespace):
            # A Secret may have its values, and nothing else of it may.
            told = {key: value for key, value in found.items() if kind != SECRET or key not in ("data", "stringData")}
            yield f"{kind.name} {found['metadata']['name']}", json.dumps(told)
    for event in kube.events(namespace):
        yield f"Event {event['metadata']['name']}", json.dumps(event)
    for pod in kube.list(POD, namespace):
        yield from _of_programs(team, pod)


def _of_programs(team: Team, pod: Manifest) -> Iterator[tuple[str, str]]:
    """Yield the logs of a pod's containers, those before their last restart included, and running programs' arguments.

    A container whose image has no shell shows no arguments but those of its manifest. Raises SparkproofError for one
    that goes on to run and cannot be asked.
    """
    kube, name = team.kube, pod["metadata"]["name"]
    known = _containers(pod)
    for container in [*pod["spec"].get("initContainers", []), *pod["spec"]["containers"]]:
        where = f"{name}/{container['name']}"
        log = partial(kube.logs, name, team.namespace, container=container["name"], lines=_WHOLE_LOG)
        yield f"the log of {where}", log()
        if known.get(container["name"], {}).get("restartCount"):
            yield f"the log of {where} before its restart", log(previous=True)
        if _runs(pod, container["name"]) and (shown := _arguments(team, name, container["name"])):
            yield f"the programs of {where}", shown


def _arguments(team: Team, name: str, container: str) -> str:
    """Return the arguments of the programs of a container; "" if it has no shell, or no longer runs."""
    try:
        with contextlib.closing(Pod(team.kube, team.namespace, name, container).exec(_ARGUMENTS)) as program:
            return program.finish(timeouts.TOOL)
    except SparkproofError:
        if _runs(team.kube.get(POD, name, team.namespace) or {}, container):
            raise
        return ""


def _runs(pod: Manifest, container: str) -> bool:
    return "running" in _containers(pod).get(container, {}).get("state", {})


def _containers(pod: Manifest) -> dict[str, Manifest]:
    """Return the statuses of a pod's containers by name."""
    return {each["name"]: each for of in _STATUSES for each in pod.get("status", {}).get(of, [])}


def _tells(text: str, forms: Collection[str]) -> bool:
    return any(form in text for form in forms)


def _forms(value: str) -> frozenset[str]:
    """Return the value as it is, as JSON writes it, with quotes and line ends escaped, and within text in base64.

    Base64 turns three bytes into four characters, so a value looks different after one or two other bytes; characters
    that its neighbours decide are left out.
    """
    plain = value.encode()
    shifted = {
        base64.b64encode(b"x" * before + plain).decode()[-(-before * 4 // 3) : (before + len(plain)) * 8 // 6]
        for before in range(3)
    }
    return frozenset({value, json.dumps(value)[1:-1], *shifted})
