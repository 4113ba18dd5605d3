"""Deliberate faults in what killed writers leave, in what catalogs keep and expire, and in what backups are kept."""

from tests.support.sabotages import Sabotage, in_a_chart

_AS_IT_WAS = "A writer that is killed in mid-commit leaves the table of the {} catalog as it was"
STAYS = "What a writer had committed before it was killed stays"
_ROLLED_BACK = "A committed mistake is undone by a rollback in the {} catalog"
_NEVER_EXISTED = "A table of the {} catalog is not rolled back to a snapshot that never existed"
_FREED = "Compaction and expired snapshots free storage and change no answer in the {} catalog"
_RECENT = "Snapshots of the last days do not expire in the {} catalog"
GIVEN_UP = "The lock of a writer who was killed is given back by the metastore"
OLDEST = "The oldest backup goes when there are more than are kept, and no other"
NONE_GOES = "No backup goes while there are no more than are kept"
NOT_BEGUN = "A backup that is not begun removes none"
MAXIMUM = "However many applications wait, there are no more workers than there may be"
KILLED, WATCHER = "sparkproof/iceberg/killed.py", "sparkproof/iceberg/mid_commit_in_store.py"
MAINTENANCE, BACKUP = "sparkproof/iceberg/maintenance.py", "docker/backup/backup.py"
_ROLL_BACK = r'return _call\(table, "rollback_to_snapshot", snapshot_id=snapshot\)'
_PRUNED = r'for old in backups\(\)\[: -int\(os\.environ\.get\("KEEP", "7"\)\)\]:'
_GONE = "are gone since then"
# A lock that nobody gives back is awaited for ten minutes.
LOCK_S = 1500

OF_KILLED_WRITERS = [
    Sabotage(
        "a commit more than was whole is expected",
        KILLED,
        r"whole = commits\[:done\]",
        "whole = commits[: done + 1]",
        _AS_IT_WAS.format("hive"),
        "gave [",
    ),
    Sabotage(
        "files that a killed writer left are not removed",
        "sparkproof/iceberg/unused.py",
        r"    maintenance\.remove_unused\(table, _LISTED\)\.must_succeed\(\)\n",
        "",
        _AS_IT_WAS.format("rest"),
        "are still in the object store",
    ),
    Sabotage(
        "the writer that is to be killed goes on",
        WATCHER,
        r"signal\.SIGKILL if",
        "signal.SIGCONT if",
        _AS_IT_WAS.format("jdbc"),
        "the restart of the connect",
    ),
    Sabotage(
        "nothing is committed before the writer is killed",
        KILLED,
        r"        table\.append\(rows\)\n        killing",
        "        killing",
        STAYS,
        "gave [(1, 'Soho', 12.5)], not",
    ),
    Sabotage(
        "nobody kills the writer that has committed",
        KILLED,
        r'killing\.write_line\("kill"\)',
        "killing.close()",
        STAYS,
        "the restart of the connect",
    ),
    Sabotage(
        "the metastore keeps the locks of those who are gone",
        "charts/spark-common/templates/_hive-metastore.tpl",
        r'"hive\.compactor\.initiator\.on" true',
        '"hive.compactor.initiator.on" false',
        GIVEN_UP,
        "that is accepted though nobody gave its lock back",
        limit_s=LOCK_S,
    ),
    Sabotage(
        "whoever is killed has given the lock back",
        "sparkproof/iceberg/hive_lock.py",
        r"os\.kill\(os\.getpid\(\), signal\.SIGKILL\)",
        "break",
        GIVEN_UP,
        "was accepted at once, so nobody held the lock",
    ),
]

OF_EVERY_CATALOG = [
    Sabotage(
        "a table is rolled back to its last snapshot",
        "steps/iceberg_steps.py",
        r"(rolls_the_table_back_to_its_first_snapshot\(context: Context\) -> None:\n.*snapshots\[)0",
        r"\g<1>-1",
        _ROLLED_BACK.format("jdbc"),
        "(3, 'Soho', 30.0)], not",
    ),
    Sabotage(
        "a rollback writes the earlier rows anew",
        MAINTENANCE,
        _ROLL_BACK,
        'earlier = f"SELECT * FROM {table.name} VERSION AS OF {snapshot}"\n'
        '    return table.session.sql(f"INSERT OVERWRITE {table.name} {earlier}")',
        _ROLLED_BACK.format("rest"),
        "had 2 snapshots; now it has",
    ),
    Sabotage(
        "a rollback to what never existed does nothing",
        MAINTENANCE,
        _ROLL_BACK,
        'return table.session.sql("SELECT 1")',
        _NEVER_EXISTED.format("hive"),
        "was not refused",
    ),
    Sabotage(
        "a table is rolled back to a snapshot that it has",
        "steps/iceberg_steps.py",
        r"maintenance\.roll_back\(context\.trips, snapshot\)",
        "maintenance.roll_back(context.trips, context.trips.snapshots[0].id)",
        _NEVER_EXISTED.format("jdbc"),
        "was not refused",
    ),
    Sabotage(
        "compaction leaves all files as they are",
        MAINTENANCE,
        r'return _call\(table, "rewrite_data_files"\)',
        'return table.session.sql("SELECT 1")',
        _FREED.format("rest"),
        "files; expected fewer than 12",
    ),
    Sabotage(
        "the snapshot from before the compaction does not expire",
        MAINTENANCE,
        r"older_than=Timestamp\(table\.snapshots\[-1\]\.committed_at\)",
        r"\g<0>, retain_last=2",
        _FREED.format("hive"),
        "before it took",
    ),
    Sabotage(
        "every snapshot but the latest expires",
        MAINTENANCE,
        r'return _call\(table, "expire_snapshots"\)',
        "return expire_all_but_latest(table)",
        _RECENT.format("jdbc"),
        "expected 2",
    ),
    in_a_chart(
        "tables of the object store keep their snapshots for no time",
        "iceberg",
        r"(client\.region: .*\n)",
        r'\1table-default.history.expire.max-snapshot-age-ms: "1"\n',
        _RECENT.format("rest"),
        "expected 2",
    ),
]

OF_KEPT_BACKUPS = [
    Sabotage(
        "the oldest backup is never removed", BACKUP, _PRUNED, "for old in backups()[:0]:", OLDEST, f"none {_GONE}"
    ),
    Sabotage("the second oldest backup goes", BACKUP, _PRUNED, "for old in backups()[1:-2]:", OLDEST, _GONE),
    Sabotage(
        "a backup less is kept than the schedule says",
        BACKUP,
        _PRUNED,
        "for old in backups()[:1] if len(backups()) > 2 else ():",
        NONE_GOES,
        _GONE,
    ),
    Sabotage(
        "there are as many backups as are kept, and not fewer",
        "sparkproof/operations/retention.py",
        r"wanted = backups\.keep - fewer",
        "wanted = backups.keep",
        NONE_GOES,
        _GONE,
    ),
    Sabotage(
        "the oldest backup goes before another is begun",
        BACKUP,
        r"    with alone\(\):\n        for rest",
        "    if len(backups()) > 2:\n        shutil.rmtree(backups()[0])\n    with alone():\n        for rest",
        NOT_BEGUN,
        _GONE,
    ),
    Sabotage(
        "nobody else is at work, so that a backup is begun",
        "sparkproof/operations/harm.py",
        r"fcntl\.flock\(lock, fcntl\.LOCK_EX\)",
        "lock.flush()",
        NOT_BEGUN,
        "had to refuse to make a backup because of 'this one was not begun'",
    ),
]

OF_THE_MAXIMUM = [
    in_a_chart(
        "there may be a worker more than the values say",
        "worker",
        r"maxReplicaCount: .*\n",
        "maxReplicaCount: 3\n",
        MAXIMUM,
        "want no more than the 3 workers",
    ),
    in_a_chart(
        "applications that wait bring one worker only",
        "worker",
        r"workers \+ waiting",
        "1",
        MAXIMUM,
        "There were 1 workers at once, and not 2",
    ),
]

OF_WRITERS = [*OF_KILLED_WRITERS, *OF_EVERY_CATALOG, *OF_KEPT_BACKUPS, *OF_THE_MAXIMUM]
