"""The behave runner of this suite, for any behave project: `behave -r sparkproof.run:Runner`."""

from sparkproof.run.outcome import Outcome, Unsupported
from sparkproof.run.plan import About, Plan, narrow
from sparkproof.run.runner import Runner

__all__ = ["About", "Outcome", "Plan", "Runner", "Unsupported", "narrow"]
