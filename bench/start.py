"""How long a platform takes from `helm install` to its first answered query, with its image on the node."""

import statistics
from collections.abc import Iterator

from bench.figure import Figure, seconds
from sparkproof.spark.executors import A_QUERY_FOR_EXECUTORS
from sparkproof.suite.suite import Suite

_RUNS = 5


def measure() -> Iterator[Figure]:
    """Spark Connect with one executor, which the first query starts; each run in a namespace of its own."""
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
    """Install a platform, wait for the answer of a query that no driver answers alone, and remove the platform."""
    release = suite.install(suite.team(), values={"dynamicAllocation": {"maxExecutors": 1}})
    release.open_session().sql(A_QUERY_FOR_EXECUTORS)
    release.close()
    release.team.delete()
