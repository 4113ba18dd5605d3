"""behave's hooks: they prepare what a run shares, skip what the cluster cannot run, and keep evidence of failures.

The nouns that steps keep on `context`, with their types, are in sparkproof/suite/context.py.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sparkproof.cluster import contract, target
from sparkproof.core import collect, evidence
from sparkproof.core.errors import UsageError
from sparkproof.core.progress import say
from sparkproof.core.resources import Isolation, Reservation
from sparkproof.gpu import support
from sparkproof.kube import diagnosis
from sparkproof.platform.provider import Needs
from sparkproof.run import Plan, Unsupported, narrow
from sparkproof.suite import checks, every_version, settings, tags
from sparkproof.suite.checks import Checked
from sparkproof.suite.suite import Suite, ending_if_it_fails

NOUNS_WITH_EVIDENCE = ("answer", "work", "gpu_work", "team", "platform", "trips", "nodes")
suite = Suite()
# What is known of each selected scenario before anything runs.
checked: dict[str, Checked] = {}


def check(features: Sequence[Any], config: Any) -> None:
    """Read the settings and the contract, and check tags and phrases; raises UsageError.

    A scenario with a fault is broken, and the others run; a dry run fails.
    """
    suite.settings = settings.read(config.userdata, dict(config.userdata_defines or ()))
    suite.contract = contract.read(suite.settings.contract, suite.settings.expect)
    every_version.expand(features)
    scenarios = [scenario for feature in features for scenario in feature.walk_scenarios()]
    tags.check(tags.places(scenarios))
    tags.check_expression(config.tags or ())
    if config.dry_run:
        suite.presume()
    narrow(config, [tag for tag in (suite.settings.component, *suite.settings.features) if tag])
    for scenario in (each for each in scenarios if each.should_run(config)):
        checked[_key(scenario)] = checks.check(scenario, suite.settings.spark)
    faults = list(dict.fromkeys(fault for each in checked.values() for fault in each.faults))
    if faults and config.dry_run:
        raise UsageError("\n".join(faults))
    for fault in faults:
        say(fault)


def prepare(selected: Sequence[Any]) -> None:
    """Plan the shared platforms, and reach the cluster if a scenario or a contract needs it.

    If that fails, no hook follows that would end what the suite began.
    """
    with ending_if_it_fails(suite):
        _prepare(selected)


def _prepare(selected: Sequence[Any]) -> None:
    sound = [scenario for scenario in selected if not checked[_key(scenario)].faults]
    carried = [scenario.effective_tags for scenario in sound]
    if suite.contract or any(map(tags.needs_cluster, carried)):
        able = [scenario for scenario in sound if not tags.capabilities(scenario.effective_tags)]
        ahead = [claim for scenario in able for claim in checked[_key(scenario)].claims]
        needed = dict.fromkeys(capability for own in carried for capability in tags.capabilities(own))
        suite.reach(list(needed), ahead)
    suite.provide({_key(scenario): checked[_key(scenario)].claims for scenario in sound if not lack(scenario)})


def lack(scenario: Any) -> str:
    """Return why a scenario cannot run here: an absent capability, or its Spark without RAPIDS; "" if it can."""
    carried = scenario.effective_tags
    spark = tags.spark_version(carried) or suite.settings.spark
    if lacking := suite.lack(tags.capabilities(carried), _needs(scenario, spark)):
        return lacking
    rapids = support.lack_on(spark) if tags.RAPIDS in carried else None
    return "" if rapids is None else Unsupported(rapids.reason) if rapids.by_vendor else rapids.reason


def _needs(scenario: Any, spark: str) -> Needs:
    """Return what a scenario needs of a platform with this version of Spark."""
    carried, found = scenario.effective_tags, checked[_key(scenario)]
    users_only, kubernetes = tags.USERS in carried, tags.needs_kubernetes(carried)
    return Needs(spark, kubernetes, users_only, found.claims, found.catalogs, found.beyond)


def version(scenario: Any) -> str:
    """Return the Spark version that a scenario is about; "" for one that needs no cluster and names none."""
    carried = scenario.effective_tags
    return tags.spark_version(carried) or (suite.settings.spark if tags.needs_cluster(carried) else "")


def _key(scenario: Any) -> str:
    """Return the key of a scenario among all; those of one row that stands for every version share their line."""
    return f"{scenario.location} {scenario.name}"


def reservation(scenario: Any) -> Reservation:
    """Return what a scenario reserves of the cluster; nothing for one that is skipped or has a fault.

    Platforms and additions are shared with others; a scenario that disturbs its own platform has it alone.
    """
    if checked[_key(scenario)].faults or lack(scenario):
        return Reservation()
    carried = scenario.effective_tags
    held, additions = tags.reservation(carried), suite.provider.additions.reserved(tags.capabilities(carried))
    platforms = frozenset(map(str, checked[_key(scenario)].claims))
    alone = platforms if tags.SOLE_USER in carried else frozenset()
    return replace(held, locks=held.locks | alone, shared=held.shared | platforms | additions)


def there() -> set[str]:
    """Return what is there now of what scenarios share: platforms and additions, as reservations name them."""
    return {
        *(str(claim) for claim, each in suite.provider.shared.items() if each.is_made),
        *suite.provider.additions.there,
    }


plan = Plan(
    allure=True,
    junit=True,
    check=check,
    prepare=prepare,
    run=suite.run,
    group=lambda scenario: tags.topic(scenario.effective_tags),
    version=version,
    reservation=reservation,
    isolation=lambda scenario: tags.isolation(scenario.effective_tags),
    limit=lambda scenario: tags.limit(scenario.effective_tags),
    capacity=suite.capacity,
    there=there,
    make_room=lambda wanted, shared: suite.provider.make_room(wanted, shared),
    about=lambda: suite.about,
    transient=diagnosis.transient,
    remark=lambda reason: target.remark(suite.settings.cluster, reason),
)


def before_all(context: Any) -> None:
    context.suite = suite
    suite.begin()


def before_scenario(context: Any, scenario: Any) -> None:
    if faults := checked[_key(scenario)].faults:
        raise UsageError("\n".join(faults))
    suite.began(_key(scenario))
    context.add_cleanup(suite.ended, _key(scenario))
    if reason := lack(scenario):
        scenario.skip(reason)
    else:
        # Who has the cluster alone may stop its control plane, and nothing may be starting then.
        alone = tags.isolation(scenario.effective_tags) is not Isolation.PARALLEL
        suite.provider.additions.have(None if alone else tags.capabilities(scenario.effective_tags))


def after_step(_context: Any, step: Any) -> None:
    if step.step_type == "given" and step.status.name == "passed":
        evidence.must_be_prepared()


def after_scenario(context: Any, scenario: Any) -> None:
    if scenario.status.name == "passed":
        evidence.must_be_read()
        evidence.must_have_proof()
    elif scenario.status.has_failed() and not context.aborted:
        # One that was stopped has not failed, and who stops a run does not wait for its evidence.
        collect.from_nouns({noun: getattr(context, noun, None) for noun in NOUNS_WITH_EVIDENCE})
        if suite.settings.keep == "failed" and getattr(context, "team", None):
            suite.keep(context.team)


def after_all(context: Any) -> None:
    context.suite.end()
