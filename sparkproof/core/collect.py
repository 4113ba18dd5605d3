"""Gathers what a failed scenario's nouns have to show, before clean-up takes it away."""

from collections.abc import Mapping
from typing import Any

from sparkproof.core import evidence
from sparkproof.core.errors import CheckFailed, SparkproofError


def from_nouns(nouns: Mapping[str, Any]) -> None:
    """Call evidence() of each noun that has one; what cannot be had is itself written into the evidence."""
    for name, noun in nouns.items():
        try:
            if hasattr(noun, "evidence"):
                noun.evidence()
        except (SparkproofError, CheckFailed) as missing:
            evidence.attach(f"no evidence of the {name}", str(missing))
