"""Hooks that print what they do and fail where a tag says so, so that two runners can be compared hook by hook."""

import sys

from behave.model import Feature, Rule, Scenario, Step
from behave.runner import Context

from sparkproof.core import evidence
from sparkproof.core.evidence import Level
from sparkproof.run import Plan, Unsupported

plan = Plan(allure=True, junit=True)


def _hook(name: str, tags: list[str]) -> None:
    print(f"hook {name}")
    if f"assert_{name}" in tags:
        raise AssertionError(f"{name} refuses")
    if f"error_{name}" in tags:
        raise RuntimeError(f"{name} breaks")


def before_all(context: Context) -> None:
    context.seen_by_all = "before_all"
    _hook("before_all", context.config.userdata.get("break", "").split(","))


def after_all(context: Context) -> None:
    _hook("after_all", context.config.userdata.get("break", "").split(","))


def before_feature(context: Context, feature: Feature) -> None:
    context.opened = feature.name
    if "skip_in_before_feature" in feature.tags:
        feature.skip("the feature is not wanted")
    _hook("before_feature", feature.tags)
    if "error_feature_cleanup" in feature.tags:
        context.add_cleanup(_broken_cleanup)


def after_feature(context: Context, feature: Feature) -> None:
    _hook("after_feature", feature.tags)


def before_rule(context: Context, rule: Rule) -> None:
    context.ruled = rule.name
    _hook("before_rule", rule.tags)


def after_rule(context: Context, rule: Rule) -> None:
    _hook("after_rule", rule.tags)


def before_scenario(context: Context, scenario: Scenario) -> None:
    evidence.begin()
    if "skip_in_before_scenario" in scenario.effective_tags:
        scenario.skip("no node offers a unicorn")
    if "unsupported" in scenario.effective_tags:
        scenario.skip(Unsupported("no shim for this version (release notes of the vendor)"))
    if "error_cleanup" in scenario.tags:
        context.add_cleanup(_broken_cleanup)
    _hook("before_scenario", scenario.tags)


def after_scenario(context: Context, scenario: Scenario) -> None:
    if "critical" in scenario.tags:
        evidence.prove(Level.EXECUTED, "2 lines", rows=[1, 2])
    _hook("after_scenario", scenario.tags)


def before_step(context: Context, step: Step) -> None:
    if "before_step breaks" in step.name:
        raise RuntimeError("before_step breaks")


def after_step(context: Context, step: Step) -> None:
    if "after_step breaks" in step.name:
        raise RuntimeError("after_step breaks")


def before_tag(context: Context, tag: str) -> None:
    if tag == "error_before_tag":
        raise RuntimeError("before_tag breaks")


def after_tag(context: Context, tag: str) -> None:
    if tag == "error_after_tag":
        raise RuntimeError("after_tag breaks")


def _broken_cleanup() -> None:
    print("cleaning", file=sys.stderr)
    raise RuntimeError("clean-up breaks")
