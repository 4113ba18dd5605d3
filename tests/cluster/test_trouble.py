"""Starts, breaks and stops real embedded clusters beside the usual one; run by name, as root: it takes minutes.

    pytest tests/cluster/test_trouble.py

Each test has a state folder, a port and a cgroup of its own, so a cluster that is in use is left alone.
"""

# Longer than 300 lines: each test takes a node apart in its own way, with the same few helpers.

import contextlib
import json
import os
import signal
import socket
import stat
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from sparkproof.build.scratch import ScratchImage, write_archive
from sparkproof.core import patience, process, wait
from sparkproof.embedded import api, layout, lifecycle, node
from sparkproof.embedded.cgroups import Cgroup
from sparkproof.embedded.layout import Layout
from tests.support.nodes import SPARKPROOF, kubectl, must_be_gone, named

pytestmark = [
    pytest.mark.trouble,
    pytest.mark.skipif(os.geteuid() != 0, reason="the embedded cluster needs root"),
]

_VOLATILE = (
    "fs/dentry-state", "fs/file-nr", "fs/inode-nr", "fs/inode-state", "fs/aio-nr", "fs/quota", "kernel/ns_last_pid",
    "kernel/pty/nr", "kernel/random", "net/netfilter/nf_conntrack_count", "kernel/perf_event_max_sample_rate",
)  # fmt: skip


def _host() -> Mapping[str, str]:
    """What the host's files and settings are that a Kubernetes node usually changes."""

    def told(*command: str) -> str:
        return process.run(command, timeout_s=30).stdout

    def listed(folder: str) -> str:
        seen = []
        for path in sorted(Path(folder).rglob("*")):
            status = path.lstat()
            size = 0 if stat.S_ISDIR(status.st_mode) else status.st_size
            seen.append(f"{path} {status.st_mode:o} {size} {status.st_mtime_ns}")
        return "\n".join(seen)

    def settings() -> str:
        root, values = Path("/proc/sys"), []
        for path in sorted(root.rglob("*")):
            name = str(path.relative_to(root))
            if path.is_file() and os.access(path, os.R_OK) and not name.startswith(_VOLATILE):
                with contextlib.suppress(OSError, UnicodeDecodeError):
                    values.append(f"{name}={path.read_text().strip()}")
        return "\n".join(values)

    return {
        "/etc": listed("/etc"),
        "folders of Kubernetes": "\n".join(
            listed(folder)
            for folder in (
                "/var/lib/kubelet", "/var/lib/cni", "/var/lib/containerd", "/var/lib/etcd", "/opt", "/run/netns",
                "/run/containerd", "/usr/libexec", "/var/log/pods", "/var/log/containers",
            )
        ),
        "routes": told("ip", "route", "show", "table", "all"),
        "addresses": told("ip", "-oneline", "address"),
        "devices": told("ip", "-oneline", "link"),
        "rules of iptables": told("iptables-save") + told("ip6tables-save"),
        "network namespaces": told("ip", "netns"),
        "mounts": "\n".join(
            line for line in Path("/proc/self/mountinfo").read_text().splitlines() if "/sparkproof/images/" not in line
        ),
        "kernel settings": settings(),
        "host name": socket.gethostname(),
    }  # fmt: skip


def _must_be_unchanged(before: Mapping[str, str]) -> None:
    now = _host()
    for name, was in before.items():
        old, new = set(was.splitlines()), set(now[name].splitlines())
        assert new == old, f"{name}: gone {sorted(old - new)[:5]}, new {sorted(new - old)[:5]}"


def test_the_host_stays_as_it_is_and_no_cable_leaves_the_node(places: Layout) -> None:
    before = _host()
    lifecycle.up()
    _must_be_unchanged(before)
    first = Cgroup(places.cgroup).first_process()
    entered = ["nsenter", "--target", str(first), "--net"]
    devices = json.loads(process.run([*entered, "ip", "-json", "link"], timeout_s=10).stdout)
    assert {each["ifname"] for each in devices if not each["ifname"].startswith("veth")} == {"lo", "eth0", "eth0-end"}
    host_devices = {each["ifname"] for each in json.loads(process.run(["ip", "-json", "link"], timeout_s=10).stdout)}
    assert not [name for name in host_devices if name.startswith("veth")]
    routes = json.loads(process.run([*entered, "ip", "-json", "route"], timeout_s=10).stdout)
    assert "default" not in {each["dst"] for each in routes}
    lifecycle.down()
    _must_be_unchanged(before)
    must_be_gone(places)


_POD = """
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Mi}}}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80, targetPort: 8080}]}
---
apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: web}}
spec:
  containers:
    - name: web
      image: localhost/sparkproof/busybox:v1
      args: [sh, -c, "echo started; echo answered > /data/index.html; exec busybox httpd -f -p 8080 -h /data"]
      readinessProbe: {httpGet: {path: /, port: 8080}, periodSeconds: 1}
      volumeMounts: [{name: data, mountPath: /data}]
  volumes:
    - {name: data, persistentVolumeClaim: {claimName: data}}
---
apiVersion: v1
kind: Pod
metadata: {name: missing}
spec:
  containers: [{name: x, image: "example.invalid/no/such:1"}]
"""


def test_pods_get_volumes_names_services_logs_and_exec_and_missing_images_fail_at_once(
    places: Layout, tmp_path: Path
) -> None:
    lifecycle.up()
    (tmp_path / "pod.yaml").write_text(_POD)
    kubectl(places, "apply", "--filename", str(tmp_path / "pod.yaml"))
    kubectl(places, "wait", "--for=condition=Ready", "pod/web", "--timeout=60s")
    assert kubectl(places, "logs", "web") == "started\n"
    assert kubectl(places, "exec", "web", "--", "busybox", "wget", "-qO-", "http://127.0.0.1:8080/") == "answered\n"
    address = kubectl(places, "get", "service", "web", "--output", "jsonpath={.spec.clusterIP}")
    # A pod that reaches itself through a Service, by its address.
    inside = ["exec", "web", "--", "busybox"]
    # Its readiness is told to the node's proxy a moment after it is told to us.
    wait.eventually(
        "an answer at the Service's address",
        lambda: kubectl(places, *inside, "sh", "-c", f"busybox wget -qO- http://{address}/ || true"),
        "answered\n".__eq__,
        within_s=5,
    )
    assert address in kubectl(places, *inside, "nslookup", "web.default.svc.cluster.local")
    assert kubectl(places, "get", "--raw", "/api/v1/namespaces/default/pods/web:8080/proxy/") == "answered\n"
    # How long it takes to run any program there, which the machine's load decides.
    started = time.monotonic()
    kubectl(places, *inside, "true")
    usual = time.monotonic() - started
    for outside, refusal in {
        "nslookup example.com": "NXDOMAIN",
        "wget -qO- http://192.0.2.1/": "unreachable",
    }.items():
        started = time.monotonic()
        with pytest.raises(process.CommandFailed) as refused:
            kubectl(places, *inside, *outside.split())
        assert refusal in refused.value.completed.stdout + refused.value.completed.stderr
        assert time.monotonic() - started < usual + patience.stretched(2), "it was refused and not waited for"
    reason = "jsonpath={.status.containerStatuses[0].state.waiting.reason}"
    wait.eventually(
        "the missing image's failure",
        lambda: kubectl(places, "get", "pod", "missing", "--output", reason),
        lambda seen: seen in ("ErrImagePull", "ImagePullBackOff"),
        within_s=10,
    )


def test_a_second_up_leaves_the_cluster_alone(places: Layout) -> None:
    lifecycle.up()
    first = Cgroup(places.cgroup).first_process()
    started = time.monotonic()
    assert lifecycle.up() == places.kubeconfig
    assert time.monotonic() - started < patience.stretched(1)
    assert Cgroup(places.cgroup).first_process() == first


def test_two_ups_at_once_give_one_cluster(places: Layout) -> None:
    both = [subprocess.Popen([*SPARKPROOF, "up"], stdout=subprocess.PIPE, text=True) for _ in range(2)]
    told = {each.communicate(timeout=120)[0] for each in both}
    assert [each.returncode for each in both] == [0, 0]
    assert told == {f"export KUBECONFIG={places.kubeconfig}\n"}
    firsts = [
        pid for pid in Cgroup(places.cgroup).processes() if b"\0boot\0" in Path(f"/proc/{pid}/cmdline").read_bytes()
    ]
    assert len(firsts) == 2  # `unshare` and the node's first process


def test_a_taken_port_is_left_to_its_owner(places: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        monkeypatch.setattr(layout, "API_PORT", taken.getsockname()[1])
        lifecycle.up()
        running = api.running(places)
        assert running and running.port != taken.getsockname()[1]
        assert lifecycle.status().state == "up"


@pytest.mark.parametrize("after_s", [0.4, 1.0, 2.0, 3.5, 5.0, 7.0, 9.0])
@pytest.mark.parametrize("repair", ["up", "down"])
def test_a_killed_up_is_repaired(places: Layout, after_s: float, repair: str) -> None:
    starting = subprocess.Popen([*SPARKPROOF, "up"], stderr=subprocess.DEVNULL)
    time.sleep(after_s)
    starting.kill()
    starting.wait()
    started = time.monotonic()
    process.run([*SPARKPROOF, repair], timeout_s=120)
    if repair == "up":
        assert lifecycle.status().state == "up"
    else:
        assert time.monotonic() - started < patience.stretched(5)
        must_be_gone(places)


@pytest.mark.parametrize("after_s", [0.15, 0.3, 0.5])
def test_a_killed_down_is_repaired(places: Layout, after_s: float) -> None:
    lifecycle.up()
    stopping = subprocess.Popen([*SPARKPROOF, "down"], stderr=subprocess.DEVNULL)
    time.sleep(after_s)
    stopping.kill()
    stopping.wait()
    lifecycle.down()
    must_be_gone(places)


@pytest.mark.usefixtures("places")
@pytest.mark.parametrize(("how", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_signal_during_up_is_answered_by_one_sentence_and_is_repaired(how: signal.Signals, code: int) -> None:
    starting = subprocess.Popen([*SPARKPROOF, "up"], stderr=subprocess.PIPE, text=True)
    time.sleep(3)
    starting.send_signal(how)
    _, told = starting.communicate(timeout=20)
    assert starting.returncode == code
    assert "Traceback" not in told
    assert "sparkproof up" in told
    lifecycle.up()
    assert lifecycle.status().state == "up"


@pytest.mark.parametrize(
    "victim",
    [
        "usr/bin/containerd --config", "config/kubelet.yaml", "config/kube-proxy.yaml", "sparkproof.embedded.forward",
        "kube-network-policies --",
        "kube-apiserver --", "etcd --", "kube-controller-manager --", "containerd-shim",
    ],
)  # fmt: skip
def test_the_node_restarts_what_is_killed_in_it(places: Layout, victim: str) -> None:
    lifecycle.up()
    first = Cgroup(places.cgroup).first_process()
    victims = named(places, lambda command: victim in command)
    assert victims
    for pid in victims:
        os.kill(pid, signal.SIGKILL)
    lifecycle.up()
    wait.eventually(
        "a cluster that is up again", lifecycle.status, lambda seen: seen.state == "up", within_s=90, every_s=1
    )
    # The whole of it works: a pod starts, with a volume, a name and an answer.
    kubectl(places, "run", "again", "--image", "localhost/sparkproof/busybox:v1", "--", "busybox", "sleep", "60")
    kubectl(places, "wait", "--for=condition=Ready", "pod/again", "--timeout=90s", timeout_s=100)
    assert Cgroup(places.cgroup).first_process() == first


@pytest.mark.parametrize("victim", ["unshare ", f"-m {node.__name__} boot"])
def test_a_node_that_is_killed_is_started_anew(places: Layout, victim: str) -> None:
    lifecycle.up()
    for pid in named(places, lambda command: victim in command):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    wait.eventually("the end of all", Cgroup(places.cgroup).processes, lambda seen: not seen, within_s=5)
    assert lifecycle.status().state == "down"
    lifecycle.up()
    assert lifecycle.status().state == "up"


@pytest.mark.usefixtures("places")
def test_an_image_is_loaded_once_and_outlives_the_cluster(tmp_path: Path) -> None:
    program = tmp_path / f"program-{os.getpid()}"
    program.write_bytes(os.urandom(1000))
    reference = f"localhost/sparkproof/test:{os.getpid()}"
    write_archive([ScratchImage(reference, program)], tmp_path / "image.tar")
    lifecycle.up()
    lifecycle.load(tmp_path / "image.tar", reference)
    (tmp_path / "image.tar").unlink()
    lifecycle.load(tmp_path / "image.tar", reference)  # there already, so the archive is not read
    lifecycle.down()
    lifecycle.up()
    lifecycle.load(tmp_path / "image.tar", reference)
    with pytest.raises(process.CommandFailed, match=r"image\.tar"):
        lifecycle.load(tmp_path / "image.tar", reference + "-other")


@pytest.mark.usefixtures("places")
def test_a_platforms_image_is_loaded_by_its_name() -> None:
    load = [*SPARKPROOF, "images", "object-store", "--load"]
    refused = process.run(load, timeout_s=600, check=False)
    assert "run `sparkproof up` first" in refused.stderr
    lifecycle.up()
    reference = process.run(load, timeout_s=600).stdout.splitlines()[0]
    assert reference in lifecycle.loaded()
