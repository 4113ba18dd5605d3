"""Notebooks: their users' cells, users without a token, and notebooks that are run as a whole."""

from behave import given, register_type, then, when

from sparkproof.gpu.work import must_have_executed
from sparkproof.iceberg import Table
from sparkproof.jupyter import whole
from sparkproof.jupyter.notebook import Notebooks
from sparkproof.spark import leftovers
from sparkproof.suite.context import Context
from sparkproof.suite.parameters import TYPES

register_type(**TYPES)

NOTEBOOKS = {"jupyter": {"enabled": True, "authentication": {"existingSecret": "jupyter-token"}}}


@given("a data team whose platform has notebooks")
def a_data_team_whose_platform_has_notebooks(context: Context) -> None:
    context.team = context.suite.team()
    context.add_cleanup(context.suite.remove, context.team)
    context.platform = context.suite.install(context.team, values=NOTEBOOKS)


@when("a notebook user runs the cell")
def a_notebook_user_runs_the_cell(context: Context) -> None:
    context.cell = Notebooks.of(context.platform).run(context.text)


@when("a notebook user without the token runs the cell")
def a_notebook_user_without_the_token_runs_the_cell(context: Context) -> None:
    context.cell = Notebooks.of(context.platform).run(context.text, token="")


@when('a notebook user with the token "{token}" runs the cell')
def a_notebook_user_with_the_token_runs_the_cell(context: Context, token: str) -> None:
    context.cell = Notebooks.of(context.platform).run(context.text, token=token)


@then('the cell prints "{text}"')
def the_cell_prints(context: Context, text: str) -> None:
    context.cell.must_have_printed(text)


@then('executors of the platform did the work that the cell tagged "{tag}"')
def executors_of_the_platform_did_the_work_that_the_cell_tagged(context: Context, tag: str) -> None:
    context.platform.history.must_have_run_on_executors(tag)


@then("the notebook user is refused")
def the_notebook_user_is_refused(context: Context) -> None:
    context.cell.must_be_refused()


@when('a data engineer runs the "{name:Notebook}" notebook with {trips:d} trips and {added:d} more')
def a_data_engineer_runs_the_notebook_with_trips_and_more(context: Context, name: str, trips: int, added: int) -> None:
    table = context.platform.catalogs.unused_table("fares")
    context.add_cleanup(Table(context.session, table).drop)
    context.notebook_run = whole.run(context.platform, name, table=table, trips=trips, added=added)


@when('a data engineer runs the "{name:Notebook}" notebook with {rows:d} rows')
def a_data_engineer_runs_the_notebook_with_rows(context: Context, name: str, rows: int) -> None:
    context.notebook_run = whole.run(context.platform, name, rows=rows)


@then('all of its cells run, and print "{text}"')
def all_of_its_cells_run_and_print(context: Context, text: str) -> None:
    context.notebook_run.must_have_printed(text)


@then('the notebook fails and shows "{reason}", after it printed "{text}" alone')
def the_notebook_fails_and_shows_after_it_printed_alone(context: Context, reason: str, text: str) -> None:
    context.notebook_run.must_have_failed(reason, text)


@then("the notebook's session on Spark is closed")
def the_notebooks_session_on_spark_is_closed(context: Context) -> None:
    leftovers.must_be_closed(context.platform.history, context.session.client, context.notebook_run.tag)


@then('RAPIDS executed the notebook\'s query, with "{operators}" on the GPU')
def rapids_executed_the_notebooks_query_with_on_the_gpu(context: Context, operators: str) -> None:
    must_have_executed(context.platform, context.notebook_run.tag, operators.split(", "))
