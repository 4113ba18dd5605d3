"""Connections between pods: what counts as cut off, and what says nothing about the network."""

import errno
import json
import socket
from collections.abc import Sequence
from typing import Any

import pytest

from sparkproof.core import evidence, timeouts
from sparkproof.core.errors import CheckFailed, SparkproofError
from sparkproof.core.wait import GaveUp
from sparkproof.kube.objects import ENDPOINT_SLICE, POD, SERVICE, Manifest
from sparkproof.tenancy import network
from sparkproof.tenancy.network import CALLERS, GUESTS, REACHED, SERVERS, ClientPod, Service
from sparkproof.tenancy.team import Team
from tests.support import recorded
from tests.support.recorded import RecordedKube, RecordedPlatform, RecordedStreams


class Cluster:
    """An API server with one service, in whose pods every program prints `said`."""

    def __init__(self, said: str, *, ready: bool = True) -> None:
        self.said, self.ready = said, ready

    def get(self, kind: Any, name: str, namespace: str) -> dict[str, Any]:
        assert (kind.name, name, namespace) == ("Service", "front", "data")
        return {"spec": {"clusterIP": "10.96.0.7", "ports": [{"port": 80}]}}

    def list(self, kind: Any, namespace: str, *, labels: str) -> list[dict[str, Any]]:
        assert (kind.name, namespace, labels) == ("EndpointSlice", "data", "kubernetes.io/service-name=front")
        return [{"endpoints": None}, {"endpoints": [{"conditions": {"ready": self.ready}}]}]

    def exec(self, pod: str, namespace: str, argv: Sequence[str], *, container: str | None) -> "Cluster":
        assert (pod, namespace, argv[0], container) == ("stranger", "other", "python3", None)
        return self

    def finish(self, timeout_s: float) -> str:
        assert timeout_s > timeouts.CONNECTION
        return self.said + "\n"

    def errors(self) -> str:
        return "no python3\n"

    def close(self) -> None:
        pass


@pytest.fixture(autouse=True)
def record(monkeypatch: pytest.MonkeyPatch) -> evidence.Record:
    monkeypatch.setattr(timeouts, "POLICY", 0.01)
    return evidence.begin()


def both(said: str, *, ready: bool = True) -> tuple[ClientPod, Service]:
    kube: Any = Cluster(said, ready=ready)
    return ClientPod(Team(kube, "other"), "stranger"), Service(kube, "data", "front")


def test_a_connection_that_reaches_the_service_is_proved(record: evidence.Record) -> None:
    peer, service = both(REACHED)
    peer.must_reach(service)
    assert record.proofs[0].seen == "the pod stranger of other reached the service front of data"
    with pytest.raises(CheckFailed, match=r"cut off from the service front of data did not come.*; last seen: reached"):
        peer.must_be_cut_off_from(service)


@pytest.mark.parametrize("end", ["TimeoutError", "ConnectionRefusedError", "EHOSTUNREACH"])
def test_a_connection_that_is_dropped_or_rejected_is_cut_off(end: str, record: evidence.Record) -> None:
    peer, service = both(end)
    peer.must_be_cut_off_from(service)
    assert end in record.proofs[0].seen
    with pytest.raises(CheckFailed, match="a connection from the pod stranger"):
        peer.must_reach(service)


def test_a_connection_that_is_dropped_once_is_not_cut_off(
    monkeypatch: pytest.MonkeyPatch, record: evidence.Record
) -> None:
    peer, service = both(REACHED)
    ends = iter(["TimeoutError", REACHED])
    monkeypatch.setattr(ClientPod, "connect", lambda *_: next(ends))
    with pytest.raises(CheckFailed, match="for one connection, and not for the next: reached"):
        peer.must_be_cut_off_from(service)
    assert not record.proofs


def test_a_service_that_nobody_serves_cuts_nobody_off(record: evidence.Record) -> None:
    peer, service = both("ConnectionRefusedError", ready=False)
    with pytest.raises(CheckFailed, match="it has no ready pod, so nothing is proved"):
        peer.must_be_cut_off_from(service)
    assert not record.proofs


def test_an_address_that_no_route_leads_to_cuts_nobody_off() -> None:
    peer, service = both("ENETUNREACH")
    with pytest.raises(CheckFailed, match="last seen: ENETUNREACH"):
        peer.must_be_cut_off_from(service)


def test_a_name_must_be_answered_with_the_services_address(record: evidence.Record) -> None:
    peer, service = both("10.96.0.7")
    peer.must_look_up(service)
    assert record.level is evidence.Level.EXECUTED
    peer, service = both("10.96.0.8")
    with pytest.raises(CheckFailed, match=r"the answer 10\.96\.0\.7 .*; last seen: 10\.96\.0\.8"):
        peer.must_look_up(service)
    assert len(record.proofs) == 1


def test_a_pod_that_says_nothing_is_an_error_with_its_words() -> None:
    peer, service = both("")
    with pytest.raises(SparkproofError, match="printed no result: no python3"):
        peer.connect(service)


def test_the_services_and_callers_of_a_platform_are_found_by_their_components() -> None:
    pods = [recorded.pod(f"spark-{component}-0", component) for component in ("client", "connect", "submit")]
    kube = RecordedKube(*pods)
    platform = RecordedPlatform(kube)
    assert str(Service.of(platform, "rest-catalog")) == "the service spark-rest-catalog of team"
    assert [str(ClientPod.of(platform, caller)) for caller in CALLERS] == [
        "the pod spark-client-0 of team",
        "the pod spark-connect-0 of team",
        "the pod spark-submit-0 of team",
    ]
    with pytest.raises(GaveUp, match="has no client pod"):
        ClientPod.of(RecordedPlatform(), "client")


STRANGER = recorded.manifest(POD, "stranger", "other")


def headless(*ends: tuple[str, bool]) -> list[Manifest]:
    """The service of a driver, which has no address of its own, and its ends: the address, and if it is ready."""
    name = "spark-connect-headless"
    ports = [{"name": "driver", "port": 7078}, {"name": "ui", "port": 4040}]
    found = [{"addresses": [address], "conditions": {"ready": ready}} for address, ready in ends]
    return [
        recorded.manifest(SERVICE, name, spec={"clusterIP": "None", "ports": ports}),
        recorded.manifest(ENDPOINT_SLICE, f"{name}-x1", labels={"kubernetes.io/service-name": name}, endpoints=found),
    ]


def test_a_service_without_an_address_is_called_by_its_pods_and_on_the_port_that_is_named(
    record: evidence.Record,
) -> None:
    called: list[Any] = []

    def connecting(_: str, argv: Sequence[str]) -> RecordedStreams:
        called.append(json.loads(argv[-1])[:2])
        return RecordedStreams(REACHED)

    kube = RecordedKube(*headless(("10.0.0.4", False), ("10.0.0.5", True)), STRANGER, programs=connecting)
    driver = Service.of(RecordedPlatform(kube), *SERVERS["driver's interface"])
    ClientPod(Team(kube, "other"), "stranger").must_reach(driver)
    assert called == [["10.0.0.5", 4040]]
    assert record.proofs[0].seen.endswith("reached the port ui of the service spark-connect-headless of team")


def test_a_service_without_an_address_and_without_a_pod_cuts_nobody_off(record: evidence.Record) -> None:
    kube = RecordedKube(*headless(("10.0.0.4", False)), STRANGER, programs=lambda *_: RecordedStreams("TimeoutError"))
    driver = Service.of(RecordedPlatform(kube), *SERVERS["driver's interface"])
    assert driver.address == ("None", 4040)
    with pytest.raises(CheckFailed, match="it has no ready pod, so nothing is proved"):
        ClientPod(Team(kube, "other"), "stranger").must_be_cut_off_from(driver)
    assert not record.proofs


def test_a_pod_beside_a_platform_is_none_of_its_pods_and_is_let_in_by_a_label_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kube = RecordedKube()
    monkeypatch.setattr(Team, "start_pod", lambda self, pod, _: self.apply(pod))
    platform = RecordedPlatform(kube)
    stranger = ClientPod.beside(platform, "image:1")
    guests = [ClientPod.beside(platform, "image:1", guest) for guest in GUESTS.values()]
    found = {name: kube.get(POD, name, recorded.NAMESPACE) or {} for name in kube.names("Pod")}
    assert len({stranger.name, *(each.name for each in guests)}) == len(found) == 3
    own = {name: each["metadata"]["labels"] for name, each in found.items()}
    assert own[stranger.name] == {"app.kubernetes.io/name": stranger.name}
    assert [own[each.name]["sparkproof.dev/guest"] for each in guests] == ["user", "prometheus"]
    stranger.remove()
    assert kube.deleted == [("Pod", stranger.name, 0)]


@pytest.mark.parametrize(
    ("end", "said"),
    [
        (None, REACHED),
        (TimeoutError("timed out"), "TimeoutError"),
        (ConnectionRefusedError(errno.ECONNREFUSED, "refused"), "ConnectionRefusedError"),
        (OSError(errno.EHOSTUNREACH, "no route"), "EHOSTUNREACH"),
        (OSError(errno.ENETUNREACH, "no network"), "ENETUNREACH"),
        (socket.gaierror(-2, "unknown name"), "[Errno -2] unknown name"),
    ],
    ids=str,
)
def test_the_program_in_a_pod_says_how_its_connection_ended(
    end: OSError | None, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What a policy drops or rejects has other words than a name that nobody knows, which proves nothing."""
    asked = []

    def connect(address: tuple[str, int], timeout: float) -> socket.socket:
        asked.append((address, timeout))
        if end:
            raise end
        return socket.socket()

    monkeypatch.setattr(socket, "create_connection", connect)
    monkeypatch.setattr("sys.argv", ["-c", '["10.96.0.7", 80, 3]'])
    exec(network._CONNECT, {})
    assert capsys.readouterr().out == f"{said}\n"
    assert asked == [(("10.96.0.7", 80), 3)]
