"""Seconds of `sparkproof detect` with 1,000 nodes and 5,000 pods, compared with kubectl listing the nodes."""

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from kubernetes import client, config

from bench.figure import Figure, command, median_s
from sparkproof.build import programs
from sparkproof.embedded import layout, lifecycle

_SPARKPROOF = str(Path(sys.executable).with_name("sparkproof"))
_NODES, _PODS = 1000, 5000
_RUNS = 3


def measure() -> Iterator[Figure]:
    """Measure on an embedded cluster in a separate state folder, filled with objects that no kubelet serves."""
    os.environ["SPARKPROOF_STATE"] = str(layout.DEFAULT_STATE.with_name("sparkproof-bench"))
    try:
        kubeconfig = lifecycle.up()
        how = f"median of {_RUNS}"
        few = median_s(command([_SPARKPROOF, "detect"]), runs=_RUNS)
        _fill(client.CoreV1Api(config.new_client_from_config(str(kubeconfig))))
        kubectl = [str(programs.build("kubectl")), "--kubeconfig", str(kubeconfig), "get", "nodes", "--output", "json"]
        yield Figure("sparkproof detect, 1 node", few, "s", how=how)
        many = median_s(command([_SPARKPROOF, "detect"]), runs=_RUNS)
        yield Figure(f"sparkproof detect, {_NODES} nodes and {_PODS} pods", many, "s", 5.0, how)
        yield Figure("kubectl get nodes there", median_s(command(kubectl), runs=_RUNS), "s", how=how)
    finally:
        subprocess.run([_SPARKPROOF, "down"], check=True)


def _fill(core: client.CoreV1Api) -> None:
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda number: core.create_node(_node(number)), range(_NODES)))
        list(pool.map(lambda number: core.create_namespaced_pod("default", _pod(number)), range(_PODS)))


def _node(number: int) -> client.V1Node:
    offered = {"cpu": "64", "memory": "256Gi", "pods": "110", "nvidia.com/gpu": "8"}
    return client.V1Node(
        metadata=client.V1ObjectMeta(name=f"simulated-{number}"),
        status=client.V1NodeStatus(allocatable=offered, capacity=offered),
    )


def _pod(number: int) -> client.V1Pod:
    return client.V1Pod(
        metadata=client.V1ObjectMeta(name=f"simulated-{number}"),
        spec=client.V1PodSpec(
            node_name=f"simulated-{number % _NODES}",
            automount_service_account_token=False,
            tolerations=[client.V1Toleration(operator="Exists")],
            containers=[client.V1Container(name="main", image="registry.invalid/never-pulled:1")],
        ),
    )
