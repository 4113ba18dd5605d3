"""The sign of life of a run on the cluster: a Lease that the run renews, so that a sweep by others leaves what it made.

https://kubernetes.io/docs/concepts/architecture/leases/
"""

import os
import signal
import threading
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sparkproof.core.errors import SparkproofError
from sparkproof.kube.client import Kube
from sparkproof.kube.labels import OWNED, RUN, USES_KEPT
from sparkproof.kube.objects import LEASE, Manifest, selector

# The namespace that every cluster has; a Lease needs one.
USUAL = "default"
_RENEWED_EVERY_S = 10.0
# A busy machine or API server may be late, and clocks differ: a run that is silent for so long has ended.
EXPIRES_S = 120


@dataclass(frozen=True)
class Sign:
    """The last sign of life of a run: `alive` unless it is too old or its process has ended on this machine.

    Its `namespace` is the one in which the run works, if it has but one.
    """

    run: str
    namespace: str
    alive: bool
    seconds_ago: float
    uses_kept: bool


class Heartbeat:
    """The Lease of a run that is alive; `uses_kept` says that it joins the platforms that runs keep."""

    def __init__(self, kube: Kube, run: str, *, uses_kept: bool = False, namespace: str = USUAL) -> None:
        self._kube, self._run, self._uses_kept, self._namespace = kube, run, uses_kept, namespace
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._renew, daemon=True)

    def start(self) -> None:
        """Create the Lease, and renew it in a thread until `stop` or the end of this process; raises Refused."""
        self._kube.apply(self._lease())
        # The thread takes no signal: the main thread may hold signals back for a while, and this one would not.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
        try:
            self._thread.start()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)

    def stop(self) -> None:
        """Remove the Lease: what the run made is gone, or belongs to nobody."""
        self._ended.set()
        self._thread.join()
        forget(self._kube, self._run, self._namespace)

    def _renew(self) -> None:
        while not self._ended.wait(_RENEWED_EVERY_S):
            # An API server that is away for a moment is asked again; a Lease that somebody removed is made again.
            with suppress(SparkproofError):
                self._kube.apply(self._lease())

    def _lease(self) -> Manifest:
        labels = {**OWNED, RUN: self._run, USES_KEPT: str(self._uses_kept).lower()}
        return {
            "apiVersion": LEASE.api_version,
            "kind": LEASE.name,
            "metadata": {"name": _name(self._run), "namespace": self._namespace, "labels": labels},
            "spec": {
                "holderIdentity": _holder(os.getpid()),
                "leaseDurationSeconds": EXPIRES_S,
                "renewTime": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            },
        }


def signs(kube: Kube, namespace: str | None = USUAL) -> dict[str, Sign]:
    """Return the sign of life of every run that has given one in a namespace (in any when None), by the run's id."""
    found = kube.list(LEASE, namespace, labels=selector(OWNED))
    return {sign.run: sign for lease in found if (sign := _sign(lease)).run}


def forget(kube: Kube, run: str, namespace: str = USUAL) -> None:
    """Remove the Lease of a run."""
    kube.delete(LEASE, _name(run), namespace)


def _sign(lease: Manifest) -> Sign:
    labels, spec = lease["metadata"]["labels"], lease["spec"]
    seconds = (datetime.now(UTC) - datetime.fromisoformat(spec["renewTime"])).total_seconds()
    alive = seconds < spec["leaseDurationSeconds"] and not _has_ended(spec["holderIdentity"])
    return Sign(labels.get(RUN, ""), lease["metadata"]["namespace"], alive, seconds, labels.get(USES_KEPT) == "true")


def _name(run: str) -> str:
    return f"sparkproof-run-{run}"


def _holder(pid: int) -> str:
    """Return the identity of a process, which no other one has, on this machine or elsewhere: BOOT/PID/START."""
    return f"{_here()}/{pid}/{_started(pid)}"


def _has_ended(holder: str) -> bool:
    """True if the process was one that this process could see, and is not there any more."""
    here, _, rest = holder.partition("/")
    pid, _, started = rest.partition("/")
    return here == _here() and (not pid.isdigit() or _started(int(pid)) != started)


def _here() -> str:
    with suppress(OSError):
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{boot}.{Path('/proc/self/ns/pid').readlink()}"
    return ""


def _started(pid: int) -> str:
    """Return the moment of a process's start, in ticks since the boot; "" if there is no such process."""
    with suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        # A zombie has ended.
        return "" if fields[0] in "ZX" else fields[19]
    return ""
