"""The calculator of costs: hours and shares are those of the input, and bad input is refused in a sentence."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from sparkproof.scaling.cost import CALCULATOR, PRICES

NODES = ("--driver-node", "on-demand", "--executor-node", "spot")
LIST: dict[str, Any] = {
    "currency": "EUR",
    "nodes": {
        "on-demand": {"capacity": "on-demand", "cores": 4, "memory": "8g", "hour": 1.0},
        "spot": {"capacity": "spot", "cores": 4, "memory": "8g", "hour": 0.4},
    },
}


def at(minute: int) -> str:
    return f"2026-11-27T{10 + minute // 60:02}:{minute % 60:02}:00.000GMT"


def executor(number: int, came: int, went: int | None = None, cores: int = 1) -> dict[str, Any]:
    removed = {} if went is None else {"removeTime": at(went)}
    return {"id": str(number), "addTime": at(came), "totalCores": cores, **removed}


def run(folder: Path, *arguments: str, prices: Any = LIST, **changed: Any) -> subprocess.CompletedProcess[str]:
    """Run the calculator on an application of an hour with these executors, or what else is given."""
    application = {
        "id": "spark-1",
        "attempts": [{"completed": True, "startTime": at(0), "endTime": at(60)}],
    }
    files = {"prices": prices, "application-file": application, "executors": [], **changed}
    for name, content in files.items():
        (folder / name).write_text(json.dumps(content))
    given = [word for name in files for word in (f"--{name}", str(folder / name))]
    return subprocess.run(
        [sys.executable, CALCULATOR, *given, *(arguments or NODES), "--output", "json"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def cost(folder: Path, *arguments: str, **changed: Any) -> Any:
    ran = run(folder, *arguments, **changed)
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


def test_a_pod_pays_for_its_share_and_its_hours(tmp_path: Path) -> None:
    found = cost(tmp_path, executors=[{"id": "driver", "addTime": at(0), "totalCores": 0}, executor(1, 0, 30)])
    # A quarter of a node for half an hour, and the driver's quarter for the hour.
    assert found["executors"] == pytest.approx(0.4 / 8)
    assert found["total"] == pytest.approx(0.4 / 8 + 1 / 4)
    assert found["hours"] == {"on-demand": 1.0, "spot": 0.5}


def test_the_larger_share_counts(tmp_path: Path) -> None:
    memory = (*NODES, "--executor-memory", "4g")
    assert cost(tmp_path, *memory, executors=[executor(1, 0, 60)])["executors"] == pytest.approx(0.2)
    assert cost(tmp_path, *memory, executors=[executor(1, 0, 60, cores=3)])["executors"] == pytest.approx(0.3)


def test_an_executor_that_nobody_removed_lived_until_the_end(tmp_path: Path) -> None:
    assert cost(tmp_path, executors=[executor(1, 45)])["hours"]["spot"] == 0.25
    assert cost(tmp_path, executors=[executor(1, 45, 90)])["hours"]["spot"] == 0.25


def test_hours_of_one_capacity_are_added(tmp_path: Path) -> None:
    same = ("--driver-node", "spot", "--executor-node", "spot")
    assert cost(tmp_path, *same, executors=[executor(1, 0, 30)])["hours"] == {"spot": 1.5}


def test_other_nodes_are_compared_for_the_same_hours(tmp_path: Path) -> None:
    found = cost(tmp_path, *NODES, "--instead", "on-demand", executors=[executor(1, 0, 60)])
    assert (found["executors"], found["instead"]) == (pytest.approx(0.1), pytest.approx(0.25))


@pytest.mark.parametrize(
    ("changed", "arguments", "sentence"),
    [
        ({"prices": {"nodes": {}}}, NODES, "is no price list; --help shows one"),
        ({"prices": {**LIST, "nodes": {"spot": {**LIST["nodes"]["spot"], "cores": 0}}}}, NODES, "is no price list"),
        ({}, ("--driver-node", "on-demand", "--executor-node", "sport"), "no node 'sport'; it has on-demand, spot"),
        ({"executors": [executor(1, 0, 60, cores=5)]}, NODES, "5 cores and 0 GiB does not fit on the node 'spot'"),
        ({"application-file": {"id": "spark-1", "attempts": [{"completed": False}]}}, NODES, "spark-1 still runs"),
        ({"application-file": []}, NODES, "are not the answers of Spark's REST interface"),
        ({}, (*NODES, "--history", "http://127.0.0.1:1"), "--history needs --application"),
        ({}, (*NODES, "--history", "http://127.0.0.1:1", "--application", "a"), "could not be read"),
    ],
)  # fmt: skip
def test_what_cannot_be_said_is_one_sentence(
    changed: dict[str, Any], arguments: tuple[str, ...], sentence: str, tmp_path: Path
) -> None:
    ran = run(tmp_path, *arguments, **changed)
    assert ran.returncode == 1
    assert ran.stderr.startswith("cost_calculator: ")
    assert sentence in ran.stderr
    assert ran.stderr.count("\n") == 1


def test_an_application_has_to_be_named() -> None:
    ran = subprocess.run(
        [sys.executable, CALCULATOR, "--prices", PRICES, *NODES], capture_output=True, text=True, check=False
    )
    assert (ran.returncode, ran.stderr.count("\n")) == (1, 1)
    assert "Name the application" in ran.stderr


def test_people_read_a_cost_and_what_was_saved(tmp_path: Path) -> None:
    (tmp_path / "application").write_text(
        json.dumps({"id": "a", "attempts": [{"completed": True, "startTime": at(0), "endTime": at(60)}]})
    )
    (tmp_path / "executors").write_text(json.dumps([executor(1, 0, 60)]))
    files = ("--application-file", str(tmp_path / "application"), "--executors", str(tmp_path / "executors"))
    ran = subprocess.run(
        [sys.executable, CALCULATOR, "--prices", PRICES, *NODES, *files, "--instead", "on-demand"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.stdout.splitlines() == [
        "cost       0.0672 USD, of which executors 0.0192",
        "on-demand  1.0000 hours of pods",
        "spot       1.0000 hours of pods",
        "instead    0.0480 USD for the same executors: 60% saved",
    ]
