"""The move from Spark 3.5 to 4.1: what will answer differently is found before."""

from behave import register_type, then, when

from sparkproof.spark.migration import JobCheck
from sparkproof.suite.context import Context
from sparkproof.suite.parameters import TYPES
from sparkproof.suite.phrases import table

register_type(**TYPES)


@when("a data engineer checks this job for the move from Spark 3.5")
def a_data_engineer_checks_this_job_for_the_move_from_spark_3_5(context: Context) -> None:
    context.job_check = JobCheck.of(context.platform, context.text)


@then("the check names just these statements")
@table("line", "rule")
def the_check_names_just_these_statements(context: Context) -> None:
    context.job_check.must_name(context.table)


@then("the check names no statement")
def the_check_names_no_statement(context: Context) -> None:
    context.job_check.must_be_clean()
