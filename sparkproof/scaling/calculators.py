"""The platform's calculators (scripts/), asked as their users ask them."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sparkproof.core import timeouts
from sparkproof.core.errors import SparkproofError

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"


def ask(calculator: Path, arguments: Sequence[str | Path], answers: Mapping[str, Any]) -> str:
    """Return what a calculator prints as JSON; `answers` of Spark's REST interface are files, by their options.

    Raises SparkproofError with the calculator's sentence.
    """
    with tempfile.TemporaryDirectory() as folder:
        given: list[str | Path] = []
        for option, content in answers.items():
            file = Path(folder) / f"{option.lstrip('-')}.json"
            file.write_text(json.dumps(content))
            given += [option, file]
        ran = subprocess.run(
            [sys.executable, calculator, *arguments, *given, "--output", "json"],
            capture_output=True, text=True, timeout=timeouts.API_CALL, check=False,
        )  # fmt: skip
    if ran.returncode:
        raise SparkproofError(ran.stderr.strip())
    return ran.stdout
