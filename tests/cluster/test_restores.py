"""Restores the control plane of a real embedded cluster beside the usual one, and kills who does it; run by name."""

import os
import signal
import subprocess
import sys

import pytest

from sparkproof.embedded import lifecycle
from sparkproof.embedded.etcd import Etcd
from sparkproof.embedded.layout import Layout
from tests.support.nodes import kubectl

pytestmark = [
    pytest.mark.trouble,
    pytest.mark.skipif(os.geteuid() != 0, reason="the embedded cluster needs root"),
]
BEGIN = """
import os, sys
from pathlib import Path
from sparkproof.embedded.etcd import Etcd
from sparkproof.embedded.layout import layout
def killed(*_):
    os.kill(os.getpid(), 9)
etcd, snapshot = Etcd(layout()), Path(sys.argv[1])
"""
# What somebody does who is killed, and what is there afterwards.
KILLED = {
    "Etcd._move_away = killed; etcd.restore(snapshot)": {"before", "later"},
    "etcd.lose(); killed()": {"before", "later"},
    "Etcd._start = killed; etcd.restore(snapshot)": {"before"},
}


def config_maps(places: Layout) -> set[str]:
    names = kubectl(places, "get", "configmaps", "--namespace=default", "--output=name").split()
    return {name.removeprefix("configmap/") for name in names} - {"kube-root-ca.crt"}


def test_what_came_after_a_snapshot_is_gone_and_what_comes_now_stays(places: Layout) -> None:
    lifecycle.up()
    kubectl(places, "create", "configmap", "before")
    etcd = Etcd(places)
    snapshot = etcd.save()
    kubectl(places, "create", "configmap", "later")
    etcd.lose()
    assert etcd.running == {}
    etcd.restore(snapshot)
    etcd.await_ready()
    assert config_maps(places) == {"before"}
    kubectl(places, "create", "configmap", "now")
    lifecycle.up()
    assert config_maps(places) == {"before", "now"}
    etcd.forget()


@pytest.mark.parametrize(("does", "left"), KILLED.items())
def test_up_puts_right_what_somebody_left_who_was_killed(places: Layout, does: str, left: set[str]) -> None:
    lifecycle.up()
    node = kubectl(places, "get", "node", "--output=jsonpath={.items[0].metadata.uid}")
    kubectl(places, "create", "configmap", "before")
    snapshot = Etcd(places).save()
    kubectl(places, "create", "configmap", "later")
    killed = subprocess.run([sys.executable, "-c", BEGIN + does, str(snapshot)], check=False)
    assert killed.returncode == -signal.SIGKILL
    lifecycle.up()
    assert config_maps(places) == left
    assert kubectl(places, "get", "node", "--output=jsonpath={.items[0].metadata.uid}") == node
