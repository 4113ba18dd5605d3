"""The calculator of executors' sizes: each number follows from its input, and bad input is refused in a sentence."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from sparkproof.scaling.rightsizing import CALCULATOR

NODES = ("--nodes", "3", "--node-cores", "15", "--node-memory", "56g")
CHARTS = CALCULATOR.parents[1] / "charts"
MIB = 1 << 20


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, CALCULATOR, *arguments], capture_output=True, text=True, check=False)


def advice(*arguments: str) -> dict[str, int]:
    ran = run(*arguments, "--output", "json")
    assert ran.returncode == 0, ran.stderr
    return {name: number["value"] for name, number in json.loads(ran.stdout).items()}


def task(peak_mib: int, spilled_mib: int = 0, read_mib: int = 0, status: str = "SUCCESS") -> dict[str, Any]:
    metrics = {
        "peakExecutionMemory": peak_mib * MIB,
        "memoryBytesSpilled": spilled_mib * MIB,
        "inputMetrics": {"bytesRead": read_mib * MIB},
    }
    return {"status": status, "taskMetrics": metrics}


def measured(folder: Path, *tasks: dict[str, Any], **peaks: int) -> tuple[str, ...]:
    """The arguments for a run of one stage with these tasks, on an executor with these peaks (MiB)."""
    stages = [{"stageId": 0, "numTasks": len(tasks), "tasks": {str(n): each for n, each in enumerate(tasks)}}]
    executors = [
        {"id": "driver", "peakMemoryMetrics": {"DirectPoolMemory": 9999 * MIB}},
        {"id": "1", "peakMemoryMetrics": {name: size * MIB for name, size in peaks.items()}},
    ]
    (folder / "stages.json").write_text(json.dumps(stages))
    (folder / "executors.json").write_text(json.dumps(executors))
    return "--stages", str(folder / "stages.json"), "--executors", str(folder / "executors.json")


def test_data_alone_give_tasks_of_a_partition_each() -> None:
    assert advice(*NODES, "--data", "6g") == {"executors": 4, "cores": 5, "memory": 3500, "overhead": 384}


def test_the_cluster_bounds_the_number_of_executors() -> None:
    assert advice(*NODES, "--data", "500g")["executors"] == 9
    assert advice("--nodes", "3", "--node-cores", "15", "--node-memory", "8g", "--data", "500g")["executors"] == 6


@pytest.mark.parametrize(("node", "cores"), [(15, 5), (16, 4), (2, 2), (7, 1), (9, 3)])
def test_executors_leave_the_fewest_cores_of_a_node_unused(node: int, cores: int) -> None:
    found = advice("--nodes", "1", "--node-cores", str(node), "--node-memory", "64g", "--data", "1g")
    assert found["cores"] == cores


def test_fewer_tasks_share_an_executor_where_a_node_has_little_memory() -> None:
    found = advice("--nodes", "1", "--node-cores", "15", "--node-memory", "3g", "--data", "1g")
    assert found["cores"] == 3
    assert found["memory"] + found["overhead"] <= 3072


def test_the_largest_task_gives_the_heap(tmp_path: Path) -> None:
    given = measured(tmp_path, task(60), task(600), task(9000, status="FAILED"))
    # 600 MiB and a tenth more are 60 % of what is left beside Spark's 300 MiB.
    assert advice(*NODES, "--cores", "1", *given) == {"executors": 1, "cores": 1, "memory": 1400, "overhead": 384}
    assert advice(*NODES, "--cores", "2", *given)["memory"] == 2500


def test_what_was_spilled_would_have_been_needed_twice(tmp_path: Path) -> None:
    assert advice(*NODES, "--cores", "1", *measured(tmp_path, task(200, spilled_mib=200)))["memory"] == 1400


def test_operators_that_are_missing_in_a_tasks_peak_are_in_its_executors(tmp_path: Path) -> None:
    given = measured(tmp_path, task(200), OnHeapExecutionMemory=600)
    assert advice(*NODES, "--cores", "1", *given)["memory"] == 1400


def test_what_was_stored_is_kept_beside_the_tasks(tmp_path: Path) -> None:
    given = measured(tmp_path, task(300), OnHeapStorageMemory=300)
    assert advice(*NODES, "--cores", "1", *given)["memory"] == 1400


def test_memory_beside_the_heap_is_as_large_as_was_seen(tmp_path: Path) -> None:
    given = measured(tmp_path, task(300), JVMOffHeapMemory=200, DirectPoolMemory=300)
    assert advice(*NODES, "--cores", "1", *given)["overhead"] == 550


def test_large_heaps_have_sparks_own_share_beside_them(tmp_path: Path) -> None:
    found = advice(*NODES, "--cores", "1", *measured(tmp_path, task(6000)))
    assert (found["memory"], found["overhead"]) == (11300, 1130)


def test_more_data_than_were_measured_give_more_tasks(tmp_path: Path) -> None:
    given = measured(tmp_path, *[task(100, read_mib=128)] * 8)
    assert advice(*NODES, "--cores", "1", *given)["executors"] == 3
    assert advice(*NODES, "--cores", "1", "--data", "4g", *given)["executors"] == 11


def test_small_work_has_the_smallest_heap_with_which_spark_starts(tmp_path: Path) -> None:
    assert advice(*NODES, "--cores", "1", *measured(tmp_path, task(1)))["memory"] == 450


def test_the_advice_is_shown_with_reasons() -> None:
    shown = run(*NODES, "--data", "500g").stdout.splitlines()
    assert [line.split()[0] for line in shown] == ["executors", "cores", "memory", "overhead"]
    assert all(re.fullmatch(r"\w+ +\d+( MiB)?: .{20,}", line) for line in shown), shown


def test_values_are_those_of_the_charts() -> None:
    values = yaml.safe_load(run(*NODES, "--data", "500g", "--output", "values").stdout)
    assert values["executor"] == {"cores": 5, "memory": "3500m", "memoryOverhead": "384m"}
    assert values["dynamicAllocation"] == {"maxExecutors": 9}
    own = yaml.safe_load((CHARTS / "spark-4.1/values.yaml").read_text())
    assert set(values["executor"]) <= set(own["executor"])


def test_settings_are_those_of_spark_submit() -> None:
    shown = run(*NODES, "--data", "500g", "--output", "conf").stdout
    assert "--conf spark.executor.memory=3500m --conf spark.executor.memoryOverhead=384m" in shown


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (NODES, "Nothing is known of the job: give --data, or a measured run, or both."),
        ((*NODES, "--stages", "s.json"), "--stages and --executors go together"),
        ((*NODES, "--history", "http://localhost:1"), "--history needs --application"),
        ((*NODES, "--stages", "none.json", "--executors", "none.json"), "none.json could not be read"),
        ((*NODES, "--history", "http://localhost:1", "--application", "a"), "could not be read"),
        (("--nodes", "1", "--node-cores", "2", "--node-memory", "1g", "--data", "9g"), "take larger nodes"),
    ],
)
def test_bad_input_is_refused_in_a_sentence(arguments: tuple[str, ...], sentence: str) -> None:
    ran = run(*arguments)
    assert ran.returncode == 1
    assert sentence in ran.stderr
    assert len(ran.stderr.splitlines()) == 1


@pytest.mark.parametrize("word", ["8x", "0g", "-1g", ""])
def test_a_size_that_is_none_is_named(word: str) -> None:
    assert "is no size; write 56g, 512m or 1.5t" in run(*NODES, f"--data={word}").stderr


def test_answers_of_something_else_are_refused(tmp_path: Path) -> None:
    for name, content in (("stages.json", [{"a": 1}]), ("executors.json", {"b": 2})):
        (tmp_path / name).write_text(json.dumps(content))
    ran = run(*NODES, "--stages", f"{tmp_path}/stages.json", "--executors", f"{tmp_path}/executors.json")
    assert "has no task that succeeded" in ran.stderr
    (tmp_path / "stages.json").write_text('["text"]')
    ran = run(*NODES, "--stages", f"{tmp_path}/stages.json", "--executors", f"{tmp_path}/executors.json")
    assert "are not the answers of Spark's REST interface" in ran.stderr


def test_help_shows_how_it_is_used() -> None:
    assert "kubectl port-forward" in run("--help").stdout
