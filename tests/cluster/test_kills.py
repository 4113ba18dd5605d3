"""Runs and embedded clusters that are killed at random moments: one sweep removes what is left, and spares a live run.

SPARKPROOF_KILLS=100 says how often (8); SPARKPROOF_SEED=N repeats the moments of a run that said that seed.
"""

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from sparkproof.cluster.target import reach
from sparkproof.core import run_folder
from sparkproof.core.wait import eventually
from sparkproof.embedded import lifecycle
from sparkproof.embedded.layout import Layout
from sparkproof.kube.client import Kube
from sparkproof.kube.labels import OWNED
from sparkproof.kube.objects import LEASE, NAMESPACE, selector
from tests.support.live import ON_A_CLUSTER
from tests.support.nodes import SPARKPROOF, must_be_gone
from tests.support.projects import OURS, project, verdict

pytestmark = [
    pytest.mark.trouble,
    pytest.mark.skipif(os.geteuid() != 0, reason="the embedded cluster needs root"),
]
KILLS = int(os.environ.get("SPARKPROOF_KILLS", "8"))
SEED = int(os.environ.get("SPARKPROOF_SEED", random.SystemRandom().randrange(10**6)))
STEPS = """
import time
from sparkproof.core import evidence
from sparkproof.core.evidence import Level

@step("a team works for {seconds:f} s")
def works(context, seconds):
    team = context.suite.team()
    context.add_cleanup(context.suite.remove, team)
    team.publish("notes", {"a": "b"})
    open("began", "a").write(team.namespace + "\\n")
    time.sleep(seconds)
    evidence.prove(Level.ADMITTED, "it worked")
"""


def feature(count: int, seconds: float) -> str:
    lines = "".join(f"  Scenario: S{number}\n    Given a team works for {seconds} s\n" for number in range(count))
    return f"Feature: F\n{lines}"


class Run:
    """A run of behave in a project of its own, with teams on the cluster, in two workers."""

    def __init__(self, folder: Path, *, scenarios: int, seconds: float) -> None:
        folder.mkdir()
        self.folder = project(folder, steps=STEPS, environment=ON_A_CLUSTER, f=feature(scenarios, seconds))
        self.process = subprocess.Popen(
            [sys.executable, "-m", "behave", "-f", "null", "-r", OURS, "-j", "2"],
            cwd=folder,
            stdout=(folder / "said").open("w"),
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    @property
    def workers(self) -> list[int]:
        pid = self.process.pid
        try:
            return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
        except OSError:
            return []

    def kill(self, victim: str, how: signal.Signals) -> list[int]:
        """Signal the parent or a worker; return the processes of the run, of which no one is left later."""
        own = [self.process.pid, *self.workers]
        target = own[0] if victim == "parent" or len(own) == 1 else own[1]
        if self.process.poll() is None:
            os.kill(target, how)
        return own


def sweep() -> str:
    return subprocess.run([*SPARKPROOF, "sweep"], check=True, capture_output=True, text=True, timeout=300).stdout


def created(kube: Kube) -> set[str]:
    labels = selector(OWNED)
    namespaces = {each["metadata"]["name"] for each in kube.list(NAMESPACE, labels=labels)}
    return namespaces | {each["metadata"]["name"] for each in kube.list(LEASE, labels=labels)}


def runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def await_the_end(pids: list[int]) -> None:
    eventually("the end of the run", lambda: [*filter(runs, pids)], lambda left: not left, within_s=120)


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A temporary folder that only the runs of the test have."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.fixture
def kube(places: Layout) -> Iterator[Kube]:  # noqa: ARG001
    yield reach("embedded").kube


@pytest.fixture
def live(kube: Kube, tmp_path: Path) -> Iterator[set[str]]:
    """What a run has created that is alive all the time, with a team in each worker."""
    run = Run(tmp_path / "live", scenarios=2, seconds=7200.0)
    eventually("the teams of the live run", lambda: created(kube), lambda found: len(found) == 3, within_s=120)
    yield created(kube)
    run.process.send_signal(signal.SIGTERM)
    assert run.process.wait(120) == 1
    assert verdict(run.folder)["causes"] == ["Stopped by SIGTERM."]
    assert created(kube) == set()


def test_one_sweep_removes_what_killed_runs_left_and_spares_a_live_one(
    kube: Kube, live: set[str], tmp_path: Path, temporary: Path
) -> None:
    print(f"SPARKPROOF_SEED={SEED}")
    chance = random.Random(SEED)
    longest = 0.0
    for number in range(KILLS):
        victim = chance.choice(["parent", "parent", "worker"])
        how = chance.choice([signal.SIGKILL, signal.SIGKILL, signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
        if victim == "worker":
            how = signal.SIGKILL
        run = Run(tmp_path / f"run-{number}", scenarios=6, seconds=1.0)
        time.sleep(chance.uniform(0.0, 12.0))
        own = run.kill(victim, how)
        killed = time.monotonic()
        run.process.wait(120)
        await_the_end(own)
        took = time.monotonic() - killed
        longest = max(longest, took if how != signal.SIGKILL else 0.0)
        said = sweep()
        story = f"kill {number} ({victim}, {how.name}, {took:.1f} s to its end): {said}"
        print(story, flush=True)
        assert created(kube) == live, story
        assert run_folder.left_over() == [], story
        assert not [each for each in temporary.rglob("*") if _is_secret(each)], story
        assert len([*temporary.glob("*sparkproof-run-*")]) == 1, f"more than the live run's folder: {story}"
    print(f"the longest end after a signal: {longest:.1f} s")
    assert longest < 60


def _is_secret(path: Path) -> bool:
    try:
        return path.is_file() and b"PRIVATE KEY" in path.read_bytes()
    except OSError:
        return False


def test_an_up_or_a_down_that_is_killed_at_any_moment_leaves_nothing_after_a_down(places: Layout) -> None:
    print(f"SPARKPROOF_SEED={SEED}")
    chance = random.Random(SEED)
    for number in range(KILLS):
        command = chance.choice(["up", "down"])
        if command == "down":
            lifecycle.up()
        acting = subprocess.Popen([*SPARKPROOF, command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(chance.uniform(0.0, 20.0 if command == "up" else 2.0))
        acting.send_signal(how := chance.choice([signal.SIGKILL, signal.SIGTERM, signal.SIGHUP, signal.SIGINT]))
        acting.wait(60)
        print(f"{command} {number}, {how.name}", flush=True)
        subprocess.run([*SPARKPROOF, "down"], check=True, capture_output=True, timeout=120)
        must_be_gone(places)
