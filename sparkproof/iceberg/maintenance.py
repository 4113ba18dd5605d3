"""The maintenance of an Iceberg table: its write modes, named snapshots, rollback, compaction and expiry.

Each call returns Spark's answer; a refusal is an answer.
"""

from collections.abc import Iterable

from sparkproof.core import evidence
from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level
from sparkproof.iceberg.table import Map, Snapshot, Table, Timestamp, literal, own_commits
from sparkproof.spark.session import Answer


def keep(table: Table, changes: str, mode: str) -> Answer:
    """Set the write mode of "updates", "deletes" or "merges" to "copy-on-write" or "merge-on-read"."""
    return table.alter(f"SET TBLPROPERTIES ('write.{changes.removesuffix('s')}.mode' = '{mode}')")


def name_snapshot(table: Table, kind: str, name: str, snapshot: Snapshot) -> Answer:
    """Create a "tag" or a "branch" at a snapshot; needs Iceberg's SQL extensions."""
    return table.alter(f"CREATE {kind.upper()} `{name}` AS OF VERSION {snapshot.id}")


def publish(table: Table, branch: str) -> Answer:
    """Fast-forward the table's main branch to this branch."""
    return _call(table, "fast_forward", branch="main", to=branch)


def roll_back(table: Table, snapshot: int) -> Answer:
    """Make an earlier snapshot the current state of the table again."""
    return _call(table, "rollback_to_snapshot", snapshot_id=snapshot)


def compact(table: Table) -> Answer:
    """Rewrite many small files as a few large ones."""
    return _call(table, "rewrite_data_files")


def rewrite_deleted(table: Table) -> Answer:
    """Rewrite the data files of which rows were deleted, however few."""
    return _call(table, "rewrite_data_files", options=Map({"delete-file-threshold": "1", "min-input-files": "1000000"}))


def rewrite_manifests(table: Table) -> Answer:
    """Rewrite the manifests of the current snapshot, so that they name only the data files that it has."""
    return _call(table, "rewrite_manifests", use_caching=False)


def remove_unused(table: Table, view: str) -> Answer:
    """Remove the files that no snapshot has, of those that a view lists with their age (file_path, last_modified)."""
    return _call(table, "remove_orphan_files", file_list_view=view)


def expire(table: Table) -> Answer:
    """Remove the snapshots that are older than the table's retention, and the files that only they need."""
    return _call(table, "expire_snapshots")


def expire_all_but_latest(table: Table) -> Answer:
    """Remove every snapshot but the latest, and the files that only they need."""
    return _call(table, "expire_snapshots", older_than=Timestamp(table.snapshots[-1].committed_at))


def register(table: Table, metadata_file: str) -> Answer:
    """Put the table into its catalog by one of its metadata files, given as a URL."""
    return _call(table, "register_table", metadata_file=metadata_file)


def _call(table: Table, procedure: str, **arguments: object) -> Answer:
    given = {"table": f"{table.database}.{table.name.split('.')[2]}", **arguments}
    listed = ", ".join(f"{name} => {literal(value)}" for name, value in given.items())
    return table.session.sql(f"CALL {table.catalog}.system.{procedure}({listed})")


def must_refuse(table: Table, changes: Iterable[tuple[str, str]]) -> None:
    """Check that each of these changes is refused; each is (change, part of Spark's message)."""
    named = list(changes)
    if not named:
        raise CheckFailed(f"No change of {table.name} is named, so nothing was to be refused.")
    for change, reason in named:
        table.alter(change).must_be_refused(reason)


def must_have_snapshots(table: Table, count: int) -> None:
    """Check the number of the table's snapshots."""
    found = table.snapshots
    if len(found) != count:
        raise CheckFailed(f"{table.name} has the snapshots {[s.operation for s in found]}; expected {count}.")
    evidence.prove(Level.EXECUTED, f"{table.name} has {count} snapshots", snapshots=list(map(vars, found)))


def must_keep_files(table: Table) -> None:
    """Check that no data file was written but by the commits made with the table's class, and that none was removed."""
    found = own_commits(table)
    if removing := [each.operation for each in found if int(each.summary.get("deleted-data-files", 0))]:
        raise CheckFailed(f"Data files of {table.name} were removed by {', '.join(removing)}.")
    evidence.prove(Level.EXECUTED, f"{table.name} has the data files of its {len(found)} commits, none rewritten")
