"""Amounts of a cluster (cores, memory, GPUs), what a scenario reserves of it, and who may run beside a scenario."""

from dataclasses import dataclass
from enum import IntEnum

_UNITS = {"": 1, "Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40, "k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}

AMOUNTS = ("cpu", "memory", "gpus")


class Isolation(IntEnum):
    """The scenarios that may run beside one, in the order in which scenarios are taken."""

    PARALLEL = 0
    SERIAL = 1
    DISRUPTIVE = 2


@dataclass(frozen=True)
class Resources:
    """An amount of a cluster: `cpu` in cores, `memory` in bytes, whole `gpus`."""

    cpu: float = 0.0
    memory: int = 0
    gpus: int = 0

    def lacks(self, capacity: "Resources") -> str:
        """Return which of these amounts exceed `capacity`, in words; "" when they fit."""
        wanted = ((name, getattr(self, name), getattr(capacity, name)) for name in AMOUNTS)
        return " and ".join(
            f"{show(name, want)} (there are {show(name, have)})" for name, want, have in wanted if want > have
        )


@dataclass(frozen=True)
class Reservation(Resources):
    """The holdings of a running scenario: resources, `locks` that it holds alone, and locks that are `shared`.

    What is in both is held alone now, and had by others before and after.
    """

    locks: frozenset[str] = frozenset()
    shared: frozenset[str] = frozenset()


NOTHING = Reservation()


def show(name: str, amount: float) -> str:
    """An amount in words: `show("memory", 2**31)` is "2 GiB of memory"."""
    if name == "memory":
        return f"{amount / 2**30:g} GiB of memory"
    return f"{amount:g} {'GPUs' if name == 'gpus' else 'cores'}"


def quantity(text: str) -> float:
    """A Kubernetes quantity ("500m", "2", "4Gi") as a number; raises ValueError."""
    if text.endswith("m"):
        return float(text[:-1]) / 1000
    number = text.rstrip("KMGTik")
    unit = text[len(number) :]
    if unit not in _UNITS:
        raise ValueError(f"{text!r} is not a quantity")
    return float(number) * _UNITS[unit]
