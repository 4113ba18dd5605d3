"""RAPIDS' support of Spark versions, and its label in reports if it is forced onto a version."""

from dataclasses import dataclass

from sparkproof.build import versions
from sparkproof.spark.session import Session

_FORCED = "spark.rapids.shims-provider-override"
_SWITCH = "spark.rapids.sql.enabled"


@dataclass(frozen=True)
class Lack:
    """The reason why RAPIDS does not run on a version of Spark; `by_vendor` is False if only a jar is missing here."""

    reason: str
    by_vendor: bool


def lack_on(spark_version: str) -> Lack | None:
    """Return why RAPIDS does not run on this version of Spark unless it is forced; None if it is supported.

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
    """Return RAPIDS' label in reports: "RAPIDS", and the shim's version of Spark if the shim is forced."""
    # Spark answers "<undefined>" if the setting is not set.
    return label_with(str(session.run(f"SET `{_FORCED}`").rows[0][1]))


def label_with(shim: str) -> str:
    """Return RAPIDS' label in reports, by the class of the forced shim; by any text without a dot if none is forced."""
    # A shim's class is in a package named after its version.
    return f"RAPIDS (forced, with the shim of {shim.split('.')[-2]})" if "." in shim else "RAPIDS"


def switch_rapids(session: Session, *, on: bool | None) -> None:
    """Turn RAPIDS on or off for the session's statements; None restores the platform's own setting."""
    session.run(f"RESET {_SWITCH}" if on is None else f"SET {_SWITCH} = {str(on).lower()}")
