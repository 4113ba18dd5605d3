"""Quotas of teams: what waits for them, what is lent and given back, and what becomes of pods without Kueue."""

from behave import given, then, when

from sparkproof.suite.context import Context
from sparkproof.tenancy import kueue
from sparkproof.tenancy.queued_work import QueuedWork
from sparkproof.tenancy.quotas import TeamQueue
from sparkproof.tenancy.reclaimed_work import ReclaimedWork


@given("the team has a quota for {count:d} jobs")
@given("the team has a quota for one job")
@given("the team has a quota for one executor")
@given("the team has a quota for {count:d} executors")
def the_team_has_a_quota_for_jobs(context: Context, count: int = 1) -> None:
    context.queue = TeamQueue.create(context.team, count, run=context.suite.run, image=context.suite.image)
    context.add_cleanup(context.queue.remove)


@given("another team of its cohort has a quota for {count:d} jobs")
def another_team_of_its_cohort_has_a_quota_for_jobs(context: Context, count: int) -> None:
    context.other_queue = context.queue.lend_to(context.suite.team(), count, run=context.suite.run)
    context.add_cleanup(context.suite.remove, context.other_queue.team)
    context.add_cleanup(context.other_queue.remove)


@given("another team without a queue")
def another_team_without_a_queue(context: Context) -> None:
    context.other_team = context.suite.team()
    context.add_cleanup(context.suite.remove, context.other_team)


@given("a job of the team that runs")
def a_job_of_the_team_that_runs(context: Context) -> None:
    context.jobs = context.queue.start()
    context.queue.must_run(context.jobs)


@given("{count:d} jobs of the team that run, {borrowed:d} of them on what the other team does not use")
def jobs_of_the_team_that_run_of_them_on_what_the_other_team_does_not_use(
    context: Context, count: int, borrowed: int
) -> None:
    context.queue.must_run(context.queue.start(count))
    context.queue.must_borrow(borrowed)


@given("another job of the team that waits")
def another_job_of_the_team_that_waits(context: Context) -> None:
    context.waiting_jobs = context.queue.start()


@when("the data team runs work for {count:d} executors, and the job ends meanwhile")
def the_data_team_runs_work_for_executors_and_the_job_ends_meanwhile(context: Context, count: int) -> None:
    context.queued = QueuedWork.during(context.platform, context.queue, context.jobs, executors=count)
    context.work = context.queued.work


@when("the data team runs work for {executors:d} executors, and the other team starts {jobs:d} jobs meanwhile")
def the_data_team_runs_work_for_executors_and_the_other_team_starts_jobs_meanwhile(
    context: Context, executors: int, jobs: int
) -> None:
    context.reclaimed = ReclaimedWork.during(context.platform, context.other_queue, executors=executors, jobs=jobs)
    context.work, context.jobs = context.reclaimed.work, context.other_queue.jobs


@when("the other team starts {count:d} jobs")
def the_other_team_starts_jobs(context: Context, count: int) -> None:
    context.jobs = context.other_queue.start(count)


@when("the team starts a job of {size:d} pods")
def the_team_starts_a_job_of_pods(context: Context, size: int) -> None:
    context.jobs = context.queue.start(size=size)


@when("the team starts a job that names no queue")
def the_team_starts_a_job_that_names_no_queue(context: Context) -> None:
    context.jobs = context.queue.start(queued=False)


@when("the platform operator stops Kueue")
def the_platform_operator_stops_kueue(context: Context) -> None:
    context.add_cleanup(kueue.start, context.team.kube)
    kueue.stop(context.team.kube)


@then('executors waited because of "{reason}"')
def executors_waited_because_of(context: Context, reason: str) -> None:
    context.queued.must_have_waited(reason)


@then("one executor worked meanwhile")
def one_executor_worked_meanwhile(context: Context) -> None:
    context.queued.must_have_worked_meanwhile(1)


@then("one that had waited came when the job had ended")
def one_that_had_waited_came_when_the_job_had_ended(context: Context) -> None:
    context.queued.must_have_come()


@then("{count:d} executors did all the work")
def executors_did_all_the_work(context: Context, count: int) -> None:
    context.queued.must_have_kept_to(count)


@then("{count:d} executors gave way to them")
def executors_gave_way_to_them(context: Context, count: int) -> None:
    context.reclaimed.must_have_given_way(count, context.other_queue)


@then("the executor on the team's own quota did the rest")
def the_executor_on_the_teams_own_quota_did_the_rest(context: Context) -> None:
    context.reclaimed.must_have_been_finished()


@then("the other team's jobs run")
def the_other_teams_jobs_run(context: Context) -> None:
    context.other_queue.must_run(context.jobs)


@then("{count:d} jobs of the team gave way to them, and its others run on")
def jobs_of_the_team_gave_way_to_them_and_its_others_run_on(context: Context, count: int) -> None:
    context.queue.must_give_way(count, context.other_queue)


@then("all jobs of the team run again when the other team's have ended")
def all_jobs_of_the_team_run_again_when_the_other_teams_have_ended(context: Context) -> None:
    context.other_queue.end(context.jobs)
    context.queue.must_run(context.queue.jobs)


@then('the job waits because of "{reason}"')
def the_job_waits_because_of(context: Context, reason: str) -> None:
    context.queue.must_hold(context.jobs, reason)


@then("another job of the team runs")
def another_job_of_the_team_runs(context: Context) -> None:
    context.queue.must_run(context.queue.start())


@then('it runs, while the other waits because of "{reason}"')
def it_runs_while_the_other_waits_because_of(context: Context, reason: str) -> None:
    context.queue.must_run_beside(context.jobs, context.waiting_jobs, reason)


@then("a pod of the team without a queue starts")
def a_pod_of_the_team_without_a_queue_starts(context: Context) -> None:
    kueue.must_leave_alone(context.other_team, context.suite.image)


@then('a pod of the team with a queue is refused because of "{reason}"')
def a_pod_of_the_team_with_a_queue_is_refused_because_of(context: Context, reason: str) -> None:
    context.queue.must_refuse_pods(reason)


@then("a job of the team runs when Kueue is there again")
def a_job_of_the_team_runs_when_kueue_is_there_again(context: Context) -> None:
    kueue.start(context.team.kube)
    context.queue.must_run(context.queue.start())
