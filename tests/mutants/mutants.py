"""Mutants: one object, one field of it, or one of Spark's settings, dropped or changed."""

import json
import random
import re
from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any

from sparkproof.charts.promises import View

Path = tuple[str | int, ...]
DROPPED = "dropped"
_NUMBER = re.compile(r"(\d+)([A-Za-z]*)")
# What a fault makes of these is another of them; of any other text, a text that nobody knows.
_KNOWN = [("ClusterIP", "LoadBalancer", "NodePort"), ("TCP", "UDP"), ("Never", "Always", "OnFailure"),
          ("FAIR", "FIFO"), ("IfNotPresent", "Always"), ("ReadWriteOnce", "ReadWriteMany")]  # fmt: skip
# A field that has Kubernetes' own default may as well not be there.
_DEFAULTS = {
    "periodSeconds": 10, "failureThreshold": 3, "timeoutSeconds": 1, "protocol": "TCP", "type": "ClusterIP",
    "replicas": 1, "imagePullPolicy": "IfNotPresent", "emptyDir": {}, "initialDelaySeconds": 0,
}  # fmt: skip


@dataclass(frozen=True)
class Mutant:
    """A fault in a platform: what the field at `path` of the object number `at` becomes, or DROPPED.

    Without a path it is the object itself that is dropped.
    """

    view: View
    at: int
    path: Path
    becomes: Any

    def __str__(self) -> str:
        """The object, the field and the change in one line."""
        found = self.view.objects[self.at]
        where = ".".join(map(str, self.path)) or "the object"
        how = DROPPED if self.becomes is DROPPED else f"{_short(self.was)} -> {_short(self.becomes)}"
        return f"{self.view.case.chart.name}: {found['kind']} {found['metadata']['name']}: {where}: {how}"

    @property
    def was(self) -> Any:
        """The value that the field has."""
        found: Any = self.view.objects[self.at]
        for key in self.path:
            found = found[key]
        return found

    @property
    def is_the_default(self) -> bool:
        """Return True if the cluster does the same without the field."""
        name = self.path[-1] if self.path else ""
        return self.becomes is DROPPED and name in _DEFAULTS and self.was == _DEFAULTS[str(name)]

    def seen(self) -> View:
        """The platform with this fault."""
        if not self.path:
            return replace(self.view, objects=[*self.view.objects[: self.at], *self.view.objects[self.at + 1 :]])
        broken = deepcopy(self.view.objects[self.at])
        inner: Any = broken
        for key in self.path[:-1]:
            inner = inner[key]
        if self.becomes is DROPPED:
            del inner[self.path[-1]]
        else:
            inner[self.path[-1]] = self.becomes
        objects: Sequence[Any] = [*self.view.objects[: self.at], broken, *self.view.objects[self.at + 1 :]]
        return replace(self.view, objects=objects)


def every(views: Sequence[View], seed: int) -> list[Mutant]:
    """Drop and change each field once, in a shuffled order; the seed says where it is broken, and into what.

    A line that several renderings have alike is broken in one of them.
    """
    chance = random.Random(seed)
    shuffled = chance.sample(list(views), len(views))
    found: dict[str, Mutant] = {}
    for view in shuffled:
        for at, each in enumerate(view.objects):
            for path, value in _fields(each):
                key = json.dumps([each["kind"], each["metadata"]["name"], path, value], default=str)
                if key not in found:
                    found[key] = Mutant(view, at, path, DROPPED)
                    if not isinstance(value, dict | list):
                        found[f"{key} changed"] = Mutant(view, at, path, _another(value, chance))
    made = list(found.values())
    chance.shuffle(made)
    return made


def _fields(node: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Each field below a node with its path, those inside others too; kind and name say which object it is."""
    if not path:
        yield path, node
    inner = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in inner:
        here = (*path, key)
        if here not in (("kind",), ("apiVersion",), ("metadata",), ("metadata", "name")):
            yield here, value
        yield from _fields(value, here)


def _another(value: Any, chance: random.Random) -> Any:
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return chance.choice([value * 10 or 10, value // 10 if value else 10])
    if not isinstance(value, str):
        return "x"
    if value in ("true", "false"):
        return "false" if value == "true" else "true"
    if number := _NUMBER.fullmatch(value):
        return f"{int(number[1]) * 10 or 10}{number[2]}"
    for group in _KNOWN:
        if value in group:
            return chance.choice([each for each in group if each != value])
    if "\n" in value:
        lines = value.splitlines(keepends=True)
        gone = chance.randrange(len(lines))
        return "".join([*lines[:gone], *lines[gone + 1 :]])
    return chance.choice([f"{value}x", value[:-1], ""]) if value else "x"


def _short(value: Any) -> str:
    text = str(value).replace("\n", " ")
    return text if len(text) <= 60 else f"{text[:57]}..."
