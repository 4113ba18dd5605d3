"""The speed-up of a GPU against the CPU of the same machine, by the number of rows; needs no cluster.

Spark's processes run on this machine: without a GPU, or without Spark with RAPIDS in /opt/spark, nothing is measured.
"""

import os
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from bench.figure import Figure
from sparkproof.core.progress import doing, say
from sparkproof.gpu.speed import Speed
from sparkproof.platform.classes import named
from sparkproof.platform.machine import Machine
from sparkproof.platform.processes import Processes
from sparkproof.spark.session import Session
from sparkproof.spark.trips import Generated
from sparkproof.suite.settings import read

_ROWS = (10**6, 10**7, 10**8)
_TABLE = "lake.bench.trips"
_QUERIES = {
    "an aggregation": "SELECT zone, count(*), sum(fare), max(tip) FROM {table} GROUP BY zone",
    "a join": "SELECT count(*), sum(a.fare + b.tip) FROM {table} a JOIN {table} b ON a.trip = b.trip",
    "time travel": "SELECT zone, count(*), sum(fare) FROM {table} VERSION AS OF {snapshot} GROUP BY zone",
}


def measure() -> Iterator[Figure]:
    """Measure CPU seconds over GPU seconds of each query and size, and the smallest size at which the GPU is faster."""
    settings = read({})
    machine = Machine(settings.spark_home)
    if not (gpu := machine.support("gpu")).enabled:
        say(f"nothing to measure: {gpu.reason}")
        return
    release = named("GPU-lakehouse").spec(machine.spark_version, settings.charts)
    cores = {"executor": {"cores": os.cpu_count(), "memory": "48g"}}
    reading, writing = os.pipe()
    with tempfile.TemporaryDirectory() as folder:
        platform = Processes(machine, Path(folder) / "processes", reading)
        with doing("starting Spark"):
            platform.start(replace(release, values={**release.values, **cores}).rendered_here())
        try:
            yield from _ratios(platform, gpu.reason)
        finally:
            platform.stop()
            os.close(writing)


def _ratios(platform: Processes, machine: str) -> Iterator[Figure]:
    session, won = platform.open_session(), dict[str, int]()
    for rows in _ROWS:
        snapshot = _filled(session, rows)
        for name, query in _QUERIES.items():
            statement = query.format(table=_TABLE, snapshot=snapshot)
            speed = Speed.measure(platform, session, statement)
            how = f"{speed.shown}; {machine}, {os.cpu_count()} cores"
            yield Figure(f"{name} of {rows:.0e} rows, CPU time over GPU time", speed.times, "", None, how)
            if speed.times > 1:
                won.setdefault(name, rows)
    for name, rows in won.items():
        yield Figure(f"{name}: the smallest of these sizes at which the GPU is faster", rows, "rows")


def _filled(session: Session, rows: int) -> str:
    """Create the table again in two commits of half of the trips; return the id of the first snapshot."""
    first, second = Generated(2026, rows).halves
    columns = "trip, zone, passengers, distance, fare, tip"
    with doing(f"making {rows:.0e} trips"):
        session.run(f"DROP TABLE IF EXISTS {_TABLE}")
        session.run(f"CREATE TABLE {_TABLE} USING iceberg AS SELECT {columns} FROM ({first.query})")
        session.run(f"INSERT INTO {_TABLE} SELECT {columns} FROM ({second.query})")
    return str(session.run(f"SELECT snapshot_id FROM {_TABLE}.snapshots ORDER BY committed_at").rows[0][0])
