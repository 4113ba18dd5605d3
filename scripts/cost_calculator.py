#!/usr/bin/env python3
"""Says what a Spark application cost: the hours of its driver and executors, at the prices of the nodes they ran on.

It needs nothing but Python and calculator.py beside it. The hours are those that Spark knows: an executor's from its
registration to its removal, the driver's from the application's start to its end. A pod pays for the larger of its
shares of the node's cores and memory. What nobody uses of a node is nobody's cost here.
"""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

from calculator import Impossible, in_history, positive, read, size

EXAMPLES = """examples:
  # An ended application that the History Server shows: its driver on an on-demand node, its executors on spot nodes
  kubectl port-forward service/lake-history-server 18080 &
  cost_calculator.py --prices prices.json --driver-node on-demand --executor-node spot \\
      --history http://localhost:18080 --application spark-0123456789ab

  # The same from two answers of Spark's REST interface that were saved, and what other nodes would have cost
  curl .../api/v1/applications/ID > application.json
  curl .../api/v1/applications/ID/allexecutors > executors.json
  cost_calculator.py --prices prices.json --driver-node on-demand --executor-node spot --instead on-demand \\
      --application-file application.json --executors executors.json --executor-memory 2g

A price list, with a price for each hour of a whole node:
  {"currency": "USD",
   "nodes": {"on-demand": {"capacity": "on-demand", "cores": 8, "memory": "32g", "hour": 0.384},
             "spot": {"capacity": "spot", "cores": 8, "memory": "32g", "hour": 0.1536}}}
"""

_HOUR = 3600
_GIB = 1 << 30


@dataclass(frozen=True)
class Node:
    """A line of the price list: cores and bytes of memory of a node, its price for an hour, and how it is bought."""

    name: str
    capacity: str
    cores: int
    memory: int
    hour: float


@dataclass(frozen=True)
class Pod:
    """A driver or an executor: its hours, its cores, and the bytes of its memory (0 if they are not known)."""

    hours: float
    cores: int
    memory: int

    def cost(self, node: Node) -> float:
        """Return the price of its share of a node; raises Impossible if it does not fit."""
        share = max(Fraction(self.cores, node.cores), Fraction(self.memory, node.memory))
        if share > 1:
            raise Impossible(
                f"A pod of {self.cores} cores and {self.memory / _GIB:g} GiB does not fit on the node "
                f"{node.name!r}; name the node on which it ran."
            )
        return float(share) * self.hours * node.hour


@dataclass(frozen=True)
class Cost:
    """The cost of an application, in all and of its executors; hours of pods by the capacity that they ran on.

    `instead` is what the same hours of the executors would have cost on other nodes; None if nobody asked.
    """

    currency: str
    total: float
    executors: float
    hours: Mapping[str, float]
    instead: float | None = None


def cost(prices: "Prices", driver: Pod, executors: Sequence[Pod], on: tuple[str, str], instead: str | None) -> Cost:
    """Return the cost of a driver and its executors `on` these two nodes; raises Impossible."""
    driver_node, executor_node = (prices.node(name) for name in on)
    hours = {driver_node.capacity: driver.hours}
    hours[executor_node.capacity] = hours.get(executor_node.capacity, 0) + sum(each.hours for each in executors)
    of_executors = sum(each.cost(executor_node) for each in executors)
    other = prices.node(instead) if instead else None
    return Cost(
        prices.currency,
        driver.cost(driver_node) + of_executors,
        of_executors,
        hours,
        sum(each.cost(other) for each in executors) if other else None,
    )


@dataclass(frozen=True)
class Prices:
    """A price list."""

    currency: str
    nodes: Mapping[str, Node]

    @classmethod
    def read(cls, path: str) -> "Prices":
        """Return the price list of a file; raises Impossible."""
        given = read(path)
        try:
            nodes = {
                name: Node(name, node["capacity"], node["cores"], size(node["memory"]), node["hour"])
                for name, node in given["nodes"].items()
            }
            if not all(each.cores > 0 and each.memory > 0 and each.hour >= 0 for each in nodes.values()):
                raise ValueError
            return cls(given["currency"], nodes)
        except (KeyError, TypeError, AttributeError, ValueError, argparse.ArgumentTypeError):
            raise Impossible(f"{path} is no price list; --help shows one.") from None

    def node(self, name: str) -> Node:
        """Return the node of this name; raises Impossible."""
        if name not in self.nodes:
            raise Impossible(f"The price list has no node {name!r}; it has {', '.join(self.nodes) or 'none'}.")
        return self.nodes[name]


def pods(
    application: Mapping[str, Any], executors: Sequence[Mapping[str, Any]], driver: tuple[int, int], memory: int
) -> tuple[Pod, list[Pod]]:
    """Return the driver and the executors of an application, as Spark's REST interface has them.

    `driver` are the driver's cores and bytes of memory; `memory` are the bytes of each executor. Raises Impossible
    while the application runs.
    """
    attempt = application["attempts"][0]
    if not attempt["completed"]:
        raise Impossible(f"{application['id']} still runs; its cost is known when it has ended.")
    began, ended = moment(attempt["startTime"]), moment(attempt["endTime"])
    own = [each for each in executors if each["id"] != "driver"]
    lives = [(moment(each["addTime"]), moment(each.get("removeTime") or attempt["endTime"])) for each in own]
    return (
        Pod((ended - began).total_seconds() / _HOUR, *driver),
        [
            Pod((min(gone, ended) - came).total_seconds() / _HOUR, each["totalCores"], memory)
            for each, (came, gone) in zip(own, lives, strict=True)
        ],
    )


def moment(text: str) -> datetime:
    """Return a moment as Spark's REST interface writes it."""
    return datetime.fromisoformat(text.replace("GMT", "+00:00"))


def pods_of(asked: argparse.Namespace) -> tuple[Pod, list[Pod]]:
    """Return the driver and the executors of the application that the arguments name; raises Impossible."""
    application, executors = asked.application_file, asked.executors
    if asked.history:
        application = in_history(asked.history, asked.application)
        executors = f"{application}/allexecutors"
    if not (application and executors):
        raise Impossible("Name the application: --history and --application, or --application-file and --executors.")
    driver = (asked.driver_cores, asked.driver_memory)
    try:
        return pods(read(application), read(executors), driver, asked.executor_memory)
    except (KeyError, TypeError, AttributeError, IndexError, ValueError):
        raise Impossible(
            f"{application} and {executors} are not the answers of Spark's REST interface to /applications/ID and "
            "/applications/ID/allexecutors."
        ) from None


def shown(found: Cost, output: str) -> str:
    """Return the cost as "text" for people, or as "json"."""
    if output == "json":
        return json.dumps(asdict(found), indent=2)
    lines = [f"cost       {found.total:.4f} {found.currency}, of which executors {found.executors:.4f}"]
    lines += [f"{capacity:10} {hours:.4f} hours of pods" for capacity, hours in found.hours.items()]
    if found.instead is not None:
        saved = 1 - found.executors / found.instead if found.instead else 0
        lines.append(f"instead    {found.instead:.4f} {found.currency} for the same executors: {saved:.0%} saved")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the cost; return 0, or 1 with a sentence on standard error if it cannot be said."""
    parser = argparse.ArgumentParser(
        description=__doc__, epilog=EXAMPLES, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--prices", metavar="FILE", required=True, help="the price list, JSON")
    parser.add_argument("--driver-node", metavar="NAME", required=True, help="the driver's node in the price list")
    parser.add_argument("--executor-node", metavar="NAME", required=True, help="that of the executors")
    parser.add_argument("--instead", metavar="NAME", help="other nodes for the executors, for comparison")
    sizes = parser.add_argument_group("sizes; where a memory is missing, cores alone decide")
    sizes.add_argument("--driver-cores", type=positive, default=1, help="1 if nothing else is said")
    sizes.add_argument("--driver-memory", type=size, default=0, help="heap and what is beside it, such as 2g")
    sizes.add_argument("--executor-memory", type=size, default=0, help="that of each executor")
    run = parser.add_argument_group("the application, which has ended")
    run.add_argument("--history", metavar="URL", help="a History Server")
    run.add_argument("--application", metavar="ID", help="the application's id there")
    run.add_argument("--application-file", metavar="FILE", help="its answer to /applications/ID")
    run.add_argument("--executors", metavar="FILE", help="its answer to /applications/ID/allexecutors")
    parser.add_argument("--output", choices=["text", "json"], default="text", help="how it is printed")
    asked = parser.parse_args(arguments)
    try:
        driver, executors = pods_of(asked)
        found = cost(
            Prices.read(asked.prices), driver, executors, (asked.driver_node, asked.executor_node), asked.instead
        )
    except Impossible as reason:
        print(f"cost_calculator: {reason}", file=sys.stderr)
        return 1
    print(shown(found, asked.output))
    return 0


if __name__ == "__main__":
    sys.exit(main())
