"""The parameters of phrases that name a class of platforms, a Spark version or a promise; scenarios' claims by them."""

from collections.abc import Iterator
from typing import Any

import parse
from behave import runner as behave_runner

from sparkproof.build import versions
from sparkproof.charts import promises
from sparkproof.core.errors import UsageError
from sparkproof.platform.classes import PlatformClaim, PlatformClass, classes, named


@parse.with_pattern(r"[\w-]+")
def platform_class(text: str) -> PlatformClass:
    """Return the class that a phrase names; raises UsageError, with the nearest known name."""
    return named(text)


@parse.with_pattern(r"\S+")
def spark_version(text: str) -> str:
    """Return a version of Spark; raises UsageError, with the nearest known one."""
    return versions.spark(text).name


@parse.with_pattern(r".+")
def promise(text: str) -> promises.Promise:
    """Return the promise of the charts that a phrase ends with; raises UsageError, with the nearest one."""
    return promises.named(text)


def claims(scenario: Any, default_version: str) -> frozenset[PlatformClaim]:
    """Return the shared platforms that a scenario's Given steps ask for.

    Raises UsageError, with the step's place, for an unknown class or version.
    """
    return frozenset(claim for step in scenario.all_steps for claim in _claims_of(step, default_version))


def _claims_of(step: Any, default_version: str) -> Iterator[PlatformClaim]:
    if step.step_type != "given":
        return
    for each in classes().values():
        if each.phrase == step.name:
            yield PlatformClaim(each.name, default_version)
    # Only such phrases have one of the parameters above; others are skipped, since a match tries every phrase.
    if "platform" in step.name and (match := behave_runner.the_step_registry.find_match(step)):
        if isinstance(error := getattr(match, "stored_error", None), UsageError):
            raise UsageError(f"{step.location}: {error}")
        found = {each.name: each.value for each in match.arguments or ()}
        if isinstance(wanted := found.get("platform"), PlatformClass):
            yield PlatformClaim(wanted.name, found.get("version", default_version))
