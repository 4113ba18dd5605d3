"""Pages of docs whose commands users type."""

from behave import given, register_type, then, when

from sparkproof.platform import newcomer
from sparkproof.platform.release import installed
from sparkproof.spark.recipe import Followed
from sparkproof.suite.context import Context
from sparkproof.suite.parameters import TYPES
from sparkproof.suite.phrases import table

register_type(**TYPES)


@given("a data team without a platform, on nodes that have the images")
def a_data_team_without_a_platform_on_nodes_that_have_the_images(context: Context) -> None:
    context.team = context.suite.team()
    context.add_cleanup(context.suite.remove, context.team)
    context.platform = newcomer.made_ready(context.suite.releases, context.team)


@when('a data engineer follows the recipe "{name:Recipe}"')
def a_data_engineer_follows_the_recipe(context: Context, name: str) -> None:
    context.followed = Followed.on(context.platform, name)


@then("its commands succeed, and say")
@table("words")
def its_commands_succeed_and_say(context: Context) -> None:
    context.followed.must_have_said([row["words"] for row in context.table])


@when('a newcomer follows the recipe "{name:Recipe}"')
def a_newcomer_follows_the_recipe(context: Context, name: str) -> None:
    context.followed = newcomer.follow(installed(context.platform), name)


@then('"{words}" came within {minutes:d} minutes')
def came_within_minutes(context: Context, words: str, minutes: int) -> None:
    context.followed.must_have_answered(words, minutes * 60)
