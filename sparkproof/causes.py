"""Says in one sentence why pods of a namespace are not what they should be, from what the API server knows."""

from collections.abc import Iterator

from sparkproof.kube import POD, Kube, Manifest, Unreachable

_LAST_WORDS = 3


def why(kube: Kube, namespace: str, *, labels: str = "") -> str:
    """The known causes, one sentence each, most telling first; "" when nothing looks wrong."""
    pods = kube.list(POD, namespace, labels=labels)
    found = [sentence for pod in pods for sentence in of_pod(kube, pod)]
    refusals = (event for event in kube.events(namespace) if event["type"] == "Warning")
    words = [f"{event['reason']}: {event['message']}" for event in refusals]
    return "\n".join(dict.fromkeys([*found, *words[-_LAST_WORDS:]]))


def of_pod(kube: Kube, pod: Manifest) -> Iterator[str]:
    """Why this pod is not running and ready: the scheduler's, the kubelet's or the program's own last words."""
    name, namespace, status = pod["metadata"]["name"], pod["metadata"]["namespace"], pod.get("status", {})
    for condition in status.get("conditions", []):
        if condition["type"] == "PodScheduled" and condition["status"] == "False":
            yield f"Pod {name} is not scheduled: {condition.get('message', condition.get('reason'))}"
    for container in [*status.get("initContainerStatuses", []), *status.get("containerStatuses", [])]:
        yield from _of_container(kube, name, namespace, container)


def transient(error: BaseException) -> bool:
    """Whether an error is the infrastructure's and worth one more attempt: the API server did not answer."""
    return isinstance(error, Unreachable)


def hopeless(pod: Manifest) -> str | None:
    """Why this pod can no longer become ready without a change from outside, or None while it still may."""
    name, status = pod["metadata"]["name"], pod.get("status", {})
    if status.get("phase") in ("Failed", "Succeeded"):
        return f"pod {name} has ended ({status.get('reason') or status['phase']})"
    for container in [*status.get("initContainerStatuses", []), *status.get("containerStatuses", [])]:
        waiting = container.get("state", {}).get("waiting", {}).get("reason", "")
        if waiting in ("ErrImageNeverPull", "InvalidImageName", "ImagePullBackOff", "CreateContainerConfigError"):
            return f"container {container['name']} of pod {name} cannot start ({waiting})"
        if waiting == "CrashLoopBackOff":
            return f"container {container['name']} of pod {name} has crashed {container['restartCount']} times"
    return None


def _of_container(kube: Kube, pod: str, namespace: str, container: Manifest) -> Iterator[str]:
    name = container["name"]
    waiting = container.get("state", {}).get("waiting", {})
    if waiting.get("reason") not in (None, "ContainerCreating", "PodInitializing", "CrashLoopBackOff"):
        yield f"Container {name} of pod {pod} waits: {waiting['reason']}: {waiting.get('message', '')}"
    ended = container.get("state", {}).get("terminated") or container.get("lastState", {}).get("terminated")
    if ended and ended["exitCode"] != 0:
        previous = "terminated" not in container.get("state", {})
        log = kube.logs(pod, namespace, container=name, previous=previous).strip()
        why_killed = (
            "was killed for memory" if ended.get("reason") == "OOMKilled" else f"exited with {ended['exitCode']}"
        )
        yield f"Container {name} of pod {pod} {why_killed}. {_telling(log)}"


def _telling(log: str) -> str:
    """The line of a program's log that most likely names its end: the last exception, else its last line."""
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    raised = [line for line in lines if "Exception:" in line or "Error:" in line]
    return f"Its log says: {(raised or lines)[-1]}" if lines else "It logged nothing."
