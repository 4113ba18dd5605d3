"""Classes of platforms: each file of examples/platforms is one, with chart, presets, values and kind of session."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from sparkproof.core import examples
from sparkproof.core.errors import UsageError
from sparkproof.core.nearest import hint
from sparkproof.platform.spec import ReleaseSpec
from sparkproof.spark.platform import Platform
from sparkproof.spark.session import Session

FOLDER = examples.FOLDER / "platforms"
SCHEMA = FOLDER / "platform.schema.json"


class PlatformClass(BaseModel):
    """A class of platforms that scenarios name in words ("a lakehouse platform on Spark 4.1.0")."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^[\w-]+$", description="name by which scenarios ask for the platform")
    chart: str = Field(description='folder of its chart; "{series}" stands for Spark\'s series, such as 4.1')
    presets: tuple[str, ...] = Field((), description="presets of the chart, weakest first")
    values: dict[str, Any] = Field(default_factory=dict, description="values of the chart, laid over the presets")
    session: Literal["connect", "planner"] = Field(
        description="connect: a user's session through the Service; planner: one whose driver is in the submitting pod"
    )
    phrase: str = Field("", description='another phrase that asks for it, such as "a GPU node and an Iceberg catalog"')

    def chart_of(self, spark_version: str) -> str:
        """Return the folder name of the chart that installs this version of Spark."""
        return self.chart.format(series=spark_version.rpartition(".")[0])

    def spec(self, spark_version: str, charts: Path) -> ReleaseSpec:
        """Return the specification of its release, with this version of Spark and the charts of this folder."""
        return ReleaseSpec(charts / self.chart_of(spark_version), spark_version, self.presets, self.values)

    def open_session(self, platform: Platform) -> Session:
        """Open a session of the kind that scenarios use on such a platform."""
        return platform.open_planner() if self.session == "planner" else platform.open_session()


@dataclass(frozen=True)
class PlatformClaim:
    """A platform that scenarios share: the name of its class, and a version of Spark."""

    class_name: str
    spark_version: str

    def __str__(self) -> str:
        return f"{self.class_name} platform of Spark {self.spark_version}"

    @property
    def platform_class(self) -> PlatformClass:
        """The class that the claim names."""
        return named(self.class_name)

    def spec(self, charts: Path) -> ReleaseSpec:
        """Return the specification of its release, with the charts of this folder."""
        return self.platform_class.spec(self.spark_version, charts)


@cache
def classes() -> Mapping[str, PlatformClass]:
    """Return all classes by name; raises UsageError for a file that describes no class."""
    found = [_read(path) for path in sorted(FOLDER.glob("*.yaml"))]
    return {each.name: each for each in found}


def named(name: str) -> PlatformClass:
    """Return the class of this name; raises UsageError, with the nearest known name."""
    if name in classes():
        return classes()[name]
    known = hint(name, sorted(classes()), "a {} platform")
    raise UsageError(f"There is no class of platforms {name!r}; {known} Each is a file in examples/platforms.")


def schema() -> str:
    """Return the JSON schema of such a file, by which editors check and complete it."""
    return json.dumps(PlatformClass.model_json_schema(), indent=2) + "\n"


def _read(path: Path) -> PlatformClass:
    try:
        return PlatformClass.model_validate(yaml.safe_load(path.read_text()))
    except (yaml.YAMLError, ValidationError) as wrong:
        raise UsageError(f"{path.name} describes no class of platforms: {' '.join(str(wrong).split())}") from None
