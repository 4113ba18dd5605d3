"""Pins the Python packages that the image of a Spark version holds, docker/requirements/spark-VERSION.txt, by hash."""

import re
import sys
import sysconfig
import tempfile
from pathlib import Path

from sparkproof.build import versions
from sparkproof.build.recipes import DOCKER
from sparkproof.build.versions import Spark
from sparkproof.core import process, timeouts
from sparkproof.core.errors import UsageError
from sparkproof.core.progress import doing

_OPTIONS = (
    "--quiet", "--strip-extras", "--generate-hashes", "--no-header",
    "--no-emit-index-url", "--no-emit-find-links", "--no-emit-trusted-host",
)  # fmt: skip
_SHARED = "jupyter.txt"


def write_missing(folder: Path = DOCKER / "requirements") -> list[Path]:
    """Write the file of each Spark version that has none into `folder`, and return the paths.

    What stands there already is left alone, since an image's name follows from it. Raises UsageError on another Python
    than the images', process.CommandFailed where the package index has no fitting packages.
    """
    files = {folder / f"spark-{name}.txt": versions.spark(name) for name in versions.names()}
    missing = {path: spark for path, spark in files.items() if not path.exists()}
    for path, spark in missing.items():
        path.write_text(_pinned(spark, (folder / _SHARED).read_text()))
    return list(missing)


def _pinned(spark: Spark, shared: str) -> str:
    """Return the text of the version's file; a package that JupyterLab needs too has the version pinned for that."""
    python = versions.pins().parts["debian"].values["python"]
    own = sysconfig.get_python_version()
    if own != python:
        raise UsageError(
            f"This is Python {own}, and the images have {python}, which needs other packages: make the environment "
            f"again with `make clean setup PYTHON=python{python}`."
        )
    wanted = [f"pyspark[connect]=={spark.name}", *spark.line.packages]
    with (
        tempfile.TemporaryDirectory(prefix="sparkproof-") as work,
        doing(f"pinning the packages of Spark {spark.name}"),
    ):
        # A relative name, since the result names the file beside each pin that follows from it.
        Path(work, _SHARED).write_text("".join(f"{pin}\n" for pin in re.findall(r"^[\w.-]+==\S+", shared, re.M)))
        command = [sys.executable, "-m", "piptools", "compile", *_OPTIONS, "--constraint", _SHARED]
        process.run(
            [*command, "--output-file", "pinned.txt", "-"],
            timeout_s=timeouts.DOWNLOAD, input_text="\n".join(wanted), cwd=Path(work),
        )  # fmt: skip
        pinned = Path(work, "pinned.txt").read_text()
    header = (
        f"# Packages of Spark {spark.name} and its Connect client, made by `sparkproof lock` from\n"
        f"#   {', '.join(wanted)}\n"
        f"# with the image's Python and, where both need a package, the versions of {_SHARED}.\n"
    )
    return header + pinned
