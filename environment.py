"""behave's hooks: what a run shares, what the cluster cannot serve, and evidence before anything is cleaned up.

The nouns that steps keep on `context`: suite (all of the run); team, release, session, trips (a table of taxi trips),
snapshot (its latest); answer, refusal, account, work (what a When brought).
"""

from typing import Any

from sparkproof import collect, evidence, settings, tags
from sparkproof.suite import Suite

NOUNS = ("team", "release", "trips")


def before_all(context: Any) -> None:
    context.suite = Suite(settings.read(context.config.userdata))


def before_scenario(context: Any, scenario: Any) -> None:
    for capability in tags.capabilities(scenario.effective_tags):
        support = context.suite.support(capability)
        if not support.enabled:
            scenario.skip(support.reason)
            return


def after_scenario(context: Any, scenario: Any) -> None:
    if scenario.status.name == "passed":
        evidence.must_have_proof()
    elif scenario.status.has_failed():
        collect.from_nouns({noun: getattr(context, noun, None) for noun in NOUNS})


def after_all(context: Any) -> None:
    context.suite.end()
