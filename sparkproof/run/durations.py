"""Durations of scenarios in earlier runs, so that the longest can start first: reports/history.json."""

import functools
import json
import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from sparkproof.run.lasting import replace
from sparkproof.run.ledger import Line

_KEPT = 5
# Only what ran to its end tells how long its like takes.
_TELLING = ("passed", "failed")


class Durations:
    """Durations in seconds by scenario id, the latest runs' only; a file that cannot be read is started anew."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.complaint = ""
        self._durations: dict[str, list[float]] = {}
        try:
            known = json.loads(path.read_text(encoding="utf-8"))
            self._durations = {str(name): [_seconds(one) for one in took] for name, took in known.items()}
        except FileNotFoundError:
            return
        except (OSError, ValueError, TypeError, AttributeError) as wrong:
            self.complaint = f"{path} is not a history of durations ({wrong}); it is started anew."

    def usual(self, identity: str) -> float:
        """The mean duration of a scenario in seconds; of an unknown one that of its file's or its folder's, else 0."""
        return _mean(self._durations.get(identity, [])) or _first(self._of_like, identity)

    def knows(self, identity: str) -> bool:
        """Return True if an earlier run says how long this scenario takes."""
        return identity in self._durations

    @functools.cached_property
    def _of_like(self) -> dict[str, float]:
        """The mean duration of what is known of each file of features and of each folder."""
        return _means_of_like({identity: _mean(took) for identity, took in self._durations.items()})

    @functools.cached_property
    def of_all(self) -> float:
        """The mean duration of all scenarios that are known in seconds, else 0."""
        return _mean([_mean(took) for took in self._durations.values()])

    def learn(self, lines: Iterable[Line]) -> None:
        """Add what passed and failed in this run and write the file; raises OSError."""
        for line in lines:
            if line.outcome in _TELLING:
                self._durations[line.id] = [*self._durations.get(line.id, []), line.duration_s][-_KEPT:]
        replace(self._path, json.dumps(self._durations).encode())


def measured(lines: Iterable[Line]) -> Callable[[str], float]:
    """Return what says how many seconds a scenario takes, by what its file's or its folder's took here, else 0."""
    known = _means_of_like({line.id: line.duration_s for line in lines if line.outcome in _TELLING})
    return lambda identity: _first(known, identity)


def _means_of_like(took: Mapping[str, float]) -> dict[str, float]:
    known: defaultdict[str, list[float]] = defaultdict(list)
    for identity, seconds in took.items():
        for like in _like(identity):
            known[like].append(seconds)
    return {like: _mean(seconds) for like, seconds in known.items()}


def _first(of_like: Mapping[str, float], identity: str) -> float:
    return next((of_like[like] for like in _like(identity) if like in of_like), 0.0)


def _like(identity: str) -> tuple[str, str]:
    """The file of a scenario's feature and its folder, by the scenario's id."""
    file = identity.partition("::")[0]
    return file, file.rpartition("/")[0] + "/"


def _seconds(value: object) -> float:
    if not isinstance(value, int | float) or not 0 <= value < math.inf:
        raise ValueError(f"{value!r} is no duration")
    return float(value)


def _mean(seconds: list[float]) -> float:
    return sum(seconds) / len(seconds) if seconds else 0.0
