"""Notebooks: the cells that users run, and the users that are refused."""

from behave import given, then, when

NOTEBOOKS = {"jupyter": {"enabled": True, "authentication": {"existingSecret": "jupyter-token"}}}


@given("a data team whose platform has notebooks")
def a_data_team_whose_platform_has_notebooks(context):
    context.team = context.suite.team()
    context.add_cleanup(context.team.delete)
    context.release = context.suite.install(context.team, values=NOTEBOOKS)


@when("a notebook user runs the cell")
def a_notebook_user_runs_the_cell(context):
    context.cell = context.release.notebooks.run(context.text)


@when("a notebook user without the token runs the cell")
def a_notebook_user_without_the_token_runs_the_cell(context):
    context.cell = context.release.notebooks.run(context.text, token="")


@when('a notebook user with the token "{token}" runs the cell')
def a_notebook_user_with_the_token_runs_the_cell(context, token):
    context.cell = context.release.notebooks.run(context.text, token=token)


@then('the cell prints "{text}"')
def the_cell_prints(context, text):
    context.cell.must_have_printed(text)


@then("the notebook user is refused")
def the_notebook_user_is_refused(context):
    context.cell.must_be_refused()
