"""A control plane that loses its data and is restored from a snapshot, and what goes on meanwhile."""

from behave import given, register_type, then, when

from sparkproof.operations.control_plane import ControlPlane
from sparkproof.operations.steady_user import SteadyUser
from sparkproof.operations.team_objects import TeamObjects
from sparkproof.platform.release import installed
from sparkproof.suite.context import Context
from sparkproof.suite.parameters import TYPES
from sparkproof.suite.phrases import asks_beyond

register_type(**TYPES)
_NEEDED = "the control plane"


@given("a data engineer who asks for the number of trips and their sum in one session all the time")
def a_data_engineer_who_asks_for_the_number_of_trips_and_their_sum_in_one_session_all_the_time(
    context: Context,
) -> None:
    context.steady_user = SteadyUser.start(context.platform, context.session, context.suite.generated_trips())
    context.add_cleanup(context.steady_user.end)
    context.steady_user.await_answer()


@given("objects of the team")
def objects_of_the_team(context: Context) -> None:
    context.team_objects = TeamObjects(context.platform.workloads)
    context.add_cleanup(context.team_objects.remove)
    context.team_objects.make()


@given("the platform operator took a snapshot of the control plane")
@asks_beyond(_NEEDED)
def the_platform_operator_took_a_snapshot_of_the_control_plane(context: Context) -> None:
    context.control_plane = ControlPlane.of(context.suite.releases.target)
    context.add_cleanup(context.control_plane.end)
    context.team_objects.save(context.control_plane)


@given("a snapshot of the control plane")
@asks_beyond(_NEEDED)
def a_snapshot_of_the_control_plane(context: Context) -> None:
    context.control_plane = ControlPlane.of(context.suite.releases.target)
    context.add_cleanup(context.control_plane.end)
    context.control_plane.save()


@given("the snapshot of the control plane {harm:Harm}")
def the_snapshot_of_the_control_plane(context: Context, harm: str) -> None:
    context.control_plane.harm(harm)


@given("somebody made, changed and removed objects of the team afterwards")
def somebody_made_changed_and_removed_objects_of_the_team_afterwards(context: Context) -> None:
    context.team_objects.change()


@when("the control plane loses its data")
def the_control_plane_loses_its_data(context: Context) -> None:
    installed(context.platform).close()
    context.control_plane.lose()


@when("the platform operator restores the control plane from the snapshot")
def the_platform_operator_restores_the_control_plane_from_the_snapshot(context: Context) -> None:
    context.restored = context.control_plane.restore()


@then("the control plane answers and takes changes again within {seconds:d} seconds")
def the_control_plane_answers_and_takes_changes_again_within_seconds(context: Context, seconds: int) -> None:
    context.restored.must_be_within(seconds)


@then('the snapshot is refused because "{reason}", and the control plane went on')
def the_snapshot_is_refused_because_and_the_control_plane_went_on(context: Context, reason: str) -> None:
    context.restored.must_be_refused(reason)


@then("who watched the team's objects is told to read them anew")
def who_watched_the_teams_objects_is_told_to_read_them_anew(context: Context) -> None:
    context.team_objects.must_be_told_to_read_anew()


@then("what was there at the snapshot is as it was, and what came after is gone and named")
def what_was_there_at_the_snapshot_is_as_it_was_and_what_came_after_is_gone_and_named(context: Context) -> None:
    context.team_objects.must_be_as_saved()


@then("the driver and the executors went on, and each answer was right")
def the_driver_and_the_executors_went_on_and_each_answer_was_right(context: Context) -> None:
    context.team_objects.must_have_gone_on()
    context.steady_user.must_have_been_answered(context.restored.lost_at, context.restored.back_at)


@then("the team's pods are scaled again")
def the_teams_pods_are_scaled_again(context: Context) -> None:
    context.team_objects.must_scale()
