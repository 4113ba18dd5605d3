"""Governance: tables with an owner, classes and a retention, what is erased, and who changed what."""

from behave import given, register_type, then, when

from sparkproof.governance import erasure
from sparkproof.governance.customers import Customers
from sparkproof.governance.erasure import Remains
from sparkproof.governance.scan import CatalogScan
from sparkproof.governance.trail import Trail
from sparkproof.iceberg.store import ObjectStore
from sparkproof.spark.history_server import HistoryServer
from sparkproof.spark.session import Session
from sparkproof.suite.context import Context
from sparkproof.suite.parameters import TYPES
from sparkproof.suite.phrases import table

register_type(**TYPES)


@given('a governed table of customers in the "{kind:Catalog}" catalog')
def a_governed_table_of_customers_in_the_catalog(context: Context, kind: str) -> None:
    context.customers = Customers.create(context.session, context.platform.catalogs.unused_table("customers", kind))
    context.trips = context.customers.table
    context.add_cleanup(context.trips.drop)


@given('a table in another database of the "{kind:Catalog}" catalog that has no retention')
def a_table_in_another_database_of_the_catalog_that_has_no_retention(context: Context, kind: str) -> None:
    context.ungoverned = Customers.create(context.session, context.platform.catalogs.unused_table("customers", kind))
    context.add_cleanup(context.ungoverned.table.drop)
    context.ungoverned.table.alter("UNSET TBLPROPERTIES ('governance.retention')").must_succeed()


@given("a customer who wants to be forgotten")
def a_customer_who_wants_to_be_forgotten(context: Context) -> None:
    context.customers.add()


@given("a customer of {days:d} days ago")
def a_customer_of_days_ago(context: Context, days: int) -> None:
    context.customers.add(days)


@given("that customer is in a branch, in a tagged snapshot and in a file of a failed job")
def that_customer_is_in_a_branch_in_a_tagged_snapshot_and_in_a_file_of_a_failed_job(context: Context) -> None:
    context.customers.spread(ObjectStore.of(context.platform))


@given("a data engineer has deleted that customer")
def a_data_engineer_has_deleted_that_customer(context: Context) -> None:
    context.customers.delete()


@when("a data engineer deletes that customer")
def a_data_engineer_deletes_that_customer(context: Context) -> None:
    context.customers.delete()


@when("the data steward erases that customer")
def the_data_steward_erases_that_customer(context: Context) -> None:
    erasure.erase(context.trips, context.customers.condition, ObjectStore.of(context.platform))


@when("the data steward erases that customer, but forgets {reach:Reach}")
def the_data_steward_erases_that_customer_but_forgets(context: Context, reach: str) -> None:
    erasure.erase(context.trips, context.customers.condition, ObjectStore.of(context.platform), forget=reach)


@when("the data steward erases what is over its retention")
def the_data_steward_erases_what_is_over_its_retention(context: Context) -> None:
    erasure.erase(context.trips, erasure.expired(context.trips), ObjectStore.of(context.platform))


@then("the table and its branches have all the other customers, and nobody else")
def the_table_and_its_branches_have_all_the_other_customers_and_nobody_else(context: Context) -> None:
    context.customers.must_be_the_others()


@then("that customer is in no file of the table's folder in the object store")
def that_customer_is_in_no_file_of_the_tables_folder_in_the_object_store(context: Context) -> None:
    Remains.of(context.trips, ObjectStore.of(context.platform), context.customers.forgotten).must_be_none()


@then("that customer is still in a file of the table's folder in the object store")
def that_customer_is_still_in_a_file_of_the_tables_folder_in_the_object_store(context: Context) -> None:
    Remains.of(context.trips, ObjectStore.of(context.platform), context.customers.forgotten).must_be_some()


@when("the data steward scans the table's database")
def the_data_steward_scans_the_tables_database(context: Context) -> None:
    context.catalog_scan = CatalogScan.of(context.platform, f"{context.trips.catalog}.{context.trips.database}")


@when("the data steward scans the whole catalog")
def the_data_steward_scans_the_whole_catalog(context: Context) -> None:
    context.catalog_scan = CatalogScan.of(context.platform, context.trips.catalog)


@then("the scan finds nothing")
def the_scan_finds_nothing(context: Context) -> None:
    context.catalog_scan.must_be_clean()


@then("the scan finds just this of the table")
@table("finding")
def the_scan_finds_just_this_of_the_table(context: Context) -> None:
    context.catalog_scan.must_be_just(context.trips, [row["finding"] for row in context.table])


@then('the scan finds "{finding}" of the table')
def the_scan_finds_of_the_table(context: Context, finding: str) -> None:
    context.catalog_scan.must_name(context.trips, finding)


@then('the scan finds "{finding}" of the table in the other database')
def the_scan_finds_of_the_table_in_the_other_database(context: Context, finding: str) -> None:
    context.catalog_scan.must_name(context.ungoverned.table, finding)


@given('the data engineer "{user}" has added a customer to the table')
def the_data_engineer_has_added_a_customer_to_the_table(context: Context, user: str) -> None:
    context.customers.used_by(Session.open(context.session.client, user)).add()


@given('the data engineer "{user}" has deleted that customer')
def the_data_engineer_has_deleted_that_customer(context: Context, user: str) -> None:
    context.customers.used_by(Session.open(context.session.client, user)).delete()


@given('the data engineer "{reader}" was reading the table while "{writer}" added a customer to it')
def the_data_engineer_was_reading_the_table_while_added_a_customer_to_it(
    context: Context, reader: str, writer: str
) -> None:
    reads = context.customers.used_by(Session.open(context.session.client, reader))
    writes = context.customers.used_by(Session.open(context.session.client, writer))
    reads.read_during(writes.add, context.platform.history)


@when("an auditor asks who changed the table")
def an_auditor_asks_who_changed_the_table(context: Context) -> None:
    context.trail = Trail.of(context.trips, context.platform.history)


@when("an auditor asks the history who changed the table")
def an_auditor_asks_the_history_who_changed_the_table(context: Context) -> None:
    context.trips.session = context.platform.open_session()
    record = HistoryServer.of(context.platform).record_of(context.ended)
    context.trail = Trail.of(context.trips, record)


@then("the last changes of the table are")
@table("user", "change")
def the_last_changes_of_the_table_are(context: Context) -> None:
    context.trail.must_be(list(context.table))
