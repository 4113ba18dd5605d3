"""The size of executors, by the calculator's advice."""

from behave import given, register_type, then, when

from sparkproof.iceberg import Table
from sparkproof.scaling.rightsizing import HEAPS, Advice, Spill
from sparkproof.spark.application import Application
from sparkproof.suite.context import Context
from sparkproof.suite.parameters import TYPES

register_type(**TYPES)


@given('the calculator\'s advice from a run of the "{name:Application}" application with {heap:Heap}')
def the_calculators_advice_from_a_run_of_the_application_with(context: Context, name: str, heap: str) -> None:
    measured = Application.submit(
        context.platform, name, "client", context.platform.catalogs.unused_table("measured"), HEAPS[heap]
    )
    context.add_cleanup(Table(context.session, measured.table).drop)
    context.advice = Advice.by(context.platform, measured)


@when('the data team submits the "{name:Application}" application with {share:Share}')
def the_data_team_submits_the_application_with(context: Context, name: str, share: str) -> None:
    settings = context.advice.settings(share)
    context.application = Application.submit(
        context.platform, name, "client", context.platform.catalogs.unused_table("result"), settings
    )
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
