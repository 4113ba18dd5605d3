"""Seconds and memory of what teams run on platforms: Airflow, MLflow, and Great Expectations beside a query by hand."""

import json
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from bench import kept
from bench.figure import Figure, seconds
from sparkproof.build import programs, versions
from sparkproof.core import examples
from sparkproof.embedded import layout
from sparkproof.quality import orders

_WARM = 5
_REST_S = 60
_DEFAULT = versions.default()
_TRACKED = f"A run over Connect on a tracking platform is tracked with its session's settings on Spark {_DEFAULT}"
# The title of a criterion that installs the platform, the component, and what is promised: seconds to the first run,
# MiB at rest, seconds of a warm scenario.
_OF = {
    "Airflow": ("A run writes a table that a data engineer finds", "airflow", 120.0, 0.9 * 1024, 25.0),
    "MLflow": (_TRACKED, "mlflow", 60.0, 450.0, 15.0),
}
_SPARKS = ("spark", "pods", "events")
_TAGS = "(@airflow or @mlflow or @quality or @jupyter)"
_ROWS = 1_000_000
# Runs in the workbench: judges a table of orders by rules, and asks for the same by one query; prints seconds of each.
_JUDGE = """
import json, sys, time, warnings
from contextlib import redirect_stdout
from pyspark.sql import SparkSession
import quality

suite, rows = json.loads(sys.argv[1]), int(sys.argv[2])
spark = SparkSession.builder.getOrCreate()
spark.sql("CREATE NAMESPACE IF NOT EXISTS lake.bench")
spark.sql("CREATE OR REPLACE TABLE lake.bench.orders USING iceberg AS " + sys.argv[3])

def by_hand():
    found = spark.sql('''SELECT count(*), count_if(id IS NULL), count(id) - count(DISTINCT id),
        count_if(customer IS NULL), count_if(NOT email RLIKE '^[^@ ]+@[^@ ]+[.][a-z]+$'),
        count_if(status NOT IN ('open', 'paid', 'sent')), count_if(amount NOT BETWEEN 0 AND 10000), avg(amount),
        count(*) - count(DISTINCT customer, ordered_at), count_if(shipped_at < ordered_at)
        FROM lake.bench.orders''').collect()[0]
    assert found[0] == rows and not any(found[number] for number in (1, 2, 3, 4, 5, 6, 8, 9)), found

def by_rules():
    with redirect_stdout(sys.stderr), warnings.catch_warnings(action="ignore"):
        quality.must_keep(spark.table("lake.bench.orders"), suite, ["id"])

def timed(act):
    began = time.perf_counter()
    act()
    return time.perf_counter() - began

by_hand(), by_rules()
print(json.dumps([[timed(by_hand), timed(by_rules)] for _ in range(3)]))
spark.sql("DROP TABLE lake.bench.orders PURGE")
spark.stop()
"""


def measure() -> Iterator[Figure]:
    """Measure on platforms of one version of Spark, with images at hand, and remove the platforms afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        reports = Path(folder)
        try:
            for name, (title, component, first_s, rest_mib, warm_s) in _OF.items():
                kept.sweep()
                first = kept.ledger(reports, "--name", title)[0]
                yield Figure(f"{name}, from installing to the first run's check", first["duration_s"], "s", first_s)
                time.sleep(_REST_S)
                yield Figure(f"{name} at rest", _memory_mib(component), "MiB", rest_mib, f"{_REST_S} s after its work")
                yield from _warm(name, [kept.ledger(reports, "--name", title)[0] for _ in range(_WARM)], warm_s)
            kept.sweep()
            kept.ledger(reports, "--name", "A table that keeps its rules passes")
            yield from _rules()
            kept.sweep()
            selected = f"{_TAGS} and not @requires.gpu and {kept.ONE_VERSION}"
            took = [seconds(lambda: kept.ledger(reports, "--tags", selected, "-j", "2")) for _ in range(2)]
            yield Figure("Airflow, MLflow, rules and notebooks, -j 2", took[1] / 60, "min", 12.0, "once warm")
        finally:
            kept.sweep()


def _warm(name: str, lines: Sequence[dict[str, Any]], limit_s: float) -> Iterator[Figure]:
    how = f"median of {_WARM} warm runs"
    yield Figure(
        f"a warm scenario of {name}", statistics.median(line["duration_s"] for line in lines), "s", limit_s, how
    )
    ours = [1 - sum(line["spent"].get(on, 0.0) for on in _SPARKS) / line["duration_s"] for line in lines]
    yield Figure("of that, the suite's own", 100 * statistics.median(ours), "%", 100 / 3, how)


def _rules() -> Iterator[Figure]:
    suite = examples.suite("orders")
    namespace, pod = _found("jupyter")
    argv = ["exec", pod, "--", "python3", "-c", _JUDGE, suite, str(_ROWS), orders.query(1, _ROWS)]
    rounds = json.loads(_kubectl("--namespace", namespace, *argv).splitlines()[-1])
    by_hand, by_rules = (statistics.median(column) for column in zip(*rounds, strict=True))
    how = f"of one query by hand, which takes {by_hand:.2f} s"
    yield Figure("12 rules on 1,000,000 rows", by_rules / by_hand, "x", 3.0, how)


def _memory_mib(component: str) -> float:
    """Return the working set of a component's pod, as the kubelet counts it."""
    node = json.loads(_kubectl("get", "nodes", "--output", "json"))["items"][0]["metadata"]["name"]
    summary = json.loads(_kubectl("get", "--raw", f"/api/v1/nodes/{node}/proxy/stats/summary"))
    _, name = _found(component)
    own = next(pod for pod in summary["pods"] if pod["podRef"]["name"] == name)
    return sum(float(each["memory"]["workingSetBytes"]) for each in own["containers"]) / 2**20


def _found(component: str) -> tuple[str, str]:
    """Return the namespace and the name of a component's pod."""
    label = f"app.kubernetes.io/component={component}"
    pods = json.loads(_kubectl("get", "pods", "--all-namespaces", "--selector", label, "--output", "json"))["items"]
    found = next(pod["metadata"] for pod in pods if pod["status"]["phase"] == "Running")
    return found["namespace"], found["name"]


def _kubectl(*argv: str) -> str:
    kubectl = [str(programs.build("kubectl")), "--kubeconfig", str(layout.layout().kubeconfig)]
    return subprocess.run([*kubectl, *argv], check=True, capture_output=True, text=True).stdout
