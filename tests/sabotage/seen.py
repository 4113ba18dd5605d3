"""What was seen of each deliberate fault: which criterion turned red, what it said, and when."""

import hashlib
import re
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import yaml
from filelock import FileLock

from tests.support.sabotages import Sabotage

PATH = Path(__file__).with_name("seen.yaml")
KILLED, OTHER_CAUSE, SURVIVED = "killed", "other cause", "survived"
_LONGEST = 240


@dataclass(frozen=True)
class Seen:
    """One run of a fault: the `digest` of its row, the criterion, its outcome, what it `said`, the day and the Spark.

    A criterion that turned red by another cause than the row's, and one that stayed green, have not killed the fault.
    """

    digest: str
    criterion: str
    outcome: str
    date: str
    said: str = ""
    spark: str = ""

    @classmethod
    def of(cls, sabotage: Sabotage, line: Mapping[str, Any]) -> "Seen":
        """Return what a run's ledger says of a fault."""
        reason = str(line["reason"])
        red = line["outcome"] in ("failed", "broken")
        outcome = SURVIVED if not red else KILLED if sabotage.cause in reason else OTHER_CAUSE
        day = str(line["started"])[:10]
        return cls(digest(sabotage), str(line["name"]), outcome, day, first(reason), str(line.get("version", "")))


def digest(sabotage: Sabotage) -> str:
    """Return what changes when the row says another fault, another criterion or another cause."""
    row = asdict(sabotage)
    told = "\n".join(str(row[key]) for key in ("file", "pattern", "replacement", "criterion", "cause"))
    return hashlib.sha256(told.encode()).hexdigest()[:12]


def current(sabotage: Sabotage, record: Mapping[str, Seen]) -> Seen | None:
    """Return what was seen of a fault as it reads now; None when it has changed since, or never ran."""
    entry = record.get(sabotage.name)
    return entry if entry and entry.digest == digest(sabotage) else None


def first(reason: str) -> str:
    """Return the first sentence of a reason, cut where it is very long."""
    sentence = re.split(r"(?<=[.!?])\s", " ".join(reason.split()), maxsplit=1)[0]
    return sentence if len(sentence) <= _LONGEST else sentence[: _LONGEST - 4] + " ..."


def read(path: Path = PATH) -> dict[str, Seen]:
    """Return what was seen last of each fault, by its name."""
    found = yaml.safe_load(path.read_text()) if path.exists() else {}
    return {name: Seen(**entry) for name, entry in (found or {}).items()}


def keep(name: str, seen: Seen, path: Path = PATH) -> None:
    """Write what was seen of a fault in place of what was seen before; several processes may do so at once."""
    with FileLock(Path(tempfile.gettempdir()) / "sparkproof-sabotages-seen.lock"):
        entries = {**read(path), name: seen}
        told = {each: {key: value for key, value in asdict(entries[each]).items() if value} for each in sorted(entries)}
        path.write_text(yaml.safe_dump(told, sort_keys=False, allow_unicode=True, width=1000))
