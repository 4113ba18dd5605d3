#!/usr/bin/env -S python3 -I
"""Asks Airflow's API server how a program of Airflow is (`airflow_answers.py dag_processor`); ends with 1 if it is ill.

The server answers with status 200 however its programs are, so the answer itself is read. With `--or-silent` it is no
fault of the program that the server gives no answer, or cannot know since the database does not answer it.
"""

import json
import sys
from typing import Any
from urllib.request import urlopen

_HEALTH = "http://127.0.0.1:8080/api/v2/monitor/health"


def main() -> None:
    """Print the program's health, and end with 1 unless it is healthy."""
    program, *options = sys.argv[1:]
    try:
        answer = json.load(urlopen(_HEALTH, timeout=5))
    except (OSError, ValueError) as silent:
        print(f"The API server gives no answer: {silent}")
        sys.exit("--or-silent" not in options)
    print(answer)
    if "--or-silent" in options and not _healthy(answer, "metadatabase"):
        sys.exit()
    sys.exit(not _healthy(answer, program))


def _healthy(answer: Any, program: str) -> bool:
    return bool(answer.get(program, {}).get("status") == "healthy")


if __name__ == "__main__":
    main()
