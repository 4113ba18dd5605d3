"""Notebooks: their users' cells, and users without a token."""

from behave import given, then, when

from sparkproof.jupyter.notebook import Notebooks
from sparkproof.suite.context import Context

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


@then("the notebook user is refused")
def the_notebook_user_is_refused(context: Context) -> None:
    context.cell.must_be_refused()
