"""A program of a team that shows a secret in one place, or in none: a search for secrets is tried on it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sparkproof.core import examples
from sparkproof.kube.objects import Manifest
from sparkproof.tenancy.team import Team

_NAME, _SECRET, _KEY = "careless", "store", "password"
_ANSWERING = "answers on the network"
# It answers on the port of the example's probe once its log has its first line.
_PROGRAM = """
import http.server, os
print("opened the store as", os.environ.get("LOGGED", "nobody"), flush=True)
http.server.test(port=8080)
"""
_POD, _PROGRAMS, _LOG = f"Pod {_NAME}", f"the programs of {_NAME}/main", f"the log of {_NAME}/main"


@dataclass(frozen=True)
class _Shown:
    """Where a search finds the secret, and what the program gets for it; {} stands for the secret's value."""

    where: Sequence[str]
    arguments: Sequence[str] = ()
    variables: Mapping[str, str] | None = None
    # The variables whose value Kubernetes reads from the Secret when the program starts.
    from_its_place: Sequence[str] = ()


_PLACES: Mapping[str, _Shown] = {
    "an argument": _Shown((_POD, _PROGRAMS), arguments=["{}"]),
    "a variable": _Shown((_POD,), variables={"STORE": "user ada, {}"}),
    "a log": _Shown((_LOG,), from_its_place=["LOGGED"]),
    "an argument that is filled in at its start": _Shown(
        (_PROGRAMS,), arguments=["--store=$(STORE)"], from_its_place=["STORE"]
    ),
}
_NOWHERE = _Shown((), from_its_place=["STORE"])
# The places where a careless program can show a secret, in words.
PLACES = tuple(_PLACES)


def start(team: Team, image: str, place: str) -> None:
    """Start a program of the team that shows a secret in one of PLACES; the image has Python."""
    _start(team, image, _PLACES[place])


def start_careful(team: Team, image: str) -> None:
    """Start a program of the team that gets a secret from its Secret and shows it nowhere; the image has Python."""
    _start(team, image, _NOWHERE)


def where(place: str) -> Sequence[str]:
    """Return where a search for secrets finds what a careless program shows in one of PLACES ("Pod careless")."""
    return _PLACES[place].where


def _start(team: Team, image: str, shown: _Shown) -> None:
    """Create the Secret and the pod, and wait until the pod is ready."""
    team.keep_secret(_SECRET, [_KEY])
    team.start_pod(_pod(image, shown, team.secret(_SECRET, _KEY)), f"the pod {_NAME} of {team.namespace}")


def _pod(image: str, shown: _Shown, value: str) -> Manifest:
    pod = examples.pod(_ANSWERING)
    pod["metadata"] = {"name": _NAME}
    source = {"secretKeyRef": {"name": _SECRET, "key": _KEY}}
    variables: list[Manifest] = [
        {"name": name, "value": text.format(value)} for name, text in (shown.variables or {}).items()
    ]
    variables += [{"name": name, "valueFrom": source} for name in shown.from_its_place]
    (container,) = pod["spec"]["containers"]
    container["image"] = image
    container["command"] = ["python3", "-c", _PROGRAM, *(each.format(value) for each in shown.arguments)]
    container["env"] = variables
    return pod
