"""The settings of a run, typed and read once: from `behave -D name=value` or [tool.behave.userdata]."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from sparkproof.build import versions
from sparkproof.core.errors import UsageError
from sparkproof.core.nearest import hint
from sparkproof.kube.labels import OWNED, POD_SECURITY
from sparkproof.platform import description
from sparkproof.platform.description import Description

# The value of `cluster` for a run without a cluster, on Spark's own processes.
PROCESSES = "processes"
# The files that behave reads settings from, besides the command line.
_CONFIGURATION = (".behaverc", "behave.ini", "setup.cfg", "tox.ini", "pyproject.toml")
_TRUE, _FALSE = ("true", "yes", "1"), ("false", "no", "0")


def _spark_version(value: str) -> str:
    try:
        return versions.spark(value).name
    except UsageError as unknown:
        raise ValueError(str(unknown).rstrip(".")) from None


def _description(value: object) -> object:
    return description.read(Path(value)) if isinstance(value, str) else value


def _comma_separated(value: object) -> object:
    return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value


def _kept(value: object) -> object:
    """Return "all" for true, "" for false and "failed" as it is; raises ValueError for anything else."""
    known = {**dict.fromkeys(_TRUE, "all"), **dict.fromkeys(_FALSE, ""), "failed": "failed"}
    if str(value).lower() not in known:
        raise ValueError("write true, false or failed")
    return known[str(value).lower()]


def _pairs(value: object) -> object:
    """Return {"team": "data"} for "team=data"; raises ValueError for what is no pair, or a key of Sparkproof's own."""
    if not isinstance(value, str):
        return value
    pairs = dict.fromkeys(_comma_separated(value), "")  # type: ignore[call-overload]
    for each in pairs:
        name = each.partition("=")[0]
        if not re.fullmatch(r"([a-z0-9.-]+/)?[A-Za-z0-9]([\w.-]*[A-Za-z0-9])?", name) or "=" not in each:
            raise ValueError(f"{each!r} is not NAME=VALUE")
        if name in OWNED or name.partition("/")[0] in ("sparkproof.dev", POD_SECURITY):
            raise ValueError(f"Sparkproof sets {name} itself")
    return dict(each.split("=", 1) for each in pairs)


def _labels(value: dict[str, str]) -> dict[str, str]:
    for name, own in value.items():
        if not re.fullmatch(r"([A-Za-z0-9]([\w.-]{0,61}[A-Za-z0-9])?)?", own):
            raise ValueError(f"{own!r} cannot be the value of the label {name}")
    return value


class Settings(BaseModel):
    """The settings of one run; the description of a field is also part of its error message."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    cluster: Annotated[str, Field(pattern=r"^(embedded|processes|context:.+)$")] = Field(
        "embedded",
        description="embedded, or context:NAME for a context of your kubeconfig, or processes for no cluster at all",
    )
    kubeconfig: Path | None = Field(None, description="kubeconfig that context:NAME is looked up in")
    spark: Annotated[str, AfterValidator(_spark_version)] = Field(
        versions.default(), description="Spark version of criteria that do not name one themselves"
    )
    spark_home: Path = Field(Path("/opt/spark"), description="folder of the Spark that cluster=processes runs")
    platform: Annotated[Description | None, BeforeValidator(_description)] = Field(
        None, description="file that describes a platform that is already there, to be used instead of installing one"
    )
    registry: str = Field(
        "",
        pattern=r"^([A-Za-z0-9.-]+(:[0-9]+)?(/[a-z0-9._-]+)*)?$",
        description="HOST or HOST/PATH of the registry that a context: cluster pulls the platform's images from",
    )
    namespace_labels: Annotated[dict[str, str], BeforeValidator(_pairs), AfterValidator(_labels)] = Field(
        default_factory=dict, description="labels for the namespaces that a run makes, as team=data,stage=test"
    )
    namespace_annotations: Annotated[dict[str, str], BeforeValidator(_pairs)] = Field(
        default_factory=dict, description="annotations for the namespaces that a run makes, as owner=ada,cost=42"
    )
    namespace: Annotated[str, Field(pattern=r"^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)?$")] = Field(
        "", description="namespace that is there already, for those who may make none: every platform goes into it"
    )
    charts: Path = Field(
        Path(__file__).resolve().parents[2] / "charts", description="folder of the charts that are installed"
    )
    keep: Annotated[Literal["", "all", "failed"], BeforeValidator(_kept)] = Field(
        "",
        description="true: leave shared platforms installed, so that the next run starts warm; failed: leave the team "
        "of a failed scenario, to be looked at",
    )
    rows: Annotated[int, Field(ge=10_000, le=10_000_000)] = Field(
        100_000, description="number of generated trips, from 10000 to 10000000, where a criterion does not say it"
    )
    sessions: Annotated[int, Field(ge=10, le=20_000)] = Field(
        40, description="number of sessions, from 10 to 20000, that a criterion opens to measure the driver's memory"
    )
    seed: int = Field(2026, description="seed that the generated trips follow from")
    reports: Path = Field(Path("reports"), description="folder of the ledger, the verdict and the reports")
    retry: Annotated[int, Field(ge=0, le=10)] = Field(0, description="how often a failed scenario is tried again")
    timeout: Annotated[float, Field(ge=0)] = Field(0, description="seconds after which a scenario is ended; 0: never")
    require: Literal["", "success", "stable"] = Field("", description="make a partial or a flaky run exit 1")
    groups: Literal["", "sequential"] = Field("", description="sequential: group after group, parallel inside each")
    plan: Literal["", "show"] = Field("", description="show, with --dry-run: when each scenario would run")
    component: str = Field("", description="run the scenarios of this component's tag")
    features: Annotated[tuple[str, ...], BeforeValidator(_comma_separated)] = Field(
        (), description="run the scenarios that carry all of these tags"
    )
    contract: Path | None = Field(None, description="file that says what this environment promises")
    expect: Annotated[tuple[str, ...], BeforeValidator(_comma_separated)] = Field(
        (), description="capabilities this environment promises"
    )


def read(userdata: Mapping[str, str], given: Mapping[str, str] | None = None) -> Settings:
    """Return the settings of a run: behave's userdata over the defaults.

    `given` are those of the command line, all when None; the others are in a configuration file. Raises UsageError with
    one line for each unknown name (and the nearest known one) or value of the wrong form.
    """
    try:
        return _of_platform(Settings.model_validate(dict(userdata)))
    except ValidationError as wrong:
        faults = [(str(each["loc"][0]), each["input"], each["msg"]) for each in wrong.errors()]
        places = {name: _place(name) for name, _, _ in faults if given is not None and name not in given}
        sentences = (places.get(name, "") + _sentence(name, value, complaint) for name, value, complaint in faults)
        raise UsageError("\n".join(sentences)) from None


def _of_platform(settings: Settings) -> Settings:
    """Return the settings with the version of Spark of a platform that is already there; raises UsageError."""
    own = settings.platform
    if settings.namespace:
        _check_namespace(settings)
    if own is None:
        return settings
    if settings.cluster == PROCESSES:
        raise UsageError("-D platform names a platform on a cluster, and -D cluster=processes has none: leave out one.")
    if own.spark and "spark" in settings.model_fields_set and settings.spark != own.spark:
        raise UsageError(f"-D spark={settings.spark} is not what {own.name} runs, {own.spark}: leave it out.")
    return settings.model_copy(update={"spark": own.spark or settings.spark})


def _check_namespace(settings: Settings) -> None:
    """Check that no other setting is about namespaces that the run makes; raises UsageError."""
    others = {
        "platform": settings.platform,
        "keep": settings.keep,
        "namespace_labels": settings.namespace_labels,
        "namespace_annotations": settings.namespace_annotations,
        "cluster=processes": settings.cluster == PROCESSES,
    }
    if given := next((name for name, value in others.items() if value), ""):
        raise UsageError(
            f"-D namespace puts the run's platforms into a namespace that it neither makes nor keeps, and -D {given} "
            "does not go with that: leave out one."
        )


def _place(name: str) -> str:
    """Return the place of a setting in one of behave's configuration files, as "pyproject.toml:7: "; "" if unknown."""
    for path in filter(Path.is_file, map(Path, _CONFIGURATION)):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            if re.match(rf"\s*[\"']?{re.escape(name)}[\"']?\s*[=:]", line):
                return f"{path}:{number}: "
    return ""


def _sentence(name: str, value: object, complaint: str) -> str:
    field = Settings.model_fields.get(name)
    if field is None:
        return f"Setting -D {name} is unknown; {hint(name, Settings.model_fields, '-D {}=...')}"
    if complaint.startswith("String should match"):
        return f"Setting -D {name}={value} is not usable: {field.description}."
    own = complaint.removeprefix("Value error, ")
    said = own if own != complaint else complaint[:1].lower() + complaint[1:]
    return f"Setting -D {name}={value} is not usable ({said}): {field.description}."
