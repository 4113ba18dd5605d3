"""The closed vocabulary of tags: the meaning of each, and the needs, reservation and isolation of scenarios by them."""

import fnmatch
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sparkproof.build import versions
from sparkproof.core.errors import UsageError
from sparkproof.core.nearest import hint
from sparkproof.core.resources import Isolation, Reservation, Resources, quantity

Kind = Literal["topic", "need", "version", "scheduling", "life", "severity"]

REQUIRES = "requires."
LOCK = "lock."
SHARES = "shares."
LIMIT = "limit."
RAPIDS = "rapids"
PROCESSES = "processes"
USERS = "users"
SOLE_USER = "sole-user"
SPARK = "spark."
_AMOUNTS = ("cpu.", "memory.", "gpus.")
_OPEN = (LOCK, SHARES, LIMIT, *_AMOUNTS)
WITHOUT_CLUSTER = "charts"


@dataclass(frozen=True)
class Tag:
    """One tag: `name` without the @, `meaning` in words, and the `resources` that its scenarios usually reserve."""

    name: str
    kind: Kind
    meaning: str
    resources: Resources | None = None


VOCABULARY: Sequence[Tag] = (
    Tag("airflow", "topic", "pipelines that Airflow runs"),
    Tag("autoscaling", "topic", "executors that come and go with the work", Resources(cpu=0.5, memory=2 * 2**30)),
    Tag("charts", "topic", "what the charts render, without a cluster"),
    Tag("connect", "topic", "Spark Connect, as a user reaches it", Resources(cpu=0.1, memory=256 * 2**20)),
    Tag("environments", "topic", "platforms that are what their files say, from development to production"),
    Tag("governance", "topic", "who owns tables, what may be in them, what is erased, and who changed them"),
    Tag("gpu", "topic", "RAPIDS on a GPU"),
    Tag("iceberg", "topic", "tables in an Iceberg catalog"),
    Tag("jupyter", "topic", "notebooks"),
    Tag("load", "topic", "many users at once, and what each of them gets"),
    Tag("mlflow", "topic", "experiments tracked by MLflow"),
    Tag("observability", "topic", "targets, alerts and dashboards, as a Prometheus has them"),
    Tag("quality", "topic", "data that is judged by rules"),
    Tag("recovery", "topic", "what was lost, brought back and compared"),
    Tag("resilience", "topic", "what users notice while a component is disturbed"),
    Tag("security", "topic", "who may do what, and what is refused"),
    Tag("standalone", "topic", "a Spark standalone cluster"),
    # A driver and one executor, in a pod each.
    Tag("submit", "topic", "applications submitted from a client pod", Resources(cpu=0.4, memory=2 * 2**30)),
    Tag(f"{REQUIRES}browser", "need", "a Chromium where the suite runs"),
    Tag(f"{REQUIRES}gpu", "need", "a node that offers nvidia.com/gpu", Resources(gpus=1)),
    Tag(
        f"{REQUIRES}network-policy",
        "need",
        "a network that enforces policies",
        Resources(cpu=0.1, memory=192 * 2**20),
    ),
    Tag(f"{REQUIRES}simulated-nodes", "need", "nodes that kwok plays: pods are scheduled to them, nothing runs"),
    Tag(
        f"{REQUIRES}prometheus",
        "need",
        "a Prometheus that the Prometheus operator runs; the embedded cluster gets one",
        Resources(cpu=0.1, memory=512 * 2**20),
    ),
    Tag(
        f"{REQUIRES}kube-state-metrics",
        "need",
        "a Prometheus that reads kube-state-metrics, which tells of Jobs and Secrets; the embedded cluster gets both",
        Resources(cpu=0.1, memory=576 * 2**20),
    ),
    Tag(f"{REQUIRES}node-autoscaler", "need", "Karpenter, which adds and removes simulated nodes"),
    Tag(f"{REQUIRES}keda", "need", "KEDA, which scales workloads by what a source says"),
    Tag(
        f"{REQUIRES}kueue",
        "need",
        "Kueue, which lets pods and jobs wait for their team's quota",
        Resources(cpu=0.5, memory=512 * 2**20),
    ),
    Tag(
        f"{REQUIRES}vpa",
        "need",
        "the recommender of the VerticalPodAutoscaler, which advises sizes of pods",
        Resources(cpu=0.1, memory=192 * 2**20),
    ),
    Tag(f"{REQUIRES}spark-operator", "need", "Kubeflow's Spark Operator, which runs SparkApplications"),
    Tag(
        f"{REQUIRES}control-plane", "need", "a control plane that the run may stop and restore: the embedded cluster's"
    ),
    Tag(RAPIDS, "need", "a Spark version that RAPIDS supports, and a RAPIDS jar for it"),
    Tag(PROCESSES, "need", "Spark alone: `-D cluster=processes` will do where there is no Kubernetes"),
    Tag(
        USERS, "need", "only what a platform's users may: `-D platform=FILE` will do, a platform that is already there"
    ),
    *(Tag(f"{SPARK}{version}", "version", f"Spark {version}") for version in versions.names()),
    Tag(SOLE_USER, "scheduling", "nobody else uses its platform meanwhile; others run on others"),
    Tag("serial", "scheduling", "runs alone"),
    Tag("disruptive", "scheduling", "runs alone and last; the platform is rebuilt afterwards"),
    Tag("slow", "scheduling", "takes over five minutes"),
    Tag("smoke", "life", "the first few minutes of every run"),
    Tag("wip", "life", "being written"),
    Tag("flaky", "life", "known to need repetition; names its issue"),
    Tag("blocker", "severity", "nothing else matters while it fails"),
    Tag("critical", "severity", "a main promise of the platform"),
    Tag("normal", "severity", "a promise"),
    Tag("minor", "severity", "a convenience"),
)
_KNOWN = {tag.name: tag for tag in VOCABULARY}
_WORD = re.compile(r"[^\s(),~@-][^\s(),]*")


def capabilities(tags: Iterable[str]) -> list[str]:
    """Return the capabilities that a scenario with these tags needs, sorted: `requires.gpu` needs gpu."""
    return sorted(tag.removeprefix(REQUIRES) for tag in tags if tag.startswith(REQUIRES))


def needs_cluster(tags: Iterable[str]) -> bool:
    """True if a scenario with these tags needs a cluster: all do except those about rendered charts."""
    carried = list(tags)
    return WITHOUT_CLUSTER not in carried or bool(capabilities(carried))


def needs_kubernetes(tags: Iterable[str]) -> bool:
    """True if a scenario with these tags needs Kubernetes: all that need a cluster do, except with @processes."""
    carried = list(tags)
    return needs_cluster(carried) and PROCESSES not in carried


def locks(tags: Iterable[str]) -> list[str]:
    """Return the named locks that a scenario with these tags holds alone, sorted: `lock.history` holds history."""
    return sorted(tag.removeprefix(LOCK) for tag in tags if tag.startswith(LOCK))


def reservation(tags: Iterable[str]) -> Reservation:
    """Return what a scenario with these tags reserves: the largest usual amounts of its tags, or those it names.

    `@cpu.2`, `@memory.4Gi` and `@gpus.1` name amounts; `@lock.history` holds a lock alone, `@shares.history` with
    others. Raises UsageError for a tag without an amount.
    """
    found = set(tags)
    needs = [tag.resources for tag in VOCABULARY if tag.name in found and tag.resources]
    amounts = {kind: _amount(kind, found) for kind in _AMOUNTS}
    return Reservation(
        cpu=_or(amounts["cpu."], max((need.cpu for need in needs), default=0.0)),
        memory=int(_or(amounts["memory."], max((need.memory for need in needs), default=0))),
        gpus=int(_or(amounts["gpus."], max((need.gpus for need in needs), default=0))),
        locks=frozenset(locks(found)),
        shared=frozenset(tag.removeprefix(SHARES) for tag in found if tag.startswith(SHARES)),
    )


def isolation(tags: Iterable[str]) -> Isolation:
    """Return the isolation of a scenario with these tags: parallel with others, alone, or alone and last."""
    found = set(tags)
    return (
        Isolation.DISRUPTIVE if "disruptive" in found else Isolation.SERIAL if "serial" in found else Isolation.PARALLEL
    )


def limit(tags: Iterable[str]) -> float:
    """Return the seconds after which a scenario with these tags is ended (`@limit.1200`); 0 without a limit."""
    return _amount(LIMIT, tags) or 0.0


def spark_version(tags: Iterable[str]) -> str:
    """Return the Spark version of a scenario: `spark.4.1.0` names 4.1.0; "" when no tag names one."""
    return next((tag.removeprefix(SPARK) for tag in tags if tag.startswith(SPARK)), "")


def topic(tags: Iterable[str]) -> str:
    """Return a scenario's group: its first topic in the order gpu, iceberg, standalone, others; else baseline."""
    found = sorted(tag for tag in tags if tag in _KNOWN and _KNOWN[tag].kind == "topic")
    first = next((name for name in ("gpu", "iceberg", "standalone") if name in found), None)
    return first or next(iter(found), "baseline")


def check(used: Mapping[str, str]) -> None:
    """Check that the vocabulary has all of these tags, each given with its place ("features/x.feature:3").

    Raises UsageError with one line for each unknown tag, which names the nearest known one.
    """
    unknown = [name for name in used if name not in _KNOWN and not name.startswith(_OPEN)]
    if unknown:
        raise UsageError("\n".join(f"{used[name]}: Tag @{name} is unknown; {_nearest(name)}" for name in unknown))


def places(scenarios: Iterable[Any]) -> dict[str, str]:
    """Return all tags of behave's scenarios, each with the first place that has it."""
    found: dict[str, str] = {}
    for scenario in scenarios:
        for tag in scenario.effective_tags:
            found.setdefault(tag, f"{scenario.filename}:{getattr(tag, 'line', scenario.line)}")
    return found


def check_expression(expressions: str | Iterable[str]) -> None:
    """Check the tags in expressions of --tags; a pattern must match some tag. Raises UsageError."""
    text = expressions if isinstance(expressions, str) else " ".join(expressions)
    for word in _WORD.findall(text):
        if word not in ("and", "or", "not") and not fnmatch.filter(_KNOWN, word) and not word.startswith(_OPEN):
            raise UsageError(f"Tag @{word} is unknown; {_nearest(word)}")


def _amount(kind: str, tags: Iterable[str]) -> float | None:
    tag = next((tag for tag in sorted(tags) if tag.startswith(kind)), None)
    if tag is None:
        return None
    try:
        return quantity(tag.removeprefix(kind))
    except ValueError:
        raise UsageError(
            f"Tag @{tag} has no valid amount: write it as @cpu.2, @memory.4Gi, @gpus.1 or @limit.1200 (seconds)."
        ) from None


def _or(amount: float | None, usual: float) -> float:
    return usual if amount is None else amount


def _nearest(name: str) -> str:
    return f"{hint(name, _KNOWN, '@{}')} docs/tags.md lists all."
