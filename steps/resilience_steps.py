"""Resilience: components that are disturbed, and what became of the work of users."""

from behave import given, register_type, then, when

from sparkproof.resilience.disturbance import COMPONENTS, disturbance
from sparkproof.resilience.lost import LostComponent
from sparkproof.resilience.pods import EXECUTOR
from sparkproof.resilience.trial import Trial, Verdict
from sparkproof.resilience.unreplaced import NO_RIGHTS, NO_ROOM, WithoutQuota, WithoutRights
from sparkproof.resilience.work import EngineerAtWork
from sparkproof.suite.context import Context
from sparkproof.suite.parameters import TYPES
from sparkproof.suite.phrases import asks_beyond

register_type(**TYPES)


@given('a data engineer who writes to a table of the "{kind:Catalog}" catalog and reads it all the time')
def a_data_engineer_who_writes_to_a_table_of_the_catalog_and_reads_it_all_the_time(context: Context, kind: str) -> None:
    context.at_work = EngineerAtWork.start(
        context.platform, context.session, kind, context.suite.generated_trips(100_000)
    )
    context.add_cleanup(context.at_work.end)
    context.at_work.begin()


@when('the "{component:Component}" {does:Disturbance}')
def the(context: Context, component: str, does: str) -> None:
    disturbing = disturbance(context.platform.workloads, component, does)
    context.add_cleanup(disturbing.end)
    context.trial = Trial.run(context.at_work, disturbing, f"the {component} {does}")


@when("every executor is killed and the quota has no room for another")
@asks_beyond("a quota of its own")
def every_executor_is_killed_and_the_quota_has_no_room_for_another(context: Context) -> None:
    disturbing = WithoutQuota(context.platform.workloads, EXECUTOR)
    context.add_cleanup(disturbing.end)
    context.trial = Trial.run(context.at_work, disturbing, f"every executor {NO_ROOM}")


@when('somebody kills the "{component:Component}" and the quota has no room for another')
@asks_beyond("a quota of its own")
def somebody_kills_the_and_the_quota_has_no_room_for_another(context: Context, component: str) -> None:
    disturbing = WithoutQuota(context.platform.workloads, COMPONENTS[component])
    context.add_cleanup(disturbing.end)
    context.trial = Trial.run(context.at_work, disturbing, f"the {component} {NO_ROOM}")


@when('somebody kills the "{component:SingleComponent}" while the quota has no room')
@asks_beyond("a quota of its own")
def somebody_kills_the_while_the_quota_has_no_room(context: Context, component: str) -> None:
    context.lost = LostComponent.of(context.platform, component)
    context.add_cleanup(context.lost.end)
    context.lost.lose_without_room()


@when('somebody kills the "{component:SingleComponent}" while the quota has room')
@asks_beyond("a quota of its own")
def somebody_kills_the_while_the_quota_has_room(context: Context, component: str) -> None:
    context.lost = LostComponent.of(context.platform, component)
    context.add_cleanup(context.lost.end)
    context.lost.lose_with_room()


@when("every executor is killed and the driver may start no other")
def every_executor_is_killed_and_the_driver_may_start_no_other(context: Context) -> None:
    disturbing = WithoutRights(context.platform.workloads, EXECUTOR)
    context.add_cleanup(disturbing.end)
    context.trial = Trial.run(context.at_work, disturbing, f"every executor {NO_RIGHTS}")


@then("the engineer's work {verdict:Verdict}, and is as before within {seconds:d} seconds")
def the_engineers_work_and_is_as_before_within_seconds(context: Context, verdict: Verdict, seconds: int) -> None:
    context.trial.must_be(verdict, seconds)


@then('the engineer is told "{words}"')
def the_engineer_is_told(context: Context, words: str) -> None:
    context.trial.must_have_told(words.split('" or "'))


@then('the platform shows "{words}"')
def the_platform_shows(context: Context, words: str) -> None:
    context.trial.must_have_shown(words)


@then('what was lost does not come back because "{words}"')
def what_was_lost_does_not_come_back_because(context: Context, words: str) -> None:
    context.lost.must_stay_away(words)


@then("nothing else of the platform has ended")
def nothing_else_of_the_platform_has_ended(context: Context) -> None:
    context.lost.must_have_left_the_rest()


@then("what was lost comes back when the quota has room again")
def what_was_lost_comes_back_when_the_quota_has_room_again(context: Context) -> None:
    context.lost.give_room()
    context.lost.must_come_back()


@then("what was lost comes back by itself")
def what_was_lost_comes_back_by_itself(context: Context) -> None:
    context.lost.must_come_back()


@then("nothing that was acknowledged is lost")
def nothing_that_was_acknowledged_is_lost(context: Context) -> None:
    context.at_work.must_have_lost_nothing()


@then("the engineer works on")
def the_engineer_works_on(context: Context) -> None:
    context.at_work.must_go_on()
