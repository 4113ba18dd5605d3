#!/usr/bin/python3 -I
"""Counts the objects that have landed in a folder of a bucket, and brings their rows into an Iceberg table.

"serve" answers GET / on port 8080 with {"objects": 3, "asked": 17}: how many objects there are now, and how often
somebody with the key has asked. The key, $LANDING_KEY, comes as a bearer token; whoever lacks it gets 401. A store that
does not say how many there are is 503 and never 0.

"ingest" has the Spark of $SPARK_REMOTE read the objects that are there when it begins (JSON, a row on each line, at
most AT_ONCE objects), appends their rows to the table $TABLE in one commit, and moves the objects into the folder
$DONE. Each row says in the column `source_object` which object it is of: what a killed ingest has committed already is
only moved.

The folder is $LANDING of the bucket $BUCKET; AWS_ENDPOINT_URL_S3 and AWS's own variables name the store and the keys.
"""

import hmac
import json
import os
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

PORT = 8080
# What one ingest takes; another takes the rest.
AT_ONCE = 500
SOURCE = "source_object"
# Names that Spark reads as they are written; others, as those of uploads that have not ended, are nobody's.
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*(/[A-Za-z0-9][A-Za-z0-9_.-]*)*\.json")
SILENT = "The object store does not say what has landed"


class Unknown(Exception):
    """Why nobody can say what has landed, in a sentence."""


@dataclass(frozen=True)
class Landed:
    """An object by its path, the bucket first, and the moment at which it landed."""

    path: str
    at: datetime

    @property
    def url(self) -> str:
        """The URL by which Spark reads it."""
        return f"s3a://{self.path}"

    @property
    def source(self) -> str:
        """The text by which rows name it; an object that lands later under the same name has another."""
        return f"{self.path}@{self.at.astimezone(UTC).isoformat(timespec='milliseconds')}"


def landed(store: Any, folder: str) -> list[Landed]:
    """Return the objects in a folder ("lakehouse/landing"), the oldest first; raises Unknown."""
    from pyarrow.fs import FileSelector, FileType

    bucket = folder.partition("/")[0]
    try:
        if store.get_file_info(bucket).type != FileType.Directory:
            raise Unknown(f"{SILENT}: it has no bucket {bucket}.")
        found = store.get_file_info(FileSelector(folder, recursive=True, allow_not_found=True))
    except OSError as failed:
        raise Unknown(f"{SILENT}: {failed}") from None
    ours = (each for each in found if each.type == FileType.File and NAME.fullmatch(each.path[len(folder) + 1 :]))
    return sorted((Landed(each.path, each.mtime) for each in ours), key=lambda each: (each.at, each.path))


class Counter:
    """Answers who has the key; `count` returns the number of objects, or raises Unknown."""

    def __init__(self, count: Callable[[], int], key: str) -> None:
        self._count, self._key = count, key
        self.asked = 0

    def answer(self, path: str, authorization: str | None) -> tuple[int, Mapping[str, Any]]:
        """Return the status and the body for a path and the header Authorization of who asks."""
        if path == "/health":
            return 200, {}
        if path != "/":
            return 404, {"reason": "There is nothing but the number, at /."}
        scheme, _, key = (authorization or "").partition(" ")
        if not key:
            return 401, {"reason": "The number is for who brings the key, as a bearer token."}
        if scheme.lower() != "bearer" or not hmac.compare_digest(key.encode(), self._key.encode()):
            return 401, {"reason": "This is not the key."}
        self.asked += 1
        try:
            return 200, {"objects": self._count(), "asked": self.asked}
        except Unknown as reason:
            return 503, {"reason": str(reason)}


def server(counter: Counter, port: int) -> ThreadingHTTPServer:
    """Return an HTTP server that answers as the counter does."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 60

        def do_GET(self) -> None:
            status, body = counter.answer(self.path, self.headers.get("Authorization"))
            content = json.dumps(body).encode()
            self.send_response(status)
            if status == 401:
                self.send_header("WWW-Authenticate", "Bearer")
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Keep quiet: KEDA asks every few seconds."""

    return ThreadingHTTPServer(("", port), Handler)


def ingest(store: Any, folder: str, done: str, load: Callable[[Sequence[Landed]], int]) -> str:
    """Load the rows of what is in the folder now, move it to the folder `done`, and return a sentence.

    `load` commits the rows of those objects that are not in the table yet, all at once, and returns their number.
    """
    objects = landed(store, folder)[:AT_ONCE]
    if not objects:
        return "Nothing has landed."
    new = load(objects)
    stay = [each.path for each in objects if not move(store, each, done + each.path[len(folder) :])]
    besides = f" {stay[0]} was replaced meanwhile, so it stays." if stay else ""
    return f"The rows of {new} objects were loaded, of {len(objects) - new} they were there.{besides}"


def move(store: Any, found: Landed, to: str) -> bool:
    """Move an object; one that was replaced since it was read stays, and False is returned."""
    from pyarrow.fs import FileType

    now = store.get_file_info(found.path)
    if now.type == FileType.NotFound:
        return True
    # A store tells parts of a second in its lists only.
    if int(now.mtime.timestamp()) != int(found.at.timestamp()):
        return False
    store.move(found.path, to)
    return True


def load(spark: Any, table: str, objects: Sequence[Landed]) -> int:
    """Append the rows of those objects that are not in the table, in one commit; return how many objects these are."""
    from pyspark.sql import functions as f
    from pyspark.sql.types import StructType

    target = spark.table(table)
    if SOURCE not in target.columns:
        sys.exit(f"{table} cannot say which rows were loaded: add a column {SOURCE} STRING to it.")
    known = target.where(f.col(SOURCE).isin([each.source for each in objects])).select(SOURCE).distinct().collect()
    new = [each for each in objects if each.source not in {row[0] for row in known}]
    if not new:
        return 0
    columns = StructType([field for field in target.schema if field.name != SOURCE])
    sources = f.from_json(f.lit(json.dumps({each.url: each.source for each in new})), "map<string,string>")
    named = f.element_at(sources, f.col("_metadata.file_path"))
    unknown = f.raise_error(f.concat(f.lit("No object that has landed is called "), f.col("_metadata.file_path")))
    rows = spark.read.schema(columns).option("mode", "FAILFAST").json([each.url for each in new])
    rows.select("*", f.coalesce(named, unknown.cast("string")).alias(SOURCE)).writeTo(table).append()
    return len(new)


def store_of_environment() -> Any:
    """Return the object store that the environment names; it gives up sooner than whoever asks for the number."""
    from pyarrow.fs import AwsStandardS3RetryStrategy, S3FileSystem

    return S3FileSystem(
        endpoint_override=os.environ.get("AWS_ENDPOINT_URL_S3"),
        connect_timeout=1,
        request_timeout=10,
        retry_strategy=AwsStandardS3RetryStrategy(max_attempts=2),
    )


def main(verb: str = "") -> None:
    """Do what the verb says; leaves with a sentence when it cannot be done."""
    if verb not in ("serve", "ingest"):
        sys.exit("Say what to do: serve or ingest.")
    folder = f"{os.environ['BUCKET']}/{os.environ['LANDING']}"
    store = store_of_environment()
    if verb == "serve":
        counter = Counter(lambda: len(landed(store, folder)), os.environ["LANDING_KEY"])
        return server(counter, PORT).serve_forever()
    from pyspark.errors import PySparkException
    from pyspark.sql import SparkSession

    spark = SparkSession.builder.getOrCreate()
    table, done = os.environ["TABLE"], f"{os.environ['BUCKET']}/{os.environ['DONE']}"
    try:
        return print(ingest(store, folder, done, lambda objects: load(spark, table, objects)))
    except Unknown as reason:
        sys.exit(str(reason))
    except PySparkException as refused:
        # What follows are the calls of the server's Java.
        sys.exit(f"Spark did not load the rows: {str(refused).partition('JVM stacktrace')[0].strip()}")


if __name__ == "__main__":
    main(*sys.argv[1:])
