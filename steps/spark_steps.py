"""Spark: what users run, what it answers, and the executors that do the work."""

from behave import then, when

from sparkproof import trips


@when('a data engineer runs "{statement}"')
def a_data_engineer_runs(context, statement):
    context.answer = context.session.sql(statement)


@when("the data team runs work for {count:d} executors")
def the_data_team_runs_work_for_executors(context, count):
    context.work = context.release.work(executors=count)


@then("the answer is")
def the_answer_is(context):
    context.answer.must_hold(trips.rows(context.table))


@then("the answer is the single value {value:d}")
def the_answer_is_the_single_value(context, value):
    context.answer.must_hold([(value,)])


@then("the answer is the version that the client has")
def the_answer_is_the_version_that_the_client_has(context):
    context.answer.must_hold([(context.session.client_version,)])


@then('the answer is refused because "{reason}"')
def the_answer_is_refused_because(context, reason):
    context.answer.must_be_refused(reason)


@then("executors did the work")
def executors_did_the_work(context):
    context.release.history.must_have_run_on_executors(context.answer.tag)


@then("the work gives the right answer")
def the_work_gives_the_right_answer(context):
    context.work.must_be_right()


@then("at least {count:d} executors took part")
def at_least_executors_took_part(context, count):
    context.work.must_have_had_at_least(count)


@then("never more than {count:d} executors took part")
def never_more_than_executors_took_part(context, count):
    context.work.must_have_had_at_most(count)


@then("{count:d} executors remain")
def executors_remain(context, count):
    context.release.must_have_executors(count)
