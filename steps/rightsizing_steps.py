"""The size of executors, by the calculator's advice."""

from behave import given, then, when

from sparkproof.iceberg import Table, names
from sparkproof.scaling.rightsizing import LITTLE, PLENTY, Advice, Spill
from sparkproof.spark.application import Application
from sparkproof.suite.context import Context


@given('the calculator\'s advice from a run of the "{name:Application}" application with plenty of memory')
def the_calculators_advice_from_a_run_of_the_application_with_plenty_of_memory(context: Context, name: str) -> None:
    measured = Application.submit(context.platform, name, "client", names.unused_table("measured"), PLENTY)
    context.add_cleanup(Table(context.session, measured.table).drop)
    context.advice = Advice.by(context.platform, measured)


@given('the calculator\'s advice from a run of the "{name:Application}" application with too little memory')
def the_calculators_advice_from_a_run_of_the_application_with_too_little_memory(context: Context, name: str) -> None:
    measured = Application.submit(context.platform, name, "client", names.unused_table("measured"), LITTLE)
    context.add_cleanup(Table(context.session, measured.table).drop)
    context.advice = Advice.by(context.platform, measured)


@when('the data team submits the "{name:Application}" application with the advised memory')
def the_data_team_submits_the_application_with_the_advised_memory(context: Context, name: str) -> None:
    settings = context.advice.settings()
    context.application = Application.submit(context.platform, name, "client", names.unused_table("result"), settings)
    context.add_cleanup(Table(context.session, context.application.table).drop)


@when('the data team submits the "{name:Application}" application with three quarters of the advised memory')
def the_data_team_submits_the_application_with_three_quarters_of_the_advised_memory(
    context: Context, name: str
) -> None:
    settings = context.advice.settings(quarters=3)
    context.application = Application.submit(context.platform, name, "client", names.unused_table("result"), settings)
    context.add_cleanup(Table(context.session, context.application.table).drop)


@then("its work stayed in memory")
def its_work_stayed_in_memory(context: Context) -> None:
    Spill.of(context.platform, context.application).must_be_none()


@then("its work was spilled to disk")
def its_work_was_spilled_to_disk(context: Context) -> None:
    Spill.of(context.platform, context.application).must_be_some()


@then("its result is that of the measured run")
def its_result_is_that_of_the_measured_run(context: Context) -> None:
    context.application.must_have_written_the_same(context.session, context.advice.measured)
