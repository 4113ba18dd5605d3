"""The diagnosis of pods, nodes and errors: the reason of a problem as a class and as one sentence."""

import re
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime

from sparkproof.core import evidence
from sparkproof.core.errors import Cause, Reason, SparkproofError
from sparkproof.core.process import CommandFailed, telling_line
from sparkproof.core.wait import GaveUp
from sparkproof.kube import nodes
from sparkproof.kube.client import Kube
from sparkproof.kube.errors import Refused, Unreachable
from sparkproof.kube.objects import NODE, POD, Manifest, Manifests, condition, has_ended, last_seen

# Reasons that may be gone at the next attempt although nobody changed anything; all others would only fail again.
TRANSIENT = frozenset({Reason.IMAGE, Reason.NODE, Reason.API})

_CANNOT_START = ("ErrImageNeverPull", "InvalidImageName", "ImagePullBackOff", "CreateContainerConfigError")
# How the kubelet begins to say that the node is the cause, and not what the pod itself used.
_LOW = ("The node was low on resource", "Pod was rejected: The node had condition")
_OF_A_NODE = (Reason.UNSCHEDULABLE, Reason.NODE)
_LAST_WORDS = 3
_LAST_EVENTS = 50
# The seconds by which the clocks of a cluster and of this machine may differ.
_CLOCKS_S = 10
# A CronJob tells of each Job that somebody made from it by hand.
_HARMLESS_EVENTS = ("Unhealthy", "BackOff", "FailedMount", "UnexpectedJob")
_WORDS: Mapping[str, Reason] = {
    r"exceeded quota": Reason.QUOTA,
    r"admission webhook": Reason.WEBHOOK,
    r"Insufficient|nodes are available": Reason.UNSCHEDULABLE,
    r"ErrImagePull|ImagePullBackOff|Failed to pull image|InvalidImageName": Reason.IMAGE,
    r"OOMKilled": Reason.MEMORY,
    r"NodeNotReady|NodeLost": Reason.NODE,
    r"connection refused|i/o timeout|TLS handshake timeout|cluster unreachable": Reason.API,
}
_PULLS = ("ErrImagePull", "ImagePullBackOff", "ErrImageNeverPull", "InvalidImageName")


def transient(error: BaseException) -> bool:
    """True if an error comes from the infrastructure and may be gone at the next attempt."""
    return reason(error) in TRANSIENT


def reason(error: BaseException) -> Reason | None:
    """Return the reason behind an error; None when it comes from the criterion itself or from the suite."""
    if isinstance(error, GaveUp):
        return error.causes[0].reason if error.causes else None
    if isinstance(error, Unreachable):
        return Reason.API
    if isinstance(error, Refused):
        return Reason.API if error.code >= 500 or error.code == 429 else in_words(error.message)
    if isinstance(error, CommandFailed):
        return in_words(error.completed.stderr)
    return Reason.OTHER if isinstance(error, SparkproofError) else None


def in_words(text: str) -> Reason:
    """Return the reason that the words of an event, a refusal or a log stand for; Reason.OTHER for unknown words."""
    return next((found for words, found in _WORDS.items() if re.search(words, text)), Reason.OTHER)


def why(kube: Kube, namespace: str, *, driver: str | None = None, of: Collection[str] = ()) -> list[Cause]:
    """Return the known causes of trouble in a namespace, in the order of Reason; [] when nothing looks wrong.

    They come from the states of its pods, their nodes, its warning events, and the refusals in the log of the pod
    `driver`. What is about other pods than `of`, if any are named, comes last.
    """
    pods = kube.list(POD, namespace)
    waiting = [(pod["metadata"]["name"], cause) for pod in pods for cause in of_pod(kube, pod)]
    refusing = any(cause.reason in _OF_A_NODE for _, cause in waiting)
    found = [("", cause) for cause in _of_nodes(kube, pods, refusing=refusing)] + waiting
    lasting = [event for event in kube.events(namespace) if not _is_over(event, pods)]
    told = ((event["involvedObject"]["name"], _of_event(event)) for event in lasting[-_LAST_EVENTS:])
    found += [(about, cause) for about, cause in told if cause]
    if driver:
        found += [("", cause) for cause in _in_log(driver, kube.logs(driver, namespace))]
    kept = {cause: about for about, cause in found}

    def rank(cause: Cause) -> tuple[bool, int]:
        # A pod's name begins with that of what made it.
        of_others = bool(of) and not any(pod.startswith(kept[cause]) for pod in of)
        return of_others, list(Reason).index(cause.reason)

    return sorted(kept, key=rank)


def of_pod(kube: Kube, pod: Manifest) -> Iterator[Cause]:
    """Yield the causes why this pod does not run or is not ready, in words of scheduler, kubelet or program."""
    name, namespace, status = pod["metadata"]["name"], pod["metadata"]["namespace"], pod.get("status", {})
    scheduled = condition(pod, "PodScheduled")
    if scheduled.get("status") == "False":
        words = scheduled.get("message", scheduled.get("reason"))
        yield Cause(Reason.UNSCHEDULABLE, f"pod {name} finds no node: {words}")
    if status.get("reason") == "Evicted":
        words = status.get("message", "").strip()
        low = words.startswith(_LOW)
        free = nodes.free(kube, pod["spec"]["nodeName"]) if low else ""
        yield Cause(Reason.NODE if low else Reason.OTHER, f"pod {name} was evicted: {words}{free}")
        # How its containers ended follows from that.
        return
    for container in _containers(status):
        yield from _of_container(kube, name, namespace, container)
    for container in status.get("initContainerStatuses", []):
        if "running" in container.get("state", {}) and not container.get("ready"):
            words = _last_words(kube.logs(name, namespace, container=container["name"]))
            yield Cause(Reason.OTHER, f"pod {name} still runs its first container {container['name']}; {words}")


def ready(pod: Manifest) -> bool:
    """True if the pod's own condition says that it is ready."""
    return condition(pod, "Ready").get("status") == "True"


def state(pod: Manifest, events: Manifests) -> str:
    """Return what a pod that is not ready waits for, in words: "spark-connect-0 pulls spark:4.1.1"; "" if it is ready.

    `events` are those of its namespace, oldest first.
    """
    name, status = pod["metadata"]["name"], pod.get("status", {})
    if ready(pod) or status.get("phase") == "Succeeded":
        return ""
    if condition(pod, "PodScheduled").get("status", "False") == "False":
        return f"{name} waits for a node"
    for container in _containers(status):
        current = container.get("state", {})
        if waiting := current.get("waiting"):
            own = [each for each in events if each["involvedObject"]["name"] == name]
            pulls = next((each for each in reversed(own) if each["reason"] in ("Pulling", "Pulled")), None)
            if pulls and pulls["reason"] == "Pulling" and waiting["reason"] in ("ContainerCreating", "PodInitializing"):
                return f"{name} pulls {container.get('image', 'its image')}"
            return f"{name}: {container['name']} is {waiting['reason']}"
        if "running" in current and not container.get("ready") and container in status.get("initContainerStatuses", []):
            return f"{name} runs {container['name']}"
    return f"{name} runs and is not ready"


def unrecoverable(pod: Manifest) -> str | None:
    """Return why this pod can no longer become ready without a change from outside, or None while it still may."""
    name, status = pod["metadata"]["name"], pod.get("status", {})
    if has_ended(pod):
        return f"pod {name} has ended ({status.get('reason') or status['phase']})"
    for container in _containers(status):
        state = container.get("state", {}).get("waiting", {})
        waiting = state.get("reason", "")
        # The kubelet of a busy node does not know a Secret yet, and asks again.
        passing = state.get("message", "").startswith("failed to sync")
        if waiting in _CANNOT_START and not passing:
            return f"container {container['name']} of pod {name} cannot start ({waiting})"
        if waiting == "CrashLoopBackOff":
            return f"container {container['name']} of pod {name} has crashed {container['restartCount']} times"
    return None


def _containers(status: Manifest) -> list[Manifest]:
    return [*status.get("initContainerStatuses", []), *status.get("containerStatuses", [])]


def _of_container(kube: Kube, pod: str, namespace: str, container: Manifest) -> Iterator[Cause]:
    name = container["name"]
    waiting = container.get("state", {}).get("waiting", {})
    if waiting.get("reason") not in (None, "ContainerCreating", "PodInitializing", "CrashLoopBackOff"):
        sentence = f"container {name} of pod {pod} waits: {waiting['reason']}: {waiting.get('message', '')}"
        yield Cause(Reason.IMAGE if waiting["reason"] in _PULLS else Reason.OTHER, sentence)
    ended = container.get("state", {}).get("terminated") or container.get("lastState", {}).get("terminated")
    if ended and ended.get("reason") == "OOMKilled":
        yield Cause(Reason.MEMORY, f"container {name} of pod {pod} was killed for memory")
    elif ended and ended["exitCode"] != 0:
        previous = "terminated" not in container.get("state", {})
        log = kube.logs(pod, namespace, container=name, previous=previous)
        sentence = f"container {name} of pod {pod} exited with {ended['exitCode']}; {_last_words(log)}"
        yield Cause(Reason.PROGRAM, sentence)


def _of_nodes(kube: Kube, pods: Manifests, *, refusing: bool) -> list[Cause]:
    """Return the causes that lie in nodes: of pods that are not ready, and of all that are `refusing` pods."""
    names = {pod["spec"].get("nodeName") for pod in pods if not ready(pod)} - {None}
    if not names and not refusing:
        return []
    try:
        listed = kube.list(NODE)
    except Refused:
        return []
    lost = [node["metadata"]["name"] for node in listed if node["metadata"]["name"] in names and not ready(node)]
    closed = nodes.found_closed(kube, listed) if refusing else []
    return [
        *(Cause(Reason.NODE, f"node {name} is not ready") for name in lost),
        *(Cause(Reason.UNSCHEDULABLE, sentence) for sentence in closed),
    ]


def _is_over(event: Manifest, pods: Manifests) -> bool:
    """Return True if an event is no cause of what goes wrong now.

    It is from before the scenario, about an earlier pod of the same name, or about the search for a node that is found.
    Executors get other names: what was said of one that is gone explains why there are too few.
    """
    at = last_seen(event)
    if at and datetime.fromisoformat(at).timestamp() < evidence.began() - _CLOCKS_S:
        return True
    about = event["involvedObject"]
    named = (pod for pod in pods if (about["kind"], about["name"]) == (POD.name, pod["metadata"]["name"]))
    if (pod := next(named, None)) is None:
        return False
    uid = pod["metadata"].get("uid")
    return about.get("uid", uid) != uid or (event["reason"] == "FailedScheduling" and bool(pod["spec"].get("nodeName")))


def _of_event(event: Manifest) -> Cause | None:
    if event["type"] != "Warning" or event["reason"] in _HARMLESS_EVENTS:
        return None
    words = f"{event['reason']}: {event['message']}"
    return Cause(
        in_words(words), f"{event['involvedObject']['kind'].lower()} {event['involvedObject']['name']}: {words}"
    )


def _in_log(pod: str, log: str) -> list[Cause]:
    """Return the API server's refusals in a log: a driver asks for executors, and no event reports its refusal."""
    refused = [line.strip() for line in log.splitlines() if "is forbidden" in line or "admission webhook" in line]
    messages = [re.sub(r"^.*?Message: ", "", line)[:400] for line in refused[-_LAST_WORDS:]]
    return [Cause(in_words(words), f"{pod} was refused: {words}") for words in messages]


def _last_words(log: str) -> str:
    telling = telling_line(log)
    return f"its log says: {telling}" if telling else "it logged nothing"
