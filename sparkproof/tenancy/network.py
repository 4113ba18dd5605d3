"""The network as pods see it: services, and the pods that try to reach them."""

import contextlib
import json
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sparkproof.core import evidence, examples, timeouts
from sparkproof.core.errors import CheckFailed, SparkproofError
from sparkproof.core.evidence import Level
from sparkproof.core.wait import eventually
from sparkproof.kube.client import Kube
from sparkproof.kube.objects import ENDPOINT_SLICE, POD, SERVICE, Manifests
from sparkproof.kube.places import Pod, last_words
from sparkproof.spark.platform import Platform
from sparkproof.tenancy.team import Team

REACHED = "reached"
# Who calls other components of a platform, in users' words, and the component whose pod it is.
CALLERS: Mapping[str, str] = {"client": "client", "driver": "connect", "submitting pod": "submit"}
# Who is called, in users' words, and the component whose Service it is; of a Service with several ports, which it is.
SERVERS: Mapping[str, Sequence[str]] = {
    "Connect server": ("connect",),
    "REST catalog": ("rest-catalog",),
    "Hive Metastore": ("hive-metastore",),
    "object store": ("object-store",),
    "database": ("postgres",),
    "master": ("master",),
    "counter of landed objects": ("ingest-counter",),
    "History Server": ("history-server",),
    "tracking server": ("mlflow",),
    "Airflow": ("airflow",),
    "JupyterLab": ("jupyter",),
    "driver's interface": ("connect-headless", "ui"),
}
# Who is outside a platform and is let in where its values name it, and the value of the label by which they do.
GUESTS: Mapping[str, str] = {"one of its users": "user", "its Prometheus": "prometheus"}
_GUEST = "sparkproof.dev/guest"
# The ends of a connection that is dropped or rejected on its way. An address without a route is not among them.
_CUT_OFF = ("TimeoutError", "ConnectionRefusedError", "EHOSTUNREACH")
_ANSWERING = "answers on the network"
# The address of a service that leads to its pods by their own addresses.
_NO_ADDRESS = "None"
_CONNECT = f"""
import errno, json, socket, sys
host, port, limit = json.loads(sys.argv[1])
try:
    socket.create_connection((host, port), timeout=limit).close()
    print("{REACHED}")
except (TimeoutError, ConnectionRefusedError) as failed:
    print(type(failed).__name__)
except OSError as failed:
    print(errno.errorcode.get(failed.errno, failed))
"""
_LOOK_UP = """
import socket, sys
try:
    print(socket.getaddrinfo(sys.argv[1], None)[0][4][0])
except OSError as failed:
    print(failed)
"""


@dataclass(frozen=True)
class Service:
    """A service of a namespace; users reach it by its name, or by the address of that name.

    `port` is the name of the port that they call, the first when empty.
    """

    kube: Kube
    namespace: str
    name: str
    port: str = ""

    @classmethod
    def start(cls, team: Team, image: str) -> "Service":
        """Create a small service of the team and the pod that answers for it, and wait until the pod is ready."""
        server = ClientPod.start(team, "front", image)
        spec = {"selector": server.labels, "ports": [{"port": 80, "targetPort": 8080}]}
        team.apply({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "front"}, "spec": spec})
        return cls(team.kube, team.namespace, "front")

    @classmethod
    def of(cls, platform: Platform, component: str, port: str = "") -> "Service":
        """Return the service by which a component ("rest-catalog") of a platform is reached."""
        own = platform.workloads
        return cls(own.kube, own.namespace, f"{own.release}-{component}", port)

    @property
    def address(self) -> tuple[str, int]:
        """The IP address that the cluster gave the service, or that of its pod if it gave none; and the port."""
        spec = (self.kube.get(SERVICE, self.name, self.namespace) or {})["spec"]
        port = next(each["port"] for each in spec["ports"] if self.port in ("", each.get("name")))
        if spec["clusterIP"] != _NO_ADDRESS:
            return spec["clusterIP"], port
        return next((end["addresses"][0] for end in self._ready), _NO_ADDRESS), port

    @property
    def is_served(self) -> bool:
        """True if the API server knows a ready pod behind the service."""
        return bool(self._ready)

    @property
    def _ready(self) -> Manifests:
        """The ends of the service that are ready."""
        slices = self.kube.list(ENDPOINT_SLICE, self.namespace, labels=f"kubernetes.io/service-name={self.name}")
        ends = (end for found in slices for end in found.get("endpoints") or ())
        return [end for end in ends if end["conditions"].get("ready")]

    def __str__(self) -> str:
        of = f"the port {self.port} of " if self.port else ""
        return f"{of}the service {self.name} of {self.namespace}"


@dataclass(frozen=True)
class ClientPod:
    """A pod that makes connections and accepts them; `guest` is one of GUESTS' labels, or "" for a stranger."""

    team: Team
    name: str
    guest: str = ""

    @classmethod
    def start(cls, team: Team, name: str, image: str, guest: str = "") -> "ClientPod":
        """Start a pod of the team from an image that has Python, and wait until it is ready."""
        peer = cls(team, name, guest)
        pod = examples.pod(_ANSWERING)
        pod["metadata"] = {"name": name, "labels": peer.labels}
        pod["spec"]["containers"][0]["image"] = image
        team.start_pod(pod, str(peer))
        return peer

    @classmethod
    def beside(cls, platform: Platform, image: str, guest: str = "") -> "ClientPod":
        """Start a pod in the namespace of a platform, to which it does not belong; its name is its own."""
        own = platform.workloads
        return cls.start(Team(own.kube, own.namespace), f"client-{uuid.uuid4().hex[:8]}", image, guest)

    @classmethod
    def of(cls, platform: Platform, caller: str) -> "ClientPod":
        """Return the pod of one of CALLERS of a platform; raises GaveUp if there is none."""
        own = platform.workloads
        return cls(Team(own.kube, own.namespace), own.pod(CALLERS[caller])["metadata"]["name"])

    @property
    def labels(self) -> dict[str, str]:
        return {"app.kubernetes.io/name": self.name, **({_GUEST: self.guest} if self.guest else {})}

    def remove(self) -> None:
        """Remove the pod at once."""
        self.team.kube.delete(POD, self.name, self.team.namespace, grace_s=0)

    def connect(self, service: Service) -> str:
        """Make one connection to the service; return REACHED, or the system's name of the error ("TimeoutError")."""
        return self._python(_CONNECT, json.dumps([*service.address, timeouts.CONNECTION]))

    def look_up(self, service: Service) -> str:
        """Return the address that the cluster's name server gives for the service's name, or the words of its error."""
        return self._python(_LOOK_UP, f"{service.name}.{service.namespace}.svc")

    def must_reach(self, service: Service) -> None:
        """Wait until a connection reaches the service; policies need a moment to take effect."""
        self._must_come_to(f"a connection from {self} to {service}", lambda: self.connect(service), REACHED.__eq__)
        evidence.prove(Level.EXECUTED, f"{self} reached {service}")

    def must_be_cut_off_from(self, service: Service) -> None:
        """Wait until a connection to the service, and the next one, is dropped or rejected, while it is served."""
        awaited = f"{self} being cut off from {service}"
        seen = self._must_come_to(awaited, lambda: self.connect(service), lambda end: end in _CUT_OFF)
        if (again := self.connect(service)) not in _CUT_OFF:
            raise CheckFailed(f"{self} was cut off from {service} for one connection, and not for the next: {again}")
        if not service.is_served:
            raise CheckFailed(f"{self} did not reach {service}, but it has no ready pod, so nothing is proved.")
        evidence.prove(Level.EXECUTED, f"{self} did not reach {service}, which is served: {seen}")

    def must_look_up(self, service: Service) -> None:
        """Wait until the name server answers the name of the service with its address."""
        address, _ = service.address
        self._must_come_to(f"the answer {address} to {self}", lambda: self.look_up(service), address.__eq__)
        evidence.prove(Level.EXECUTED, f"{self} looked up {service}: {address}")

    def __str__(self) -> str:
        return f"the pod {self.name} of {self.team.namespace}"

    def _must_come_to(self, awaited: str, observe: Callable[[], str], until: Callable[[str], bool]) -> str:
        return eventually(awaited, observe, until, within_s=timeouts.POLICY)

    def _python(self, program: str, argument: str) -> str:
        """Return the text that a Python program prints in the pod; raises SparkproofError when it prints none."""
        place = Pod(self.team.kube, self.team.namespace, self.name)
        with contextlib.closing(place.exec(["python3", "-c", program, argument])) as streams:
            if line := streams.finish(timeouts.TOOL).strip():
                return line
            raise SparkproofError(f"{self} printed no result: {last_words(streams)}")
