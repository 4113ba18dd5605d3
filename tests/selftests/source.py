"""A copy of behave's source distribution, prepared for a comparison."""

import shutil
import subprocess
import sys
import tarfile
from importlib import metadata
from pathlib import Path

from sparkproof.core import cache
from sparkproof.core.errors import UsageError

_HERE = Path(__file__).parent
PINS = {"behave": _HERE / "behave.txt", "needs": _HERE / "needs.txt"}
# A scenario may have a working folder of its own, and each that runs behave runs the given runner.
_REPLACED = {
    "behave4cmd0/command_util.py": (
        "os.path.abspath(WORKDIR)",
        '__import__("compared").work_folder(context, WORKDIR)',
    ),
    "behave4cmd0/command_shell.py": (
        "behave_cmd=get_behave_cmd()",
        'behave_cmd=get_behave_cmd() + " " + os.environ.get("INNER_RUNNER", "")',
    ),
}


def copy(into: Path) -> Path:
    """Make a copy of behave's source distribution in the folder `into`, and return its folder."""
    version = metadata.version("behave")
    held = cache.entry("behave-source", cache.digest(PINS["behave"]), _download)
    with tarfile.open(next(held.glob("behave-*.tar.gz"))) as archive:
        archive.extractall(into, filter="data")
    made = into / f"behave-{version}"
    if not made.is_dir():
        raise UsageError(f"{PINS['behave']} pins another behave than {version}, which is installed: pin that one.")
    shutil.rmtree(made / "behave")  # the one that is installed is compared
    for name, (old, new) in _REPLACED.items():
        text = (made / name).read_text(encoding="utf-8")
        if old not in text:
            raise UsageError(f"{name} of behave {version} has no {old}: see what took its place.")
        (made / name).write_text(text.replace(old, new), encoding="utf-8")
    shutil.copy(_HERE / "compared.py", made)
    return made


def needs() -> Path:
    """The folder of the packages that behave's self-tests import."""

    def install(into: Path) -> None:
        _pip("install", "--target", str(into), "--require-hashes", "--requirement", str(PINS["needs"]))

    return cache.entry("behave-needs", cache.digest(PINS["needs"]), install)


def _download(into: Path) -> None:
    options = ("--no-deps", "--no-binary", "behave", "--no-build-isolation", "--require-hashes")
    _pip("download", *options, "--dest", str(into), "--requirement", str(PINS["behave"]))


def _pip(*arguments: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pip", *arguments, "--quiet"], capture_output=True, text=True, check=False
    )
    if done.returncode:
        said = (done.stderr.strip().splitlines() or ["pip said nothing"])[-1]
        raise UsageError(f"behave's self-tests need a package registry, and pip could not reach it: {said}")
