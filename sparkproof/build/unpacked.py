"""Writes what an image of Spark holds into a folder, for a machine that has neither containers nor Kubernetes."""

import tempfile
from collections.abc import Mapping
from pathlib import Path

from sparkproof.build import buildah, images
from sparkproof.core.errors import UsageError
from sparkproof.core.progress import doing

# The JRE is made of links to where Debian keeps configuration, and pyspark among the packages is one to Spark.
_COPY = """
set -e
cp -rL /usr/lib/jvm/java /out/java
cp -r /opt/spark /out/spark
cp -r /usr/local/lib/python3.*/dist-packages /out/packages
ln -sfn ../spark /out/packages/pyspark
"""


def write(recipe: images.Recipe, folder: Path) -> Mapping[str, str]:
    """Write an image's Spark, Java and Python packages into the new `folder`, as "spark", "java" and "packages".

    Returns the variables by which programs find the last two, with absolute paths. Raises UsageError for an image
    without Spark and for a folder that is there, process.CommandFailed.
    """
    if "SPARK_VERSION" not in {name for each in recipe.chain for name in each.args}:
        raise UsageError(f"{recipe.version} has no Spark to unpack: name an image of Spark.")
    if folder.exists():
        raise UsageError(f"{folder} is there already: name a new folder.")
    images.ensure_chain_built(recipe)
    whole = folder.absolute()
    whole.parent.mkdir(parents=True, exist_ok=True)
    with (
        buildah.alone(),
        doing(f"writing what {recipe.reference} holds into {folder}"),
        # Beside the folder, which is there as a whole or not at all.
        tempfile.TemporaryDirectory(dir=whole.parent, prefix=f".{whole.name}-") as work,
    ):
        out = Path(work, "out")
        out.mkdir()
        container = buildah.run("from", recipe.reference).stdout.strip()
        try:
            buildah.run("run", "--user=0", f"--volume={out}:/out", container, "--", "sh", "-c", _COPY)
        finally:
            buildah.run("rm", container)
        out.rename(whole)
    return {"JAVA_HOME": str(whole / "java"), "PYTHONPATH": str(whole / "packages")}
