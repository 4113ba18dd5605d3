"""Seconds from `helm install` to the first answered query of a platform, with its image on the node."""

import statistics
from collections.abc import Iterator

from bench.figure import Figure, seconds
from sparkproof.spark.executors import A_QUERY_FOR_EXECUTORS
from sparkproof.suite.suite import Suite

_RUNS = 5


def measure() -> Iterator[Figure]:
    """Measure Spark Connect with one executor, which the first query starts; each run has its own namespace."""
    suite = Suite()
    suite.begin()
    try:
        suite.releases.target.provide(suite.image)
        taken = [seconds(lambda: first_answer(suite)) for _ in range(_RUNS)]
    finally:
        suite.end()
    how = f"median of {_RUNS}, from helm install"
    yield Figure("the first answer of a new platform's executor", statistics.median(taken), "s", 30.0, how)


def first_answer(suite: Suite) -> None:
    """Install a platform, run a query that needs an executor, and remove the platform."""
    release = suite.install(suite.team(), values={"dynamicAllocation": {"maxExecutors": 1}})
    release.open_session().sql(A_QUERY_FOR_EXECUTORS)
    release.close()
    release.team.delete()
