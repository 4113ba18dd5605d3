"""The description of a platform that is already there, as a team writes it into a file (`-D platform=FILE`)."""

import json
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from sparkproof.core import examples
from sparkproof.core.errors import UsageError

SCHEMA = examples.FOLDER / "existing" / "existing.schema.json"
_SELECTOR = r"^[^=,\s]+=[^=,\s]+(,[^=,\s]+=[^=,\s]+)*$"


class Pods(BaseModel):
    """Pods of the platform's namespace, by their labels."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    selector: str = Field(pattern=_SELECTOR, description='labels of the pods, such as "app=warehouse,tier=sql"')
    container: str | None = Field(default=None, description="container of the pod; its first one when left out")


class ClientPod(Pods):
    """The pod in which the run opens sessions as a user does."""

    python: str = Field("python3", description="command of a Python that has the platform's version of pyspark")


class Description(BaseModel):
    """A platform that others installed, as its users know it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^[\w.-]+$", description="name of the platform in messages and reports")
    namespace: str = Field(pattern=r"^[a-z0-9-]+$", description="namespace of its pods")
    spark: str = Field("", description="version of Spark; left out, it is the run's own (-D spark=), which is checked")
    endpoint: str = Field(
        "",
        pattern=r"^(sc://[^\s;]+)?$",
        description="Spark Connect URL without credentials; left out, SPARK_REMOTE of the client's environment says it",
    )
    catalogs: dict[Literal["hadoop", "hive", "rest", "jdbc"], str] = Field(
        min_length=1,
        description="names in SQL of its Iceberg catalogs, by kind; the first one also stands for hadoop, if that is "
        "left out",
    )
    driver: Pods = Field(description="the pod of the Connect server, whose REST interface (port 4040) shows the work")
    executors: Pods = Field(Pods(selector="spark-role=executor"), description="the pods of the executors")
    client: ClientPod | None = Field(
        None, description="a pod with pyspark; left out, sessions are opened by the Python of this machine"
    )
    platforms: tuple[str, ...] = Field(
        ("lakehouse",), description="classes of platforms that it stands for, named as in examples/platforms"
    )


def read(path: Path) -> Description:
    """Return the description in a file; raises UsageError, in one sentence, for a file that is none."""
    try:
        return Description.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except OSError as refused:
        raise UsageError(f"The platform's description {path} cannot be read: {refused.strerror}.") from None
    except (yaml.YAMLError, UnicodeDecodeError) as wrong:
        raise UsageError(f"{path} is no YAML: {' '.join(str(wrong).split())}.") from None
    except ValidationError as wrong:
        faults = "; ".join(f"{'.'.join(map(str, each['loc'])) or 'it'}: {each['msg']}" for each in wrong.errors())
        raise UsageError(
            f"{path} describes no platform ({faults}); {SCHEMA.name} and the example beside it help."
        ) from None


def schema() -> str:
    """Return the JSON schema of such a file, by which editors check and complete it."""
    return json.dumps(Description.model_json_schema(), indent=2) + "\n"
