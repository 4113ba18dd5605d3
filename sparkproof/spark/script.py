"""A script of the project that users run in the client pod, and what it finds."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sparkproof.core import evidence, timeouts
from sparkproof.core.errors import SparkproofError
from sparkproof.kube.places import run_to_end
from sparkproof.spark.platform import Platform

FOLDER = Path(__file__).resolve().parents[2] / "scripts"
# The exit codes of a script that has found nothing, and of one that has found something.
_FOUND = (0, 1)


def findings(platform: Platform, argv: Sequence[str], what: str) -> list[dict[str, Any]]:
    """Run a script in the client pod, and return the findings that its last line has as JSON.

    `what` it is in words. Raises SparkproofError if it ends otherwise, or with an exit code that its findings belie.
    """
    client = platform.workloads.place("client")
    exit_code, output = run_to_end(client, argv, what, timeouts.SQL, explain=platform.why)
    lines, subject = output.strip().splitlines(), what[:1].upper() + what[1:]
    if exit_code not in _FOUND or not lines:
        raise SparkproofError(f"{subject} ended with {exit_code}: {(lines or ['it said nothing'])[-1]}")
    found: list[dict[str, Any]] = json.loads(lines[-1])
    if bool(found) != bool(exit_code):
        raise SparkproofError(f"{subject} has {len(found)} findings and ended with {exit_code}.")
    evidence.attach(what.removeprefix("the "), found)
    return found
