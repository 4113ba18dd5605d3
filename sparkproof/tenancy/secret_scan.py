"""A search of a team's namespace for values of its Secrets in other places."""

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass, field

from sparkproof.core import evidence
from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level
from sparkproof.kube.objects import CONFIG_MAP, POD, SECRET
from sparkproof.tenancy.team import Team

# Types of Secrets that are not searched for: Helm's record of a release, and tokens that Kubernetes made.
_OTHERS = ("helm.sh/release.v1", "kubernetes.io/service-account-token")
_MIN_LENGTH = 8
# Lines of a log: all that a node keeps of it.
_WHOLE_LOG = 1_000_000


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
        """Search ConfigMaps, the specs of pods (with arguments and environment) and logs, as they are now."""
        values = dict(_values(team))
        places = dict(_places(team))
        found = [
            f"{name} in {where}" for name, value in values.items() for where in places if _tells(places[where], value)
        ]
        return cls(frozenset(values), tuple(places), tuple(found))

    def must_be_none(self) -> None:
        """Check that there were secrets to search for and that no place discloses one."""
        if not self.secrets:
            raise CheckFailed("The team has no Secret, so there was nothing to search for.")
        if not self.places:
            raise CheckFailed("There was no place to search, so none could disclose a secret.")
        if self.found:
            raise CheckFailed(f"Values of Secrets can be read in other places: {'; '.join(self.found)}.")
        evidence.prove(
            Level.EXECUTED,
            f"{', '.join(sorted(self.secrets))} are in none of {len(self.places)} searched places",
            searched_places=self.places,
        )

    def must_be_in(self, place: str) -> None:
        """Check that this place ("ConfigMap notes") and no other discloses a secret."""
        if not self.found or any(not each.endswith(f" in {place}") for each in self.found):
            found = "; ".join(self.found) or "nothing"
            raise CheckFailed(f"{place} and no other place had to disclose a secret; found was {found}.")
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
