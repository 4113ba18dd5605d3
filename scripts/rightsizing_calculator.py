#!/usr/bin/env python3
"""Says how many executors a Spark job should have and how large each should be, and why.

It needs nothing but Python and calculator.py beside it. Sizes of the job come from its data alone, or better from a run
of the same job that was measured: what the History Server (or a live driver) says of its tasks and executors.
"""

import argparse
import json
import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from calculator import Impossible, in_history, positive, read, size

EXAMPLES = """examples:
  # Three nodes with 15 free cores and 56 GiB each, 500 GiB of data, never measured
  rightsizing_calculator.py --nodes 3 --node-cores 15 --node-memory 56g --data 500g

  # The same, from a run of the job that the History Server shows
  kubectl port-forward service/lake-history-server 18080 &
  rightsizing_calculator.py --nodes 3 --node-cores 15 --node-memory 56g \\
      --history http://localhost:18080 --application spark-0123456789ab

  # From the two answers of Spark's REST interface that were saved before; the advice as values of the chart
  curl .../api/v1/applications/ID/allexecutors > executors.json
  curl '.../api/v1/applications/ID/stages?details=true' > stages.json
  rightsizing_calculator.py --nodes 3 --node-cores 15 --node-memory 56g \\
      --executors executors.json --stages stages.json --output values > executors-values.yaml
"""

MIB = 1 << 20
# What Spark keeps of each heap for itself, and its default share of the rest for execution and storage:
# https://spark.apache.org/docs/latest/configuration.html#memory-management
RESERVED = 300 * MIB
UNIFIED_SHARE = Fraction(6, 10)
# The smallest heap with which an executor starts: 1.5 times what Spark keeps.
SMALLEST_HEAP = 450 * MIB
# Spark's defaults for memory beside the heap: spark.executor.minMemoryOverhead and spark.executor.memoryOverheadFactor.
SMALLEST_OVERHEAD = 384 * MIB
OVERHEAD_SHARE = Fraction(1, 10)
# The most tasks at once for which one JVM's garbage collection is rarely the bottleneck.
MOST_CORES = 5
# spark.sql.files.maxPartitionBytes; as objects in memory, rows of compressed columns take several times as much.
PARTITION = 128 * MIB
UNPACKED = 3
# How many tasks each core runs one after another: enough that one slow task does not keep the others waiting.
WAVES = 3
# What a task that spilled would have needed for each byte of it.
GROWTH = 2
# For what a measured run did not show.
MARGIN = Fraction(11, 10)


@dataclass(frozen=True)
class Nodes:
    """The nodes for executors: their number, and the free cores and bytes of memory of each."""

    count: int
    cores: int
    memory: int


@dataclass(frozen=True)
class Measured:
    """A measured run: bytes that one task needs, bytes beside the heap of one executor, and the number of tasks.

    `stored` are the bytes that one executor kept in storage (cached tables, broadcasts). `tasks` is the number of tasks
    in the stage that has the most; `data` are the bytes that the run read.
    """

    task: int
    stored: int
    beside: int
    tasks: int
    data: int
    spilled: int


@dataclass(frozen=True)
class Number:
    """A number of the advice with its reason; memory is in MiB."""

    value: int
    why: str


@dataclass(frozen=True)
class Advice:
    """Executors, and for each of them cores, heap and memory beside the heap (MiB)."""

    executors: Number
    cores: Number
    memory: Number
    overhead: Number


def measured(stages: Sequence[dict[str, Any]], executors: Sequence[dict[str, Any]]) -> Measured:
    """Return what Spark's REST interface says of a run: /stages?details=true and /allexecutors of an application.

    A task that spilled would have needed what it spilled too, and twice that: what sorts and hashes rows doubles as it
    grows, and what is spilled is counted without it. Some operators (windows) are missing in a task's own peak, but not
    in its executor's. Raises Impossible if no task has ended.
    """
    tasks = [
        task["taskMetrics"]
        for stage in stages
        for task in (stage.get("tasks") or {}).values()
        if task.get("status") == "SUCCESS" and task.get("taskMetrics")
    ]
    if not tasks:
        raise Impossible("The measured run has no task that succeeded; take another run, and stages with details=true.")
    peaks = [each.get("peakMemoryMetrics") or {} for each in executors if each["id"] != "driver"]
    counted = max(task["peakExecutionMemory"] + GROWTH * task["memoryBytesSpilled"] for task in tasks)
    return Measured(
        task=max(counted, *(_for_each_task(each) for each in executors if each["id"] != "driver"), 0),
        stored=max((peak.get("OnHeapStorageMemory", 0) for peak in peaks), default=0),
        beside=max((_beside(peak) for peak in peaks), default=0),
        tasks=max(stage["numTasks"] for stage in stages),
        data=sum(task["inputMetrics"]["bytesRead"] for task in tasks),
        spilled=sum(task["memoryBytesSpilled"] for task in tasks),
    )


def advise(nodes: Nodes, data: int, run: Measured | None = None, cores: int | None = None) -> Advice:
    """Return the advice for a job that reads `data` bytes on these nodes; raises Impossible if no executor fits."""
    first = _cores(nodes, cores)
    # Fewer tasks at once need less memory.
    fewer = (
        []
        if cores
        else [
            Number(each, "more tasks at once do not fit into a node's memory") for each in range(first.value - 1, 0, -1)
        ]
    )
    for own in (first, *fewer):
        memory = _memory(own.value, run)
        overhead = max(_overhead(run), _share(memory), key=lambda each: each.value)
        size = (memory.value + overhead.value) * MIB
        if per_node := min(nodes.cores // own.value, nodes.memory // size):
            return Advice(_executors(nodes, data, run, own.value, per_node), own, memory, overhead)
    raise Impossible(
        f"An executor needs {_mib(size)} MiB and {own.value} cores, and a node has {nodes.memory // MIB} MiB and "
        f"{nodes.cores} cores free: take larger nodes, or smaller tasks (a higher spark.sql.shuffle.partitions)."
    )


def _cores(nodes: Nodes, asked: int | None) -> Number:
    if asked is not None:
        return Number(asked, "as many as one executor may have here")
    most = min(MOST_CORES, nodes.cores)
    best = min(range(1, most + 1), key=lambda cores: (nodes.cores % cores, -cores))
    unused = nodes.cores % best
    return Number(
        best, f"at most {MOST_CORES} tasks share a heap well, and {unused} of {nodes.cores} cores stay unused"
    )


def _memory(cores: int, run: Measured | None) -> Number:
    if run is None:
        task = PARTITION * UNPACKED
        unified = task * cores
        why = (
            f"{cores} tasks at once, each with {PARTITION // MIB} MiB of data that take {UNPACKED} times that unpacked"
        )
    else:
        unified = math.ceil((run.task * cores + run.stored) * MARGIN)
        why = f"{cores} tasks at once, of which the largest needed {_mib(run.task)} MiB"
        why += f" (it spilled {_mib(run.spilled)} MiB then)" if run.spilled else ""
        why += f", and {_mib(run.stored)} MiB in storage, with {_percent(MARGIN - 1)} to spare"
    heap = max(RESERVED + math.ceil(unified / UNIFIED_SHARE), SMALLEST_HEAP)
    shares = f"Spark gives its work {_percent(UNIFIED_SHARE)} of the heap less {RESERVED // MIB} MiB"
    return Number(_mib(heap), f"{why}; {shares}")


def _overhead(run: Measured | None) -> Number:
    smallest = Number(SMALLEST_OVERHEAD // MIB, "the least that Spark gives an executor beside its heap")
    if run is None or not run.beside:
        return smallest
    beside = Number(
        _mib(math.ceil(run.beside * MARGIN)),
        f"{_mib(run.beside)} MiB were in use beside the heap, with {_percent(MARGIN - 1)} to spare",
    )
    return max(smallest, beside, key=lambda each: each.value)


def _share(memory: Number) -> Number:
    return Number(
        math.ceil(memory.value * OVERHEAD_SHARE), f"{_percent(OVERHEAD_SHARE)} of the heap, Spark's own share"
    )


def _executors(nodes: Nodes, data: int, run: Measured | None, cores: int, per_node: int) -> Number:
    tasks = run.tasks if run and not data else math.ceil(data / PARTITION)
    if run and data and run.data:
        tasks = max(run.tasks, math.ceil(run.tasks * data / run.data))
    wanted = max(1, math.ceil(tasks / (WAVES * cores)))
    room = per_node * nodes.count
    if wanted > room:
        return Number(
            room, f"{nodes.count} nodes have room for {per_node} each; {tasks} tasks would keep {wanted} busy"
        )
    return Number(wanted, f"{tasks} tasks, {WAVES} one after another on each core")


def _for_each_task(executor: dict[str, Any]) -> int:
    """Bytes that the tasks of an executor held at once at most, for each of its cores."""
    held: int = (executor.get("peakMemoryMetrics") or {}).get("OnHeapExecutionMemory", 0)
    return math.ceil(held / int(executor.get("totalCores") or 1))


def _beside(peak: dict[str, int]) -> int:
    """Bytes of an executor beside its heap, by the JVM's own account."""
    own = peak.get("JVMOffHeapMemory", 0) + peak.get("DirectPoolMemory", 0) + peak.get("MappedPoolMemory", 0)
    return own + peak.get("ProcessTreePythonRSSMemory", 0)


def _percent(share: Fraction) -> str:
    return f"{round(share * 100)} %"


def _mib(size: int) -> int:
    return math.ceil(size / MIB)


def shown(advice: Advice, output: str) -> str:
    """Return the advice as "text" for people, "json", "values" of the charts, or "conf" for spark-submit."""
    numbers = vars(advice)
    if output == "json":
        return json.dumps({name: vars(number) for name, number in numbers.items()}, indent=2)
    memory, overhead = f"{advice.memory.value}m", f"{advice.overhead.value}m"
    if output == "values":
        return "\n".join(
            [
                "executor:",
                *(f"  # {each.why}\n  {name}: {value}" for name, value, each in (
                    ("cores", advice.cores.value, advice.cores),
                    ("memory", memory, advice.memory),
                    ("memoryOverhead", overhead, advice.overhead),
                )),
                "dynamicAllocation:",
                f"  # {advice.executors.why}\n  maxExecutors: {advice.executors.value}",
            ]
        )  # fmt: skip
    if output == "conf":
        return (
            f"--conf spark.executor.cores={advice.cores.value} --conf spark.executor.memory={memory} "
            f"--conf spark.executor.memoryOverhead={overhead} "
            f"--conf spark.dynamicAllocation.maxExecutors={advice.executors.value}"
        )
    units = {"memory": " MiB", "overhead": " MiB"}
    return "\n".join(f"{name:10}{each.value}{units.get(name, '')}: {each.why}" for name, each in numbers.items())


def run_of(asked: argparse.Namespace) -> Measured | None:
    """Return the measured run that the arguments name, or None."""
    stages, executors = asked.stages, asked.executors
    if asked.history:
        application = in_history(asked.history, asked.application)
        stages, executors = f"{application}/stages?details=true", f"{application}/allexecutors"
    if not stages and not executors:
        return None
    if not (stages and executors):
        raise Impossible("--stages and --executors go together: give both answers of Spark's REST interface.")
    try:
        return measured(read(stages), read(executors))
    except (KeyError, TypeError, AttributeError):
        raise Impossible(
            f"{stages} and {executors} are not the answers of Spark's REST interface to /stages?details=true and "
            "/allexecutors of one application."
        ) from None


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the advice; return 0, or 1 with a sentence on standard error if there is none."""
    parser = argparse.ArgumentParser(
        description=__doc__, epilog=EXAMPLES, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    nodes = parser.add_argument_group("nodes, as they are free for executors (kubectl describe node: Allocatable)")
    nodes.add_argument("--nodes", type=positive, required=True, help="how many")
    nodes.add_argument("--node-cores", type=positive, required=True, help="cores of each")
    nodes.add_argument("--node-memory", type=size, required=True, help="memory of each, such as 56g")
    job = parser.add_argument_group("the job")
    job.add_argument("--data", type=size, default=0, help="what it reads, such as 500g")
    job.add_argument("--cores", type=positive, help="cores of an executor, if they are given")
    run = parser.add_argument_group("a measured run of the job")
    run.add_argument("--history", metavar="URL", help="a History Server, or a live driver's web interface")
    run.add_argument("--application", metavar="ID", help="the application's id there")
    run.add_argument("--stages", metavar="FILE", help="its answer to /stages?details=true")
    run.add_argument("--executors", metavar="FILE", help="its answer to /allexecutors")
    parser.add_argument(
        "--output", choices=["text", "json", "values", "conf"], default="text", help="how it is printed"
    )
    asked = parser.parse_args(arguments)
    try:
        known = run_of(asked)
        if known is None and not asked.data:
            raise Impossible("Nothing is known of the job: give --data, or a measured run, or both.")
        advice = advise(Nodes(asked.nodes, asked.node_cores, asked.node_memory), asked.data, known, asked.cores)
    except Impossible as reason:
        print(f"rightsizing_calculator: {reason}", file=sys.stderr)
        return 1
    print(shown(advice, asked.output))
    return 0


if __name__ == "__main__":
    sys.exit(main())
