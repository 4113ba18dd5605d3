"""Data quality: orders that keep their rules or break them, verdicts on them, and what they leave behind."""

from behave import given, register_type, then, when

from sparkproof.quality import orders
from sparkproof.quality.workbench import Workbench
from sparkproof.suite.context import Context
from sparkproof.suite.parameters import TYPES
from sparkproof.suite.phrases import table

register_type(**TYPES)


@given("a table of {count:d} orders that keep their rules")
def a_table_of_orders_that_keep_their_rules(context: Context, count: int) -> None:
    context.orders = orders.create(context.session, context.platform.catalogs.unused_table("orders"), count)
    context.add_cleanup(context.orders.drop)


@given('a table of {count:d} orders, whose {column} is "{value}"')
def a_table_of_orders_whose_is(context: Context, count: int, column: str, value: str) -> None:
    name = context.platform.catalogs.unused_table("orders")
    context.orders = orders.create(context.session, name, count, {column: value})
    context.add_cleanup(context.orders.drop)


@given("these orders were added, each with another value in one column")
@table("order", "column", "value")
def these_orders_were_added_each_with_another_value_in_one_column(context: Context) -> None:
    orders.add_each(context.orders, context.table)


@given('the table of orders was altered by "{change}"')
def the_table_of_orders_was_altered_by(context: Context, change: str) -> None:
    context.orders.alter(change).must_succeed()


@given('order {number:d} was added, with the {column} "{value}"')
def order_was_added_with_the(context: Context, number: int, column: str, value: str) -> None:
    orders.add(context.orders, number, column, value)


@when('a data engineer judges the table by the rules "{suite:Suite}"')
def a_data_engineer_judges_the_table_by_the_rules(context: Context, suite: str) -> None:
    context.verdict = Workbench.of(context.platform).judge(context.orders.name, suite)


@when('a data engineer judges the table by the rules "{suite:Suite}" as of its first snapshot')
def a_data_engineer_judges_the_table_by_the_rules_as_of_its_first_snapshot(context: Context, suite: str) -> None:
    first = context.orders.snapshots[0].id
    context.verdict = Workbench.of(context.platform).judge(context.orders.name, suite, snapshot=first)


@when('a data engineer judges the table by the rules "{suite:Suite}", and has Spark persist it')
def a_data_engineer_judges_the_table_by_the_rules_and_has_spark_persist_it(context: Context, suite: str) -> None:
    context.verdict = Workbench.of(context.platform).judge(context.orders.name, suite, persist=True)


@when('a data engineer judges the table by the rules "{suite:Suite}", and opens the page of the verdict')
def a_data_engineer_judges_the_table_by_the_rules_and_opens_the_page_of_the_verdict(
    context: Context, suite: str
) -> None:
    workbench = Workbench.of(context.platform)
    context.verdict = workbench.judge(context.orders.name, suite, pages=True)
    context.verdict_page = workbench.page(context.verdict)


@when('somebody without the token asks for the page of the verdict by the rules "{suite:Suite}"')
def somebody_without_the_token_asks_for_the_page_of_the_verdict_by_the_rules(context: Context, suite: str) -> None:
    workbench = Workbench.of(context.platform)
    context.verdict = workbench.judge(context.orders.name, suite, pages=True)
    context.verdict_page = workbench.page(context.verdict, token="")


@then("the table keeps all {count:d} rules")
def the_table_keeps_all_rules(context: Context, count: int) -> None:
    context.verdict.must_keep(count)


@then("executors of the platform judged it, in one session of its Connect server")
def executors_of_the_platform_judged_it_in_one_session_of_its_connect_server(context: Context) -> None:
    context.verdict.must_be_of(context.platform)


@then('only the rule "{rule}" on "{column}" is broken, by order {number:d} alone')
def only_the_rule_on_is_broken_by_order_alone(context: Context, rule: str, column: str, number: int) -> None:
    context.verdict.must_break(rule, column, [number])


@then("just these rules are broken, by the orders that they name")
@table("rule", "on", "orders")
def just_these_rules_are_broken_by_the_orders_that_they_name(context: Context) -> None:
    context.verdict.must_break_just(context.table)


@then('the rule on "{column}" is an error, and no data is bad')
def the_rule_on_is_an_error_and_no_data_is_bad(context: Context, column: str) -> None:
    context.verdict.must_be_an_error(column)


@then("the verdict is")
@table("rule", "on", "outcome", "rows")
def the_verdict_is(context: Context) -> None:
    context.verdict.must_be(context.table)


@then("Spark keeps nothing of the table in memory")
def spark_keeps_nothing_of_the_table_in_memory(context: Context) -> None:
    context.verdict.must_leave_nothing(context.platform)


@then("Spark still keeps the table in memory")
def spark_still_keeps_the_table_in_memory(context: Context) -> None:
    context.verdict.must_leave_the_table(context.platform)


@then("without internet the page shows what broke, with")
@table("words")
def without_internet_the_page_shows_what_broke_with(context: Context) -> None:
    context.verdict_page.must_show([row["words"] for row in context.table])


@then("JupyterLab asks for the token first")
def jupyterlab_asks_for_the_token_first(context: Context) -> None:
    context.verdict_page.must_be_refused(302, "/login?")
