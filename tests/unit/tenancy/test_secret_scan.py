"""Secrets: told in arguments, environment, configuration or a log, they are found, in whatever form."""

import base64
import json
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from sparkproof.core.errors import CheckFailed, SparkproofError
from sparkproof.core.evidence import Level, Record
from sparkproof.kube.objects import CONFIG_MAP, EVENT, POD, SECRET, Kind, Manifest
from sparkproof.tenancy import secret_scan
from sparkproof.tenancy.secret_scan import SecretScan
from sparkproof.tenancy.team import Team
from tests.support.recorded import NAMESPACE, RecordedKube, RecordedStreams, manifest, pod

VALUE = 'pass"word\nof two lines'


def secret(value: str = VALUE, kind: str = "Opaque", name: str = "catalog") -> Manifest:
    return manifest(SECRET, name, type=kind, data={"key": base64.b64encode(value.encode()).decode()})


def container(**of: Any) -> dict[str, Any]:
    return {"containers": [{"name": "connect", **of}]}


CONFIG = manifest(CONFIG_MAP, "conf", data={"spark.conf": "a=b"})
QUIET = pod("spark-0", "connect", spec=container(args=["--quiet"]))


def look(*objects: Manifest, log: str = "started", **kube: Any) -> SecretScan:
    logs = {"spark-0/connect": log, **kube.pop("logs", {})}
    return SecretScan.look(Team(RecordedKube(*objects, logs_of=logs, **kube), NAMESPACE))


def test_secrets_that_nothing_tells_are_proved(record: Record) -> None:
    look(secret(), CONFIG, QUIET).must_be_none()
    assert record.level is Level.EXECUTED
    assert record.proofs[0].seen == "catalog/key are in none of 4 searched places"
    assert record.items[-1].name == "searched places"
    assert "the log of spark-0/connect" in json.loads(record.items[-1].content)


@pytest.mark.parametrize(
    ("objects", "log", "where"),
    [
        ([pod("spark-0", "connect", spec=container(args=["--token", VALUE]))], "", "Pod spark-0"),
        (
            [pod("spark-0", "connect", spec=container(env=[{"name": "TOKEN", "value": VALUE}]))],
            "",
            "Pod spark-0",
        ),
        (
            [pod("spark-0", "connect", spec={"initContainers": [{"name": "wait", "args": [f"x{VALUE}y"]}]})],
            "",
            "Pod spark-0",
        ),
        ([manifest(CONFIG_MAP, "notes", data={"note": f"it is {VALUE}"})], "", "ConfigMap notes"),
        ([QUIET], f"INFO token={VALUE}\nbye", "the log of spark-0/connect"),
        (
            [pod("spark-0", "connect", spec={"initContainers": [{"name": "connect"}], "containers": []})],
            VALUE,
            "the log of spark-0/connect",
        ),
        ([QUIET], "\n".join([f"INFO token={VALUE}", *["INFO more"] * 2000]), "the log of spark-0/connect"),
    ],
    ids=[
        "an argument",
        "a variable",
        "an init container",
        "a configuration",
        "a log",
        "an init container's log",
        "a long log",
    ],
)
def test_a_secret_that_is_told_is_found(objects: list[Manifest], log: str, where: str, record: Record) -> None:
    found = look(secret(), CONFIG, *objects, log=log)
    with pytest.raises(CheckFailed, match=rf"read in other places: catalog/key in {where}\."):
        found.must_be_none()
    assert not record.proofs
    found.must_be_in(where)
    assert record.proofs[0].seen == f"catalog/key in {where}"


def told(where: str, found: SecretScan) -> None:
    with pytest.raises(CheckFailed, match=rf"read in other places: catalog/key in {where}\."):
        found.must_be_none()


def running(name: str = "connect", restarts: int = 0) -> Manifest:
    status = {"name": name, "restartCount": restarts, "state": {"running": {}}}
    return pod("spark-0", "connect", spec=container(), status={"containerStatuses": [status]})


def programs(shown: str, errors: str = "") -> Callable[[str, Sequence[str]], RecordedStreams]:
    return lambda _pod, _argv: RecordedStreams(*filter(None, [shown]), errors=errors, ended=True)


def test_a_secret_in_the_log_from_before_a_restart_is_found() -> None:
    logs = {"spark-0/connect before": f"token={VALUE}"}
    found = look(secret(), running(restarts=1), logs=logs, programs=programs(""))
    told("the log of spark-0/connect before its restart", found)
    look(secret(), running(restarts=0), logs=logs, programs=programs("java")).must_be_none()


def test_a_secret_in_the_arguments_of_a_running_program_is_found() -> None:
    """A variable that stands in a pod's arguments has its value only in the program that runs."""
    found = look(secret(), running(), programs=programs(f"java -Dtoken={VALUE} Main"))
    told("the programs of spark-0/connect", found)
    found = look(secret(), running(), programs=programs("java Main"))
    found.must_be_none()
    assert "the programs of spark-0/connect" in found.places


def test_an_image_without_a_shell_shows_no_arguments() -> None:
    found = look(secret(), running(), programs=programs("", "no such file: sh"))
    found.must_be_none()
    assert set(found.places) == {"Secret catalog", "Pod spark-0", "the log of spark-0/connect"}


class Unasked(RecordedStreams):
    """A program that has not ended when it should have."""

    def finish(self, timeout_s: float) -> str:
        raise SparkproofError(f"A process in a pod had not ended after {timeout_s:g} s.")


def test_a_container_that_runs_and_cannot_be_asked_is_no_container_without_secrets() -> None:
    with pytest.raises(SparkproofError, match="A process in a pod had not ended after"):
        look(secret(), running(), programs=lambda *_: Unasked())
    kube = RecordedKube(secret(), running(), logs_of={"spark-0/connect": ""}, programs=lambda *_: Unasked())
    # Between the look at the pod and the question it has ended.
    listed = kube.list(POD, NAMESPACE)
    kube.patch(POD, "spark-0", {"status": {"containerStatuses": []}}, NAMESPACE)
    kube.list = lambda kind, *_, **__: listed if kind == POD else [secret()] if kind == SECRET else []  # type: ignore[method-assign]
    assert "the programs of spark-0/connect" not in SecretScan.look(Team(kube, NAMESPACE)).places


class OfKinds(RecordedKube):
    """A cluster with two kinds of one name, of which the first or the second tells a secret."""

    def __init__(self, told_by: int) -> None:
        super().__init__(secret())
        kinds = [Kind("NetworkPolicy", "networking.k8s.io/v1"), Kind("NetworkPolicy", "example.org/v1")]
        told = {kind: VALUE if number == told_by else "" for number, kind in enumerate(kinds)}
        self.found = {kind: [manifest(kind, "own", spec={"note": note})] for kind, note in told.items()}

    def kinds(self, *, namespaced: bool = True) -> Sequence[Kind]:
        return list(self.found) if namespaced else []

    def list(self, kind: Kind, namespace: str | None = None, *, labels: str = "") -> list[Manifest]:
        return self.found.get(kind) or super().list(kind, namespace, labels=labels)


@pytest.mark.parametrize("told_by", [0, 1])
def test_a_secret_is_found_in_either_of_two_kinds_of_one_name(told_by: int) -> None:
    scanned = SecretScan.look(Team(OfKinds(told_by), NAMESPACE))
    told("NetworkPolicy own", scanned)
    assert scanned.places.count("NetworkPolicy own") == 2


@pytest.mark.parametrize("before", ["", "x", "xy", "xyz"])
@pytest.mark.parametrize("after", ["", "z", "yz"])
def test_a_secret_in_base64_is_found_wherever_it_stands(before: str, after: str) -> None:
    text = base64.b64encode(f"{before}{VALUE}{after}".encode()).decode()
    told("ConfigMap notes", look(secret(), manifest(CONFIG_MAP, "notes", binaryData={"blob": text})))
    told("ConfigMap notes", look(secret(), manifest(CONFIG_MAP, "notes", data={"note": f"key={text}"})))


@pytest.mark.parametrize(
    ("object_", "where"),
    [
        (manifest(CONFIG_MAP, "notes", metadata={"annotations": {"note": VALUE}}), "ConfigMap notes"),
        (manifest(Kind("Service"), "front", metadata={"annotations": {"note": VALUE}}), "Service front"),
        (manifest(Kind("StatefulSet", "apps/v1"), "s", spec={"template": {"note": VALUE}}), "StatefulSet s"),
        (manifest(SECRET, "other", type="Opaque", metadata={"annotations": {"applied": VALUE}}), "Secret other"),
        (manifest(EVENT, "e", message=f"it is {VALUE}", lastTimestamp="1"), "Event e"),
    ],
    ids=["an annotation", "a Service", "a template", "a Secret's annotation", "an event"],
)
def test_a_secret_in_any_object_is_found(object_: Manifest, where: str) -> None:
    told(where, look(secret(), CONFIG, object_))


@pytest.mark.parametrize("kind", ["kubernetes.io/basic-auth", "kubernetes.io/tls", "example.org/password"])
def test_a_secret_of_any_type_is_looked_for(kind: str) -> None:
    told("ConfigMap notes", look(secret(kind=kind), manifest(CONFIG_MAP, "notes", data={"note": VALUE})))


def test_a_secret_may_be_in_a_secret() -> None:
    look(secret(), secret(name="copy"), CONFIG).must_be_none()


@pytest.mark.parametrize(
    "nothing",
    [[], [secret("short")], [secret(kind="helm.sh/release.v1")], [secret(kind="kubernetes.io/service-account-token")]],
    ids=["no Secret", "a short one", "helm's own", "a token of Kubernetes"],
)
def test_with_nothing_to_look_for_nothing_is_proved(nothing: list[Manifest], record: Record) -> None:
    with pytest.raises(CheckFailed, match="has no Secret, so there was nothing to search for"):
        look(CONFIG, *nothing).must_be_none()
    assert not record.proofs


def test_with_nowhere_to_look_nothing_is_proved(record: Record) -> None:
    with pytest.raises(CheckFailed, match="no place to search"):
        look(secret()).must_be_none()
    assert not record.proofs


def test_a_secret_that_was_to_be_found_in_one_place_is_in_no_other(record: Record) -> None:
    notes = manifest(CONFIG_MAP, "notes", data={"note": VALUE})
    with pytest.raises(CheckFailed, match=r"ConfigMap notes and no other place .*the log of spark-0/connect"):
        look(secret(), notes, QUIET, log=VALUE).must_be_in("ConfigMap notes")
    with pytest.raises(CheckFailed, match="found was nothing"):
        look(secret(), CONFIG).must_be_in("ConfigMap notes")
    assert not record.proofs


def test_a_careless_program_tells_one() -> None:
    team = Team(RecordedKube(secret()), NAMESPACE)
    secret_scan.disclose(team, "notes")
    SecretScan.look(team).must_be_in("ConfigMap sparkproof-notes")


def test_a_secret_that_was_to_be_in_two_places_is_in_both(record: Record) -> None:
    notes = manifest(CONFIG_MAP, "notes", data={"note": VALUE})
    with pytest.raises(CheckFailed, match="ConfigMap notes and Pod x and no other place"):
        look(secret(), notes).must_be_in("ConfigMap notes", "Pod x")
    with pytest.raises(CheckFailed, match="and no other place"):
        look(secret(), notes).must_be_in()
    assert not record.proofs
    look(secret(), notes, QUIET, log=VALUE).must_be_in("ConfigMap notes", "the log of spark-0/connect")
    assert record.proofs[0].seen == "catalog/key in ConfigMap notes; catalog/key in the log of spark-0/connect"


@pytest.mark.parametrize("number", range(3))
def test_a_secret_in_any_of_several_events_is_found(number: int) -> None:
    events = [
        manifest(EVENT, f"e{each}", message=VALUE if each == number else "started", lastTimestamp=str(each))
        for each in range(3)
    ]
    told(f"Event e{number}", look(secret(), CONFIG, *events))
