"""The second stage: what no check without a cluster notices is installed, and criteria have to turn red."""

from collections.abc import Sequence

from tests.mutants.judge import Verdict
from tests.mutants.mutants import Mutant


def judged(mutants: Sequence[Mutant], verdicts: Sequence[Verdict], ends: float) -> list[Verdict]:
    """Install the platforms of mutants that live, in batches until the time `ends`, and look which criteria fail."""
    raise NotImplementedError
