"""The plan of a run is that of its schedule, with the durations of earlier runs."""

import json
from pathlib import Path

from sparkproof.core.resources import Isolation, Reservation, Resources
from sparkproof.run.forecast import Slot, forecast, text
from sparkproof.run.schedule import Job, Schedule
from tests.support.projects import behave, project
from tests.support.trouble import STEPS, scenarios


def starts(slots: list[Slot]) -> list[tuple[int, int, float]]:
    return [(slot.job.index, slot.worker, slot.at) for slot in slots]


def test_the_longest_starts_first_and_each_worker_takes_the_next() -> None:
    jobs = [Job(0, 1.0), Job(1, 4.0), Job(2, 2.0), Job(3, 3.0)]
    assert starts(forecast(Schedule(jobs), 2)) == [(1, 1, 0.0), (3, 2, 0.0), (2, 2, 3.0), (0, 1, 4.0)]
    assert [at for _, _, at in starts(forecast(Schedule(jobs), 1))] == [0.0, 4.0, 7.0, 9.0]


def test_needs_are_kept_apart() -> None:
    lock, alone = Reservation(locks=frozenset({"one"})), Isolation.SERIAL
    jobs = [Job(0, 4.0, lock), Job(1, 3.0, lock), Job(2, 2.0), Job(3, 1.0, isolation=alone)]
    assert starts(forecast(Schedule(jobs), 3)) == [(0, 1, 0.0), (2, 2, 0.0), (1, 1, 4.0), (3, 1, 7.0)]


def test_a_job_that_never_fits_is_left_out() -> None:
    jobs = [Job(0, 4.0, Reservation(gpus=2)), Job(1, 3.0)]
    assert starts(forecast(Schedule(jobs, Resources(gpus=1)), 1)) == [(1, 1, 0.0)]


def test_the_plan_names_its_length_the_platforms_and_each_slot() -> None:
    ours, both = Reservation(shared=frozenset({"Ours"})), Reservation(shared=frozenset({"Ours", "Another"}))
    slots = [Slot(Job(1, 4.0, ours), 1, 0.0), Slot(Job(0, 2.5), 2, 0.0), Slot(Job(2, 3.0, both), 2, 2.5)]
    assert text(slots, ["a", "b", "c"], lambda name: name != "a").splitlines() == [
        "plan: 3 scenarios on 2 workers in about 6 s; durations of 2 are known from earlier runs, the others count as "
        "those of their file or folder, or as the mean of all",
        "",
        "     0 to      6 s  Ours: 2 scenarios",
        "     2 to      6 s  Another: 1 scenario",
        "",
        "     0 s  worker 1     4.0 s  b [Ours]",
        "     0 s  worker 2     2.5 s  a",
        "     2 s  worker 2     3.0 s  c [Another] [Ours]",
    ]
    assert text([], [], bool).startswith("plan: 0 scenarios on 0 workers in about 0 s; durations of 0 are known")


ENVIRONMENT = """
from sparkproof.core.resources import Reservation
from sparkproof.run import Plan
plan = Plan(reservation=lambda s: Reservation(shared=frozenset({"Lakehouse"} if s.name != "S2" else ())))
"""


def test_a_dry_run_shows_the_plan_and_runs_nothing(tmp_path: Path) -> None:
    project(tmp_path, steps=STEPS, environment=ENVIRONMENT, f=scenarios("it fails", "it fails", "it fails"))
    (tmp_path / "reports").mkdir()
    history = {"features/f.feature::S0": [5.0, 7.0], "features/f.feature::S1": [3.0]}
    (tmp_path / "reports/history.json").write_text(json.dumps(history))
    done = behave("--dry-run", "-j", "2", "-D", "plan=show", cwd=tmp_path)
    assert done.returncode == 0
    plan = done.stdout[done.stdout.index("plan:") :].splitlines()
    assert plan[0].startswith("plan: 3 scenarios on 2 workers in about 8 s; durations of 2 are known")
    assert plan[2].split() == ["0", "to", "8", "s", "Lakehouse:", "2", "scenarios"]
    assert ["[Lakehouse]" in line for line in plan[4:]] == [False, True, True]
    assert sorted(path.name for path in (tmp_path / "reports").iterdir()) == ["history.json"]


def test_the_plan_is_only_shown_by_a_dry_run(tmp_path: Path) -> None:
    project(tmp_path, steps=STEPS, f=scenarios("it passes"))
    done = behave("-D", "plan=show", cwd=tmp_path)
    assert done.returncode == 1
    assert "give it together with --dry-run" in done.stdout
