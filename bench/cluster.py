"""Seconds to start, query and stop the embedded cluster, and its memory at rest; a cluster in use keeps running."""

import json
import os
import statistics
import sys
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from unittest import mock

from bench.figure import Figure, command, seconds
from sparkproof.build import programs
from sparkproof.core import process
from sparkproof.embedded import layout

_SPARKPROOF = Path(sys.executable).with_name("sparkproof")
_ROUNDS = 3
_REST_S = 30
_PROMISED = {
    "from nothing to a Ready node": ("s", 20.0),
    "from nothing to running cluster DNS": ("s", 35.0),
    "sparkproof up, from nothing": ("s", None),
    "sparkproof up, when it is up": ("s", None),
    "sparkproof status": ("s", 1.0),
    f"the node at rest, {_REST_S} s after up": ("MiB", 1024.0),
    "sparkproof down": ("s", 5.0),
}


def measure() -> Iterator[Figure]:
    """Measure medians of several clusters in a separate state folder, with programs and images cached before."""
    # Patched for this measurement only: the next one runs on the user's cluster.
    with mock.patch.dict(os.environ, SPARKPROOF_STATE=str(layout.DEFAULT_STATE.with_name("sparkproof-bench"))):
        _timed("up")
        _timed("down")
        rounds = [_one_cluster() for _ in range(_ROUNDS)]
    how = f"median of {_ROUNDS}, load of the machine {os.getloadavg()[0]:.1f}"
    for (what, (unit, limit)), values in zip(_PROMISED.items(), zip(*rounds, strict=True), strict=True):
        yield Figure(what, statistics.median(values), unit, limit, how)


def _one_cluster() -> tuple[float, ...]:
    """Start, measure and stop one cluster; return its figures in the order of _PROMISED."""
    started = time.time()
    up = _timed("up")
    ready = _reached("nodes", "default", "Ready") - started
    names = _reached("deployments", "kube-system", "Available") - started
    again, status = _timed("up"), _timed("status")
    time.sleep(_REST_S)
    status_lines = process.run([_SPARKPROOF, "status"], timeout_s=60).stdout.splitlines()
    memory = next(float(line.split()[1]) for line in status_lines if line.startswith("memory"))
    return ready, names, up, again, status, memory, _timed("down")


def _timed(verb: str) -> float:
    return seconds(command([str(_SPARKPROOF), verb]))


def _reached(kind: str, namespace: str, condition: str) -> float:
    """Return when the last of the objects reached the condition, in whole seconds since 1970, as the API gives them."""
    kubectl = [str(programs.build("kubectl")), "--kubeconfig", str(layout.layout().kubeconfig)]
    listed = process.run([*kubectl, "get", kind, "--namespace", namespace, "--output", "json"], timeout_s=60).stdout
    return max(
        datetime.fromisoformat(each["lastTransitionTime"]).timestamp()
        for found in json.loads(listed)["items"]
        for each in found["status"]["conditions"]
        if each["type"] == condition
    )
