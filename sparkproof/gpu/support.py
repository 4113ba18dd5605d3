"""RAPIDS and the versions of Spark: why it does not run on one, and its name where somebody forced it."""

from dataclasses import dataclass

from sparkproof.build import versions
from sparkproof.spark.session import Session

_FORCED = "spark.rapids.shims-provider-override"
_SWITCH = "spark.rapids.sql.enabled"


@dataclass(frozen=True)
class Lack:
    """Why RAPIDS does not run on a version of Spark, and whether its vendor says so or only a jar is missing here."""

    reason: str
    by_vendor: bool


def lack_on(spark_version: str) -> Lack | None:
    """Return why RAPIDS does not run on this version of Spark, unless somebody forces it; None where it is supported.

    Raises UsageError for an unknown version.
    """
    spark = versions.spark(spark_version)
    if spark.rapids is None:
        missing = f"no RAPIDS jar for Spark {spark.name} is published where the images' parts were pinned"
        return Lack(f"{missing}: pin one in docker/versions.toml", by_vendor=False)
    if spark.forced_shim:
        release, source = spark.rapids.version, spark.rapids.source
        return Lack(f"RAPIDS {release} has no shim for Spark {spark.name} (source: {source})", by_vendor=True)
    return None


def rapids_label(session: Session) -> str:
    """RAPIDS as a report names it: "RAPIDS", with what somebody forced it to take its Spark for, where they did."""
    told = str(session.run(f"SET `{_FORCED}`").rows[0][1])
    # Spark answers "<undefined>" for what nobody set; a shim's class lies in a package of its version's name.
    return f"RAPIDS (forced, with the shim of {told.split('.')[-2]})" if "." in told else "RAPIDS"


def switch_rapids(session: Session, *, on: bool | None) -> None:
    """Have the session's statements executed with RAPIDS or without it; None: as its platform has it."""
    session.run(f"RESET {_SWITCH}" if on is None else f"SET {_SWITCH} = {str(on).lower()}")
