"""The typed parameters of phrases: each takes words of a closed list, so that a wrong word is found before a run."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sparkproof.build import versions
from sparkproof.charts import promises
from sparkproof.core import examples
from sparkproof.core.errors import UsageError
from sparkproof.core.nearest import hint
from sparkproof.governance.erasure import REACHES
from sparkproof.iceberg.reader import WAYS
from sparkproof.operations.backup import HARMS
from sparkproof.operations.broken_counter import TROUBLES
from sparkproof.operations.counter import ASKING
from sparkproof.operations.drill import KEEPERS
from sparkproof.platform.classes import classes, named
from sparkproof.resilience.disturbance import COMPONENTS, DISTURBANCES
from sparkproof.resilience.lost import SINGLE
from sparkproof.resilience.trial import Verdict
from sparkproof.scaling.rightsizing import HEAPS, SHARES
from sparkproof.scaling.size_advice import SIZED
from sparkproof.spark import recipe
from sparkproof.spark.catalogs import NAMES as CATALOGS
from sparkproof.tenancy.careless import PLACES
from sparkproof.tenancy.network import CALLERS, GUESTS, SERVERS


@dataclass(frozen=True)
class Parameter:
    """A type of parameters: its `meaning`, the `known` words, and the `value` of a word, or UsageError.

    `pattern` is the regular expression that behave matches.
    """

    meaning: str
    known: Callable[[], Iterable[str]]
    value: Callable[[str], Any]
    pattern: str = ".+?"

    def __call__(self, text: str) -> Any:
        """Return the value of the word; raises UsageError, with the nearest known one."""
        return self.value(text)


def _one_of(meaning: str, known: Iterable[str]) -> Parameter:
    words = list(known)

    def value(text: str) -> str:
        if text not in words:
            raise UsageError(f"{text!r} is not {meaning}; {hint(text, words)}")
        return text

    return Parameter(meaning, lambda: words, value)


def _example(folder: str, meaning: str) -> Parameter:
    """Return the type of names, in words, of the files in a folder of examples/."""

    def value(text: str) -> str:
        examples.path(folder, text)
        return text

    return Parameter(f"{meaning}, a file in examples/{folder}", lambda: examples.names(folder), value)


def _spark_version(text: str) -> str:
    return versions.spark(text).name


def _application(text: str) -> str:
    examples.application(text)
    return text


def _project(text: str) -> str:
    examples.project(text)
    return text


def _verdict(text: str) -> Verdict:
    return Verdict(_one_of("a verdict on users' work", [each.value for each in Verdict]).value(text))


def _numbers(text: str) -> list[int]:
    return [int(word) for word in text.replace(" and ", ", ").split(", ")]


TYPES: Mapping[str, Parameter] = {
    "PlatformClass": Parameter(
        "a class of platforms, a file in examples/platforms", lambda: sorted(classes()), named, r"[\w-]+"
    ),
    "SparkVersion": Parameter("a version of Spark", versions.names, _spark_version, r"\S+"),
    "Application": Parameter(
        "a program in examples/applications", lambda: examples.names("applications"), _application
    ),
    "SparkApplication": _example("spark-applications", "a SparkApplication"),
    "Project": Parameter("a project in examples/projects", examples.projects, _project),
    "Notebook": _example("notebooks", "a notebook"),
    "Suite": _example("quality", "rules for data"),
    "Dag": _example("dags", "a DAG"),
    "Recipe": _one_of("a recipe, a page in docs/recipes", recipe.names()),
    "Promise": Parameter(
        "a promise of the charts", lambda: [each.sentence for each in promises.every()], promises.named, ".+"
    ),
    "Mode": _one_of("a deploy mode", ("client", "cluster")),
    "Catalog": _one_of("a kind of catalog", CATALOGS),
    "Numbers": Parameter(
        "numbers of users, such as 1, 2 and 4", lambda: ("1, 2 and 4",), _numbers, r"\d+(?:(?:, | and )\d+)*"
    ),
    "Reach": _one_of("what an erasure has to reach", REACHES),
    "Asking": _one_of("a key with which somebody asks a counter", ASKING),
    "CounterTrouble": _one_of("what is wrong with a counter of objects", TROUBLES),
    "Harm": _one_of("a harm to a backup", HARMS),
    "Volumes": _one_of("a platform's volume that a drill can lose", KEEPERS),
    "Component": _one_of("a component of a platform that can be disturbed", COMPONENTS),
    "Disturbance": _one_of("a disturbance of a component", DISTURBANCES),
    "SingleComponent": _one_of("a component that a platform can lose alone", SINGLE),
    "Caller": _one_of("a part of a platform that calls others", CALLERS),
    "Server": _one_of("a part of a platform that others call", SERVERS),
    "Guest": _one_of("somebody outside a platform whom its values let in", GUESTS),
    "Verdict": Parameter(
        "a verdict on users' work while a component is disturbed", lambda: [each.value for each in Verdict], _verdict
    ),
    "WayToRead": _one_of("a way to read a table", WAYS),
    "SecretPlace": _one_of("a place where a program shows a secret", PLACES),
    "Heap": _one_of("memory of executors", HEAPS),
    "Share": _one_of("a share of the advised memory", SHARES),
    "Sized": _one_of("a component for which advice on sizes is asked", SIZED),
    "NodeType": _example("nodes", "a type of simulated nodes"),
    "NodePool": _example("node-pools", "a pool of simulated nodes"),
    "Pod": _example("pods", "a pod"),
    "Service": _example("services", "a Service"),
    "Policy": _example("policies", "a network policy"),
    "Environment": _example("environments", "an environment"),
    "Values": _example("values", "settings of a platform"),
    "Settings": _example("impossible", "settings that cannot work together"),
    "Template": _example("templates", "a template"),
}
