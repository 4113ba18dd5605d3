"""The plan of a run, made without running it: which scenario starts when on which worker, by earlier durations."""

import heapq
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from sparkproof.run.schedule import Job, Schedule


@dataclass(frozen=True)
class Slot:
    """The time in which a worker is expected to run a job: it begins `at` this second of the run."""

    job: Job
    worker: int
    at: float

    @property
    def end(self) -> float:
        return self.at + self.job.expected_s


def forecast(schedule: Schedule, workers: int) -> list[Slot]:
    """Return the slots of a run of this schedule in the order of their start, if each job takes as long as expected."""
    free = list(range(1, workers + 1))
    running: list[tuple[float, int, int]] = []
    slots, now = [], 0.0
    while len(schedule) or running:
        while free and (job := schedule.take()):
            slot = Slot(job, heapq.heappop(free), now)
            slots.append(slot)
            heapq.heappush(running, (slot.end, slot.worker, job.index))
        if not running:
            break
        now, worker, index = heapq.heappop(running)
        schedule.finish(index)
        heapq.heappush(free, worker)
    return slots


def text(slots: Sequence[Slot], names: Sequence[str], is_known: Callable[[str], bool]) -> str:
    """Return the plan for people: its length, when each shared platform is in use, and each scenario's slot."""
    workers = len({slot.worker for slot in slots})
    length = max((slot.end for slot in slots), default=0.0)
    known = sum(is_known(names[slot.job.index]) for slot in slots)
    said = [
        f"plan: {_counted(len(slots), 'scenario')} on {_counted(workers, 'worker')} in about {length:.0f} s; "
        f"durations of {known} are known from earlier runs, "
        "the others count as those of their file or folder, or as the mean of all"
    ]
    return "\n".join([*said, "", *_platforms(slots), "", *_scenarios(slots, names)])


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _platforms(slots: Sequence[Slot]) -> Iterator[str]:
    names = {name for slot in slots for name in slot.job.reservation.shared}
    users = {name: [slot for slot in slots if name in slot.job.reservation.shared] for name in names}
    for name, own in sorted(users.items(), key=lambda each: each[1][0].at):
        yield f"{own[0].at:6.0f} to {max(slot.end for slot in own):6.0f} s  {name}: {_counted(len(own), 'scenario')}"


def _scenarios(slots: Sequence[Slot], names: Sequence[str]) -> Iterator[str]:
    for slot in slots:
        shared = "".join(f" [{name}]" for name in sorted(slot.job.reservation.shared))
        yield f"{slot.at:6.0f} s  worker {slot.worker}  {slot.job.expected_s:6.1f} s  {names[slot.job.index]}{shared}"
