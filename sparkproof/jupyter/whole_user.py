"""A program in Jupyter's pod that runs whole notebooks: it reads one JSON request and prints one reply.

For {"notebook": TEXT, "parameters": {NAME: VALUE}} it has papermill run the notebook with these parameters. It replies
{"exit_code", "said", "printed", "error", "cells"}: what the cells printed, the error that is shown in the notebook or
null, and the number of cells of code that ran.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any


def run(notebook: str, parameters: dict[str, Any]) -> dict[str, Any]:
    """Run the notebook, as a data engineer does in a terminal."""
    with tempfile.TemporaryDirectory() as folder:
        given, ended = Path(folder, "given.ipynb"), Path(folder, "ended.ipynb")
        given.write_text(notebook)
        wanted = [word for key, value in parameters.items() for word in ("-p", key, str(value))]
        command = ["papermill", str(given), str(ended), "--no-progress-bar", *wanted]
        ran = subprocess.run(command, capture_output=True, text=True, check=False)
        cells = json.loads(ended.read_text())["cells"] if ended.exists() else []
    # papermill puts a note of its own before the cell that failed.
    code = [each for each in cells if each["cell_type"] == "code" and each["execution_count"] is not None]
    outputs = [output for cell in code for output in cell["outputs"]]
    errors = [f"{each['ename']}: {each['evalue']}" for each in outputs if each["output_type"] == "error"]
    return {
        "exit_code": ran.returncode,
        "said": ran.stderr,
        "printed": "".join("".join(each["text"]) for each in outputs if each.get("name") == "stdout"),
        "error": errors[0] if errors else None,
        "cells": len(code),
    }


print(json.dumps(run(**json.loads(sys.stdin.readline()))), flush=True)
