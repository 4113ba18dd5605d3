"""What a pod that is not ready waits for, in words; and how often a long wait says it."""

from typing import Any

import pytest

from sparkproof.core.progress import Waiting
from sparkproof.kube import diagnosis

SCHEDULED = {"type": "PodScheduled", "status": "True"}
PULLING = {"involvedObject": {"name": "spark-0"}, "reason": "Pulling"}


def pod(*conditions: dict[str, str], **status: Any) -> dict[str, Any]:
    return {"metadata": {"name": "spark-0"}, "status": {"conditions": [*conditions], **status}}


def container(**state: Any) -> dict[str, Any]:
    return {"name": "connect", "image": "spark:4.1.1", "ready": False, "state": state}


CREATING = pod(SCHEDULED, containerStatuses=[container(waiting={"reason": "ContainerCreating"})])


@pytest.mark.parametrize(
    ("found", "events", "words"),
    [
        (pod(), [], "spark-0 waits for a node"),
        (pod({"type": "PodScheduled", "status": "False"}), [], "spark-0 waits for a node"),
        (CREATING, [PULLING], "spark-0 pulls spark:4.1.1"),
        (CREATING, [PULLING, {**PULLING, "reason": "Pulled"}], "spark-0: connect is ContainerCreating"),
        (CREATING, [{**PULLING, "involvedObject": {"name": "other"}}], "spark-0: connect is ContainerCreating"),
        (pod(SCHEDULED, containerStatuses=[container(running={})]), [], "spark-0 runs and is not ready"),
        (pod(SCHEDULED, initContainerStatuses=[container(running={})]), [], "spark-0 runs connect"),
        (pod(SCHEDULED, {"type": "Ready", "status": "True"}), [], ""),
    ],
)
def test_a_pod_says_what_it_waits_for(found: dict[str, Any], events: list[dict[str, Any]], words: str) -> None:
    assert diagnosis.state(found, events) == words


def test_a_long_wait_says_what_is_new_and_nothing_twice(capsys: pytest.CaptureFixture[str]) -> None:
    waiting = Waiting("waiting for the platform", every_s=0)
    for text in ("a pulls", "a pulls", "", "a runs"):
        waiting.look(lambda text=text: text)  # type: ignore[misc]
    assert [line.partition("s: ")[2] for line in capsys.readouterr().err.splitlines()] == ["a pulls", "a runs"]
    Waiting("waiting", every_s=60).look(lambda: pytest.fail("it is too early to say something"))
