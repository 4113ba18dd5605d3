#!/usr/bin/python3 -I
"""Runs a Connect server once while the image is built, and leaves an archive of the classes that it loaded.

Writes what goes over the image of Spark into the folder given: the jars that lie beside Spark's own, the archive, and
the class path that it is for. Each start of a program of Spark then maps the archive instead of parsing the classes.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

SPARK = Path(os.environ["SPARK_HOME"])
JAVA = "/usr/lib/jvm/java/bin/java"
PORT = 15002
PATIENCE_S = 900
SETTINGS = {
    "spark.master": "local[1]",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.connect.grpc.binding.address": "127.0.0.1",
    "spark.connect.grpc.binding.port": str(PORT),
    "spark.eventLog.enabled": "true",
    "spark.eventLog.dir": "/tmp",
    "spark.sql.extensions": "org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions",
    "spark.sql.catalog.lake": "org.apache.iceberg.spark.SparkCatalog",
    "spark.sql.catalog.lake.type": "hadoop",
    "spark.sql.catalog.lake.warehouse": "/tmp/warehouse",
    "spark.sql.warehouse.dir": "/tmp/spark-warehouse",
}
STATEMENTS = (
    "CREATE TABLE lake.db.t (id BIGINT, day STRING) USING iceberg PARTITIONED BY (day)",
    "INSERT INTO lake.db.t SELECT id, cast(id % 3 AS STRING) FROM range(1000)",
    "SELECT day, count(*), sum(id) FROM lake.db.t WHERE id > 10 GROUP BY day ORDER BY day",
    "SELECT count(*) FROM lake.db.t JOIN range(10) USING (id)",
    "SELECT * FROM lake.db.t.snapshots",
    "DELETE FROM lake.db.t WHERE id = 1",
    "CREATE TABLE plain USING parquet AS SELECT * FROM range(1000)",
    "SELECT max(id) FROM plain",
)


def main(target: Path, added: Path) -> None:
    """Leave jars, archive and class path under `target`; `added` holds the jars that are not Spark's own."""
    shared = target / "opt/sparkproof/shared"
    shared.mkdir(parents=True)
    jars = sorted(SPARK.glob("jars/*.jar"), key=lambda jar: (not jar.name.startswith("slf4j-api"), jar.name))
    class_path = ":".join(map(str, jars))
    (shared / "classpath").write_text(class_path)
    archive = shared / "classes.jsa"
    server = subprocess.Popen([JAVA, f"-XX:ArchiveClassesAtExit={archive}", *options(), "-cp", class_path, *program()])
    try:
        work()
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(PATIENCE_S)
    if not archive.exists():
        sys.exit("Java left no archive.")
    for jar in added.iterdir():
        folder = target / SPARK.relative_to("/") / "jars"
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy2(SPARK / "jars" / jar.name, folder)


def program() -> list[str]:
    settings = [word for setting, value in SETTINGS.items() for word in ("--conf", f"{setting}={value}")]
    server = ["--class", "org.apache.spark.sql.connect.service.SparkConnectServer"]
    return ["org.apache.spark.deploy.SparkSubmit", *settings, *server, "spark-internal"]


def options() -> list[str]:
    """The options by which Spark opens Java's modules to itself, which decide what an archive may hold."""
    launcher = [JAVA, "-cp", f"{SPARK}/jars/*", "org.apache.spark.launcher.Main", "org.apache.spark.deploy.SparkSubmit"]
    scala = next(SPARK.glob("jars/scala-library-*.jar")).name.removeprefix("scala-library-").rpartition(".")[0]
    known = {**os.environ, "SPARK_SCALA_VERSION": scala.rpartition(".")[0]}
    told = subprocess.run([*launcher, *program()[1:]], env=known, capture_output=True, text=True, check=True).stdout
    return [word for word in told.split("\0") if word.startswith(("-XX:", "--add-", "-Djdk.", "-Dio.netty."))]


def work() -> None:
    """Have the server answer what makes it load what most sessions need."""
    from pyspark.sql import SparkSession

    until = time.monotonic() + PATIENCE_S
    while not listens():
        if time.monotonic() > until:
            sys.exit(f"The server does not listen after {PATIENCE_S} s.")
        time.sleep(1)
    session = SparkSession.builder.remote(f"sc://127.0.0.1:{PORT}").getOrCreate()
    for statement in STATEMENTS:
        session.sql(statement).collect()
    session.range(10).toPandas()
    session.stop()


def listens() -> bool:
    try:
        socket.create_connection(("127.0.0.1", PORT)).close()
    except OSError:
        return False
    return True


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
