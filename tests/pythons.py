"""`python -m tests.pythons`: run the tests of runner, core and suite, and the dry run, on each Python that there is.

Each gets an environment in build/pythons, from the lock file. A Python that this machine has not is named and left out.
"""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

VERSIONS = ("3.11", "3.12", "3.13")
_ROOT = Path(__file__).parents[1]
_TESTS = ("tests/unit/core", "tests/unit/run", "tests/unit/suite")


def main() -> int:
    """Run all; return 1 if something failed on one Python, or if there is none."""
    found = {version: python for version in VERSIONS if (python := find(version))}
    for version in VERSIONS:
        if version not in found:
            print(
                f"Python {version} is not on this machine: put python{version} on the PATH, or install it with pyenv."
            )
    failed = [f"Python {version}: {what}" for version, python in found.items() for what in _run(version, python)]
    print("\n".join(failed) or f"The tests hold on Python {', '.join(found)}.")
    return 1 if failed or not found else 0


def find(version: str) -> Path | None:
    """Return the interpreter of a version: that on the PATH, else the newest of pyenv; None if there is none."""
    if on_path := shutil.which(f"python{version}"):
        works = subprocess.run([on_path, "-c", ""], capture_output=True, check=False)  # pyenv's name may lead nowhere
        if not works.returncode:
            return Path(on_path)
    installed = (Path.home() / ".pyenv" / "versions").glob(f"{version}.*/bin/python")
    return max(installed, key=lambda path: [int(part) for part in path.parts[-3].split(".")], default=None)


def _run(version: str, python: Path) -> Iterator[str]:
    """Yield the commands that failed."""
    made = _ROOT / "build" / "pythons" / version
    pip = [str(made / "bin/python"), "-m", "pip", "install", "--quiet", "--no-deps"]
    commands = [
        [str(python), "-m", "venv", str(made)],
        [*pip, "--require-hashes", "--requirement", "requirements.lock"],
        [*pip, "--no-build-isolation", "--editable", "."],
        [str(made / "bin/pytest"), "--numprocesses=2", "--dist=loadfile", *_TESTS],
        [str(made / "bin/behave"), "--dry-run", "--no-summary", "--format=null"],
    ]
    for command in commands:
        if subprocess.run(command, cwd=_ROOT, check=False).returncode:
            yield " ".join(command)


if __name__ == "__main__":
    sys.exit(main())
