"""Deliberate faults in how a Hive Metastore's locks are taken and held, and the criterion that must fail for each."""

from tests.support.sabotages import Sabotage

LOCKED = "A writer waits while somebody else holds the lock, and commits when it is given back"
NEVER = "A writer who never gets the lock is told so, and has changed nothing"
HOLDER = "sparkproof/iceberg/hive_lock.py"
_NO_LOCK = (
    "charts/spark-common/templates/_iceberg.tpl",
    r'(\{\{ include "spark-common\.iceberg\.files" \(dict "root" \.root "kind" "hive"\) \}\}\n)',
    r'hadoop.iceberg.engine.hive.lock-enabled: "false"\n\1',
)

OF_LOCKS = [
    Sabotage(
        "the hive catalog takes no lock to commit",
        *_NO_LOCK,
        LOCKED,
        "was accepted while somebody else held the table's lock",
    ),
    Sabotage(
        "somebody else holds the lock of another table",
        HOLDER,
        r"field\(4, _TEXT, text\(table\)\)",
        'field(4, _TEXT, text("another"))',
        LOCKED,
        "was accepted while somebody else held the table's lock",
    ),
    Sabotage(
        "the hive catalog asks nobody for a lock",
        *_NO_LOCK,
        NEVER,
        "was not refused",
    ),
    Sabotage(
        "whoever is to hold a lock gives it back at once",
        HOLDER,
        r'        print\("held", flush=True\)\n',
        '        ask(stream, "unlock", own)\n        print("held", flush=True)\n',
        NEVER,
        "was not refused",
    ),
]
