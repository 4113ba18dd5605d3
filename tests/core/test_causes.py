"""Causes: when waiting for a pod is hopeless, and when it is not."""

from typing import Any

import pytest

from sparkproof import causes


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
    assert words in (causes.hopeless(state) or "")


@pytest.mark.parametrize("state", [pod(phase="Pending"), pod(containerStatuses=[waiting("ContainerCreating")]), pod()])
def test_a_pod_that_is_on_its_way_is_not_hopeless(state: dict[str, Any]) -> None:
    assert causes.hopeless(state) is None
