"""Files in a table's folder of the object store that no snapshot has, as killed writers and failed jobs leave them."""

from collections.abc import Sequence

from sparkproof.iceberg import maintenance
from sparkproof.iceberg.store import ObjectStore, folder_of, url
from sparkproof.iceberg.table import Table

_LISTED = "listed_files"


def data_files(table: Table, store: ObjectStore) -> Sequence[str]:
    """Return the paths of the data files below the table's folder that none of its snapshots has."""
    known = {path for (path,) in table.session.run(f"SELECT file_path FROM {table.name}.all_files").rows}
    return [path for path in store.files(f"{folder_of(table)}/data") if url(path) not in known]


def remove(table: Table, store: ObjectStore) -> None:
    """Remove the files that no snapshot has, those of this minute too. Raises SqlRefused.

    Iceberg refuses to remove files of less than a day, since they could be somebody's who still writes; so it is given
    a list in which all are old.
    """
    files = ", ".join(f"('{url(path)}', TIMESTAMP '2000-01-01')" for path in store.files(folder_of(table)))
    table.session.run(
        f"CREATE OR REPLACE TEMPORARY VIEW {_LISTED} AS SELECT * FROM VALUES {files} AS f(file_path, last_modified)"
    )
    maintenance.remove_unused(table, _LISTED).must_succeed()
