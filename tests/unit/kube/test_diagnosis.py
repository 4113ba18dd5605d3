"""Causes: what the states, events, nodes and logs of a namespace tell, by class; and when a wait is unrecoverable."""

from datetime import UTC, datetime
from typing import Any, cast

import pytest

from sparkproof.core import evidence
from sparkproof.core.errors import Cause, CheckFailed, Reason, SparkproofError
from sparkproof.core.process import CommandFailed, Completed
from sparkproof.core.wait import GaveUp
from sparkproof.kube import diagnosis
from sparkproof.kube.client import Kube
from sparkproof.kube.errors import Refused, Unreachable
from sparkproof.kube.objects import Kind


def pod(**status: Any) -> dict[str, Any]:
    return {"metadata": {"name": "spark-0", "namespace": "team"}, "status": status}


def waiting(reason: str) -> dict[str, Any]:
    return {"name": "connect", "restartCount": 2, "state": {"waiting": {"reason": reason}}}


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (pod(phase="Failed", reason="Evicted"), "pod spark-0 has ended (Evicted)"),
        (pod(containerStatuses=[waiting("ImagePullBackOff")]), "cannot start (ImagePullBackOff)"),
        (pod(containerStatuses=[waiting("CrashLoopBackOff")]), "has crashed 2 times"),
        (pod(initContainerStatuses=[waiting("CreateContainerConfigError")]), "CreateContainerConfigError"),
    ],
)
def test_a_pod_that_cannot_become_ready_is_hopeless(state: dict[str, Any], words: str) -> None:
    assert words in (diagnosis.unrecoverable(state) or "")


SLOW_KUBELET = {
    "name": "metastore",
    "state": {
        "waiting": {
            "reason": "CreateContainerConfigError",
            "message": "failed to sync secret cache: timed out waiting for the condition",
        }
    },
}


@pytest.mark.parametrize(
    "state",
    [
        pod(phase="Pending"),
        pod(containerStatuses=[waiting("ContainerCreating")]),
        pod(containerStatuses=[SLOW_KUBELET]),
        pod(),
    ],
)
def test_a_pod_that_is_on_its_way_is_not_hopeless(state: dict[str, Any]) -> None:
    assert diagnosis.unrecoverable(state) is None


class Recorded:
    """Answers as an API server would, from what one was seen to say."""

    def __init__(self, pods: Any = (), nodes: Any = (), events: Any = (), log: str = "") -> None:
        self._lists = {"Pod": list(pods), "Node": list(nodes)}
        self._events, self._log = list(events), log

    def list(self, kind: Kind, _namespace: str | None = None) -> list[dict[str, Any]]:
        return self._lists[kind.name]

    def events(self, _namespace: str) -> Any:
        return self._events

    def logs(self, *_: Any, **__: Any) -> str:
        return self._log


def placed(**status: Any) -> dict[str, Any]:
    return {**pod(**status), "spec": {"nodeName": "node-1"}}


def event(reason: str, message: str, kind: str = "Warning") -> dict[str, Any]:
    about = {"kind": "StatefulSet", "name": "spark"}
    return {"type": kind, "reason": reason, "message": message, "involvedObject": about}


def of(uid: str, node: str = "") -> dict[str, Any]:
    found = pod(phase="Pending")
    return {**found, "metadata": {**found["metadata"], "uid": uid}, "spec": {"nodeName": node} if node else {}}


@pytest.mark.parametrize(
    ("pods", "reason", "told"),
    [
        ([of("1")], "FailedScheduling", True),
        ([], "FailedScheduling", True),
        ([of("2")], "FailedScheduling", False),
        ([of("1", node="node-1")], "FailedScheduling", False),
        ([of("1", node="node-1")], "FailedCreatePodSandBox", True),
        ([of("2", node="node-1")], "FailedCreatePodSandBox", False),
    ],
)
def test_an_event_of_an_earlier_pod_or_of_a_search_that_ended_is_no_cause(
    pods: list[dict[str, Any]], reason: str, told: bool
) -> None:
    about = {"kind": "Pod", "name": "spark-0", "uid": "1"}
    events = [{**event(reason, "its claim is being deleted"), "involvedObject": about}]
    found = diagnosis.why(cast(Kube, Recorded(pods, events=events)), "team")
    assert [cause.sentence for cause in found] == [f"pod spark-0: {reason}: its claim is being deleted"] * told


PULLING = {"name": "connect", "state": {"waiting": {"reason": "ErrImagePull", "message": "not found"}}}
KILLED = {"name": "connect", "state": {"terminated": {"reason": "OOMKilled", "exitCode": 137}}}
ENDED = {"name": "connect", "state": {}, "lastState": {"terminated": {"reason": "Error", "exitCode": 1}}}
AWAITS = {"name": "await-schema", "ready": False, "state": {"running": {}}}
UNPLACED = {"type": "PodScheduled", "status": "False", "message": "0/1 nodes are available: 1 Insufficient cpu."}
LOST = {"metadata": {"name": "node-1"}, "status": {"conditions": [{"type": "Ready", "status": "Unknown"}]}}
FORBIDDEN = 'ERROR x: Failure executing: POST at: https://a/pods. Message: pods "e" is forbidden: exceeded quota: team.'


@pytest.mark.parametrize(
    ("cluster", "trouble", "words"),
    [
        (Recorded([placed(containerStatuses=[PULLING])]), Reason.IMAGE, "waits: ErrImagePull: not found"),
        (Recorded([placed(containerStatuses=[KILLED])]), Reason.MEMORY, "was killed for memory"),
        (
            Recorded([placed(containerStatuses=[ENDED])], log="INFO\nx.NoSuchThingException: no\nbye"),
            Reason.PROGRAM,
            "exited with 1; its log says: x.NoSuchThingException: no",
        ),
        (
            Recorded([placed(initContainerStatuses=[AWAITS])], log='ERROR: relation "VERSION" does not exist'),
            Reason.OTHER,
            'pod spark-0 still runs its first container await-schema; its log says: ERROR: relation "VERSION" does not',
        ),
        (Recorded([placed(conditions=[UNPLACED])]), Reason.UNSCHEDULABLE, "finds no node: 0/1 nodes"),
        (Recorded([placed()], nodes=[LOST]), Reason.NODE, "node node-1 is not ready"),
        (Recorded(events=[event("FailedCreate", "exceeded quota: team")]), Reason.QUOTA, "statefulset spark: Failed"),
        (
            Recorded(events=[event("FailedCreate", 'admission webhook "policy" denied the request')]),
            Reason.WEBHOOK,
            "denied the request",
        ),
        (Recorded(log=FORBIDDEN), Reason.QUOTA, 'driver-0 was refused: pods "e" is forbidden: exceeded quota: team.'),
    ],
)
def test_each_class_of_trouble_is_told_in_a_sentence(cluster: Recorded, trouble: Reason, words: str) -> None:
    (cause,) = diagnosis.why(cast(Kube, cluster), "team", driver="driver-0")
    assert cause.reason is trouble
    assert words in cause.sentence
    assert "\n" not in cause.sentence


def test_what_looks_fine_has_no_cause() -> None:
    fine = placed(phase="Running", conditions=[{"type": "Ready", "status": "True"}])
    began = {"name": "await-schema", "ready": True, "state": {"terminated": {"reason": "Completed", "exitCode": 0}}}
    fine["status"]["initContainerStatuses"] = [began, {"name": "beside", "ready": True, "state": {"running": {}}}]
    events = [event("Scheduled", "ok", "Normal"), event("Unhealthy", "not yet"), event("UnexpectedJob", "by hand")]
    calm = Recorded([fine], [LOST], events, "INFO ok")
    assert diagnosis.why(cast(Kube, calm), "team", driver="driver-0") == []


def test_the_most_telling_cause_comes_first() -> None:
    events = [event("Odd", "who knows"), event("FailedCreate", "exceeded quota: team")]
    found = diagnosis.why(cast(Kube, Recorded([placed(containerStatuses=[PULLING])], events=events)), "team")
    assert [cause.reason for cause in found] == [Reason.IMAGE, Reason.QUOTA, Reason.OTHER]


def test_what_is_about_other_pods_than_those_that_are_waited_for_comes_last() -> None:
    pods = [placed(containerStatuses=[PULLING], initContainerStatuses=[AWAITS])]
    cluster = Recorded(pods, nodes=[LOST], events=[event("FailedCreate", "exceeded quota"), event("Odd", "who knows")])
    own = [Reason.IMAGE, Reason.OTHER]
    for of, order in (
        ((), [Reason.IMAGE, Reason.QUOTA, Reason.NODE, Reason.OTHER, Reason.OTHER]),
        (("spark-0",), [Reason.IMAGE, Reason.QUOTA, Reason.NODE, Reason.OTHER, Reason.OTHER]),
        (("other-1",), [Reason.NODE, Reason.IMAGE, Reason.QUOTA, Reason.OTHER, Reason.OTHER]),
    ):
        assert [cause.reason for cause in diagnosis.why(cast(Kube, cluster), "team", of=of)] == order
    scheduled = {**event("FailedScheduling", "0/1 nodes are available"), "involvedObject": {"kind": "Pod", "name": "x"}}
    other = Recorded(pods, events=[scheduled])
    for of, order in (
        ((), [Reason.IMAGE, Reason.UNSCHEDULABLE, Reason.OTHER]),
        (("spark-0",), [*own, Reason.UNSCHEDULABLE]),
        (("x",), [Reason.UNSCHEDULABLE, *own]),
    ):
        assert [cause.reason for cause in diagnosis.why(cast(Kube, other), "team", of=of)] == order


@pytest.mark.parametrize(("at", "told"), [(-60, 0), (-5, 1), (60, 1)])
def test_what_happened_before_the_scenario_is_no_cause(at: int, told: int) -> None:
    moment = datetime.fromtimestamp(evidence.begin().began + at, UTC)
    named = {"lastTimestamp": None, "eventTime": f"{moment:%Y-%m-%dT%H:%M:%S.%fZ}"}
    events = [{**event("FailedScheduling", "no node for another scenario's pod"), **named}]
    assert len(diagnosis.why(cast(Kube, Recorded(events=events)), "team")) == told


def helm(stderr: str) -> CommandFailed:
    return CommandFailed(Completed(("helm", "upgrade"), 1, "", stderr, 1.0), "exited with code 1")


@pytest.mark.parametrize(
    ("error", "trouble", "again"),
    [
        (GaveUp("it did not come", [Cause(Reason.IMAGE, "x")]), Reason.IMAGE, True),
        (GaveUp("it did not come", [Cause(Reason.NODE, "x")]), Reason.NODE, True),
        *(
            (GaveUp("it did not come", [Cause(each, "x")]), each, False)
            for each in Reason
            if each not in (Reason.IMAGE, Reason.NODE, Reason.API)
        ),
        (GaveUp("it did not come"), None, False),
        (Unreachable("no answer"), Reason.API, True),
        (Refused("apply it", 503, "unavailable"), Reason.API, True),
        (Refused("apply it", 403, "exceeded quota: team"), Reason.QUOTA, False),
        (Refused("apply it", 403, 'admission webhook "p" denied the request'), Reason.WEBHOOK, False),
        (helm("Error: Kubernetes cluster unreachable: connection refused"), Reason.API, True),
        (helm("Error: execution error at x: impossible pair"), Reason.OTHER, False),
        (CheckFailed("rows differ"), None, False),
        (AssertionError("rows differ"), None, False),
        (SparkproofError("something"), Reason.OTHER, False),
    ],
)
def test_only_the_infrastructures_own_trouble_is_worth_another_attempt(
    error: BaseException, trouble: Reason | None, again: bool
) -> None:
    assert diagnosis.reason(error) is trouble
    assert diagnosis.transient(error) is again
