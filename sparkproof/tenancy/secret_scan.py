"""Whether what a team's Secrets hold is to be read anywhere else in its namespace."""

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass, field

from sparkproof.core import evidence
from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level
from sparkproof.kube.objects import CONFIG_MAP, POD, SECRET
from sparkproof.tenancy.team import Team

# Helm's own record of a release, and tokens that Kubernetes made, are nobody's to read or to write down.
_OTHERS = ("helm.sh/release.v1", "kubernetes.io/service-account-token")
_TELLING = 8
# Lines of a log: all that a node keeps of it.
_WHOLE_LOG = 1_000_000


@dataclass(frozen=True)
class SecretScan:
    """Where in a namespace the values of its Secrets were looked for, and which of them stood in which place.

    `secrets` are the values looked for, by Secret and key; those of fewer than eight characters tell nobody anything.
    """

    secrets: frozenset[str]
    places: tuple[str, ...]
    found: tuple[str, ...] = field(default=())

    @classmethod
    def look(cls, team: Team) -> "SecretScan":
        """Look into the configuration, the arguments and environment of pods, and the logs, all as they are now."""
        values = dict(_values(team))
        places = dict(_places(team))
        found = [
            f"{name} in {where}" for name, value in values.items() for where in places if _tells(places[where], value)
        ]
        return cls(frozenset(values), tuple(places), tuple(found))

    def must_be_none(self) -> None:
        """Check that there were secrets to look for and that no place tells one."""
        if not self.secrets:
            raise CheckFailed("The team has no Secret, so none could be told.")
        if not self.places:
            raise CheckFailed("There was no place to look into, so none could tell a secret.")
        if self.found:
            raise CheckFailed(f"What a Secret holds can be read elsewhere: {'; '.join(self.found)}.")
        evidence.prove(
            Level.EXECUTED,
            f"{', '.join(sorted(self.secrets))} are in none of {len(self.places)} places",
            places_looked_into=self.places,
        )

    def must_be_in(self, place: str) -> None:
        """Check that just this place ("ConfigMap notes") tells a secret."""
        if not self.found or any(not each.endswith(f" in {place}") for each in self.found):
            raise CheckFailed(f"Not just {place} was found to tell a secret: {self.found or 'nothing was found'}.")
        evidence.prove(Level.EXECUTED, "; ".join(self.found))


def tell(team: Team, place: str) -> None:
    """Write what one of the team's Secrets holds into a ConfigMap, as a program of theirs could."""
    team.remember(place, next(iter(dict(_values(team)).values())))


def _values(team: Team) -> Iterator[tuple[str, str]]:
    for secret in team.kube.list(SECRET, team.namespace):
        for key, encoded in secret.get("data", {}).items() if secret["type"] not in _OTHERS else ():
            value = base64.b64decode(encoded).decode(errors="replace").strip()
            if len(value) >= _TELLING:
                yield f"{secret['metadata']['name']}/{key}", value


def _places(team: Team) -> Iterator[tuple[str, str]]:
    kube, namespace = team.kube, team.namespace
    for config in kube.list(CONFIG_MAP, namespace):
        yield f"ConfigMap {config['metadata']['name']}", json.dumps(config.get("data", {}))
    for pod in kube.list(POD, namespace):
        name, spec = pod["metadata"]["name"], pod["spec"]
        yield f"Pod {name}", json.dumps(spec)
        for container in [*spec.get("initContainers", []), *spec["containers"]]:
            log = kube.logs(name, namespace, container=container["name"], lines=_WHOLE_LOG)
            yield f"the log of {name}/{container['name']}", log


def _tells(text: str, value: str) -> bool:
    """Return True if the text has this value, as it is or as JSON writes it, with quotes and line ends escaped."""
    return value in text or json.dumps(value)[1:-1] in text
