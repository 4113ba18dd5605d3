#!/usr/bin/python3 -I
"""Makes, checks and restores backups of a platform's databases and of its bucket, on the volume at $BACKUPS.

"make" takes one, "check [NAME]" reads one whole, "list" names all, the oldest first. "restore [NAME [PART]]" brings one
back, or its "databases" or its "objects" only. Without a NAME, or with "newest", the newest is meant. A backup is a
folder named after the moment at which it began. It has a dump of each database, each object of the bucket as a file,
and a manifest with the SHA-256 of all. A file that is as in the backup before is one file with two names, so that it
needs no space again. The databases are dumped before the bucket is read: a catalog refers to objects that were there
before it did.

Each file in $DATABASES is named after a database and its user, its content is the password; libpq's variables name the
server. AWS_ENDPOINT_URL_S3 and AWS's own variables name the store, $BUCKET the bucket; without it there are databases
only. $KEEP backups are kept, and one is too old after $MAX_AGE_HOURS.
"""

import errno
import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

BACKUPS = Path(os.environ.get("BACKUPS", "/backups"))
DATABASES = Path(os.environ.get("DATABASES", "/etc/sparkproof/databases"))
BUCKET = os.environ.get("BUCKET", "")
MANIFEST = "manifest.json"
PARTIAL = ".partial"
NEWEST = "newest"
NAME = "%Y-%m-%dT%H%M%S.%fZ"
AT_ONCE = 8
# The status of a backup that was not begun, so that nobody tries it again at once.
BUSY = 75
# What programs move or remove while they work: it is no part of a table.
PASSING = re.compile(r"(\.inprogress|/_temporary/.*|/__magic.*)$")
Files = dict[str, dict[str, Any]]


class Unusable(Exception):
    """A reason, in a sentence, why a backup cannot be made or used."""


def main(verb: str, name: str = NEWEST, part: str = "all") -> None:
    """Do what the verb says; leaves with a sentence when it cannot be done."""
    verbs: dict[str, Callable[[], None]] = {
        "make": make,
        "check": lambda: print(check(name, late=name == NEWEST)),
        "restore": lambda: restore(name, part),
        "list": lambda: print("\n".join(path.name for path in backups())),
    }
    if verb not in verbs:
        sys.exit(f"Say what to do: {', '.join(verbs)}.")
    try:
        verbs[verb]()
    except Unusable as reason:
        sys.exit(str(reason))
    except OSError as refused:
        if refused.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        sys.exit("The volume of the backups is full: make it larger, or keep fewer backups.")


def make() -> None:
    """Take a backup, then remove the oldest ones beyond $KEEP; one that cannot be finished leaves nothing."""
    with alone():
        for rest in BACKUPS.glob(f"*{PARTIAL}"):
            shutil.rmtree(rest)
        began = datetime.now(UTC)
        name = began.strftime(NAME)
        partial = BACKUPS / f"{name}{PARTIAL}"
        partial.mkdir()
        try:
            dumps = {f"databases/{each.name}.dump": each for each in secrets()}
            files: Files = {path: dump(database, partial / path) for path, database in dumps.items()}
            copied, kept = copy_bucket(partial) if BUCKET else ({}, {})
            wanted = references(partial, [*dumps])
            if missing := sorted(wanted - {*copied, *kept}):
                raise Unusable(f"A catalog refers to {missing[0]}, which the bucket does not have.")
            write(partial / MANIFEST, json.dumps({"files": {**files, **copied, **kept}}, indent=1).encode())
            partial.rename(BACKUPS / name)
        except BaseException:
            shutil.rmtree(partial, ignore_errors=True)
            raise
        for old in backups()[: -int(os.environ.get("KEEP", "7"))]:
            shutil.rmtree(old)
        took = (datetime.now(UTC) - began).total_seconds()
        print(f"{name} has {len(files)} databases, {len(copied)} new objects and {len(kept)} as before; {took:.1f} s.")


@contextmanager
def alone() -> Iterator[None]:
    """Keep others from the volume; leaves with BUSY where somebody is at work."""
    with (BACKUPS / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Another backup or restore is at work, so this one was not begun.", file=sys.stderr)
            sys.exit(BUSY)
        yield


def secrets() -> list[Path]:
    """The files that name a database and have its password."""
    return sorted(path for path in DATABASES.iterdir() if path.is_file())


def backups() -> list[Path]:
    """The whole backups, the oldest first."""
    return sorted(path.parent for path in BACKUPS.glob(f"*/{MANIFEST}") if path.parent.suffix != PARTIAL)


def dump(database: Path, target: Path) -> dict[str, Any]:
    """Dump a database as it is at this moment, and read the dump's list of contents again."""
    target.parent.mkdir(exist_ok=True)
    # A Hive Metastore's lock that a commit holds at this moment would keep all others from the table after a restore.
    options = ("--format=custom", "--exclude-table-data=hive_locks", f"--file={target}")
    run(database, "pg_dump", *options, database.name)
    run(database, "pg_restore", "--list", str(target))
    return seen(target)


def references(backup: Path, dumps: list[str]) -> set[str]:
    """The paths of the metadata files that the dumped catalogs name as those of tables now."""
    found = set()
    location = re.compile(rf"s3[an]?://{re.escape(BUCKET)}/(\S+\.metadata\.json)")
    for path in dumps if BUCKET else ():
        text = run(None, "pg_restore", "--data-only", "--file=-", str(backup / path))
        lines = (line for line in text.splitlines() if "\tprevious_metadata_location\t" not in line)
        found |= {f"objects/{place[1]}" for line in lines if (place := location.search(line))}
    return found


def copy_bucket(backup: Path) -> tuple[Files, Files]:
    """Copy each object of the bucket, and link what the newest backup has already; return both by path."""
    newest = backups()[-1:]
    before = manifest(newest[0]) if newest else {}

    def copy(entry: dict[str, Any]) -> tuple[str, dict[str, Any] | None, bool]:
        path, tag = f"objects/{entry['Key']}", entry["ETag"]
        known, target = before.get(path, {}), backup / path
        target.parent.mkdir(parents=True, exist_ok=True)
        if known.get("tag") == tag and (old := newest[0] / path).is_file():
            if seen(old)["sha256"] == known["sha256"]:
                os.link(old, target)
                return path, known, False
            print(f"{path} of {newest[0].name} is damaged, so it was copied again.", file=sys.stderr)
        try:
            bucket.download_file(BUCKET, entry["Key"], str(target))
        except gone as lost:
            if lost.response["Error"]["Code"] not in ("404", "NoSuchKey"):
                raise
            if not PASSING.search(path):
                raise Unusable(f"{path} was removed meanwhile: expire and compact at other times.") from None
            return path, None, True
        return path, {**seen(target), "tag": tag}, True

    bucket, gone = store()
    copied: Files = {}
    kept: Files = {}
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for path, file, new in pool.map(copy, listed(bucket, BUCKET)):
            if file:
                (copied if new else kept)[path] = file
    return copied, kept


def check(name: str = NEWEST, *, late: bool = False) -> str:
    """Read a backup whole and return a sentence about it; raises Unusable for one that could not be restored."""
    backup = chosen(name)
    age_h = (datetime.now(UTC) - datetime.strptime(backup.name, NAME).replace(tzinfo=UTC)).total_seconds() / 3600
    limit = float(os.environ.get("MAX_AGE_HOURS", "24"))
    if late and age_h > limit:
        raise Unusable(f"The newest backup, {backup.name}, is {age_h:.1f} hours old; at most {limit:g} are allowed.")
    files = manifest(backup)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for path, reason in zip(files, pool.map(lambda each: damage(backup / each, files[each]), files), strict=True):
            if reason:
                raise Unusable(f"{backup.name} cannot be restored: {path} {reason}.")
    for path in files:
        if path.startswith("databases/"):
            run(None, "pg_restore", "--list", str(backup / path))
    return f"{backup.name} can be restored: {len(files)} files are as they were written, {age_h:.1f} hours ago."


def damage(path: Path, written: dict[str, Any]) -> str | None:
    """Return what happened to a file since it was written, or None."""
    if not path.is_file():
        return "is missing"
    now = seen(path)
    if now["bytes"] != written["bytes"]:
        return f"has {now['bytes']} bytes and had {written['bytes']}"
    return None if now["sha256"] == written["sha256"] else "has other content"


def restore(name: str, part: str) -> None:
    """Bring the objects of a backup back where they are missing or differ, and then all of each database.

    Objects that the backup does not have stay.
    """
    if part not in ("all", "databases", "objects"):
        raise Unusable(f"A backup has no {part}: say all, databases or objects.")
    with alone():
        print(check(name))
        backup = chosen(name)
        files = manifest(backup)
        objects = {path: file for path, file in files.items() if path.startswith("objects/")}
        sent = put(backup, objects) if BUCKET and objects and part != "databases" else 0
        databases = [path for path in files if path.startswith("databases/") and part != "objects"]
        for path in databases:
            database = DATABASES / Path(path).stem
            if not database.is_file():
                raise Unusable(f"There is no password of the database {database.name}, so it cannot be restored.")
            options = ("--clean", "--if-exists", "--no-owner", "--single-transaction", "--exit-on-error")
            run(database, "pg_restore", *options, f"--dbname={database.name}", str(backup / path))
        print(f"{backup.name} is restored: {len(databases)} databases, and {sent} of {len(objects)} objects.")


def put(backup: Path, objects: Files) -> int:
    """Send the objects that the bucket lacks or has otherwise, and return how many these are."""
    bucket, gone = store()
    try:
        there = {entry["Key"]: entry["ETag"] for entry in listed(bucket, BUCKET)}
    except gone as missing:
        if missing.response["Error"]["Code"] != "NoSuchBucket":
            raise
        bucket.create_bucket(Bucket=BUCKET)
        there = {}
    keys = {path: path.removeprefix("objects/") for path in objects}
    lacking = [path for path, key in keys.items() if there.get(key) != objects[path]["tag"]]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(lambda path: bucket.upload_file(str(backup / path), BUCKET, keys[path]), lacking))
    return len(lacking)


def chosen(name: str) -> Path:
    """The backup of this name, or the newest."""
    found = [path for path in backups() if name in (NEWEST, path.name)]
    if not found and name == NEWEST:
        raise Unusable("There is no backup yet.")
    if not found:
        raise Unusable(f"There is no backup {name}; `list` names those that are there.")
    return found[-1]


def manifest(backup: Path) -> Files:
    """The files of a backup by path, each with its size, its SHA-256 and an object's tag in the store."""
    try:
        files: Files = json.loads((backup / MANIFEST).read_bytes())["files"]
    except ValueError:
        raise Unusable(f"{backup.name} cannot be restored: its {MANIFEST} is damaged.") from None
    return files


def store() -> tuple[Any, Any]:
    """A client of the object store, and the error by which it refuses."""
    import boto3
    from botocore.config import Config
    from botocore.exceptions import ClientError

    config = Config(s3={"addressing_style": os.environ.get("ADDRESSING", "path")}, max_pool_connections=4 * AT_ONCE)
    return boto3.client("s3", endpoint_url=os.environ.get("AWS_ENDPOINT_URL_S3"), config=config), ClientError


def listed(client: Any, bucket: str) -> Iterator[dict[str, Any]]:
    """The objects of a bucket; those that stand for folders are none."""
    for page in client.get_paginator("list_objects_v2").paginate(Bucket=bucket):
        yield from (entry for entry in page.get("Contents", ()) if not entry["Key"].endswith("/"))


def run(database: Path | None, program: str, *arguments: str) -> str:
    """Run one of PostgreSQL's programs, as the database's user if there is one, and return what it prints."""
    user = {"PGUSER": database.name, "PGPASSWORD": database.read_text().strip()} if database else {}
    done = subprocess.run(
        [program, *arguments], env={**os.environ, **user}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        if "No space left" in done.stderr:
            raise OSError(errno.ENOSPC, program)
        about = f" {database.name}" if database else ""
        raise Unusable(f"{program}{about} failed: {(done.stderr.strip().splitlines() or ['it says nothing'])[0]}")
    return done.stdout


def seen(path: Path) -> dict[str, Any]:
    """The size and the SHA-256 of a file."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return {"bytes": path.stat().st_size, "sha256": digest}


def write(path: Path, content: bytes) -> None:
    """Write a file so that it is on the disk when its folder gets its name."""
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


if __name__ == "__main__":
    main(*sys.argv[1:] or [""])
