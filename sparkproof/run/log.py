"""Writes reports/run.log: every scenario's steps and output in one piece, headed by name, outcome and duration."""

from pathlib import Path

from behave.model import Scenario

from sparkproof.run.attempt import Attempt
from sparkproof.run.lasting import LastingFile
from sparkproof.run.ledger import Line


class Log:
    """The log of a run, in the order in which scenarios ended."""

    def __init__(self, path: Path, run: str) -> None:
        self.file = LastingFile(path, f"run {run}\n\n".encode())

    def add(self, scenario: Scenario, line: Line, attempt: Attempt) -> None:
        again = f", attempt {attempt.number}" if attempt.number > 1 else ""
        lines = [f"=== {line.id}: {attempt.outcome} in {attempt.duration_s:.3f} s{again}"]
        lines += [f"{step.keyword} {step.name} ... {step.status.name}" for step in scenario.all_steps]
        if attempt.reason:
            lines.append(f"--- {attempt.reason}")
        lines += filter(None, (attempt.trace.rstrip(), attempt.output.rstrip()))
        self.file.write(("\n".join(lines) + "\n\n").encode(errors="backslashreplace"))

    def close(self) -> None:
        self.file.close()
