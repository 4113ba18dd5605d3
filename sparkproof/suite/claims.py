"""What the platform's documents claim, which criterion measures it, and what it measured last."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

FILE = Path("docs/claims.yaml")


@dataclass(frozen=True)
class Claim:
    """A claim, the title of the criterion that measures it, and the last measured figure with where it was measured.

    Where there is no figure, `why` says the reason.
    """

    claim: str
    criterion: str = ""
    measured: str = ""
    where: str = ""
    why: str = ""


def read(path: Path = FILE) -> list[Claim]:
    """Return the claims of a file; raises TypeError for a key that no claim has."""
    return [Claim(**each) for each in yaml.safe_load(path.read_text(encoding="utf-8"))]


def table(claims: list[Claim]) -> Iterator[str]:
    """Return the lines of a page's table of these claims."""
    yield from ("| claim | criterion | measured last |", "| --- | --- | --- |")
    for each in claims:
        figure = f"{each.measured} ({each.where})" if each.measured else f"not measured: {each.why}"
        yield f"| {each.claim} | {each.criterion or 'none'} | {figure} |"
