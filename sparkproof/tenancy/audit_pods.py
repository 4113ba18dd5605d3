"""The rules of a security audit that are about pods: each yields findings, as (rule, whose, what is wrong)."""

import re
from collections.abc import Iterator

from sparkproof.kube.objects import Manifest
from sparkproof.tenancy.inventory import Inventory, containers

Finding = tuple[str, str, str]
_SECRET_NAME = re.compile(r"(?i)(passw|secret|token|credential|api_?key|access_?key|private_?key)")
# What such a variable may hold openly: a path, a switch, a number, the name of another variable.
_HARMLESS = re.compile(r"(/.*|true|false|\d+|\$\(\w+\)|)")
# The group is the name of what is shown; it has none of the secret.
_IN_WORDS = re.compile(
    r"(?i)((?:passw\w*|secret\w*|token|api_?key)[\"']?\s*[=:]\s*[\"']?)(?!\$|/)[^\s\"']+"
    # An option and its value in the next word.
    r"|((?<!\S)--?[\w-]*(?:passw\w*|secret|token|api[_-]?key)\s)\s*(?![-$/])\S"
)
_IN_A_URL = re.compile(r"://[^\s/:@$]+:[^\s/@$]+@")
_HOST = ("hostNetwork", "hostPID", "hostIPC")
_EVERY_PODS = "default"


def accounts(found: Inventory) -> Iterator[Finding]:
    """Yield the pods that run as the account that every pod gets that asks for none."""
    for pod in found.pods:
        if pod["spec"].get("serviceAccountName", _EVERY_PODS) == _EVERY_PODS:
            yield "accounts", _name(pod), "it runs as the default account"


def tokens(found: Inventory) -> Iterator[Finding]:
    """Yield the pods that have a token of an account that may do nothing: it says only who they are."""
    for pod in found.pods:
        sources = (each.get("projected", {}).get("sources") or [] for each in pod["spec"].get("volumes") or [])
        account = pod["spec"].get("serviceAccountName", _EVERY_PODS)
        if any("serviceAccountToken" in each for own in sources for each in own) and account not in found.bound:
            yield "tokens", _name(pod), f"it has a token of {account}, which no RoleBinding of the namespace names"


def privileges(found: Inventory) -> Iterator[Finding]:
    """Yield the pods whose programs may run as root, gain rights, or make system calls that are not filtered."""
    for pod, container, context in _contexts(found):
        if context.get("privileged"):
            yield "privileges", _name(pod), f"container {container} is privileged"
        if context.get("runAsNonRoot") is not True or context.get("runAsUser") == 0:
            yield "privileges", _name(pod), f"container {container} may run as root"
        if context.get("allowPrivilegeEscalation") is not False:
            yield "privileges", _name(pod), f"container {container} may gain rights"
        if context.get("seccompProfile", {}).get("type") not in ("RuntimeDefault", "Localhost"):
            yield "privileges", _name(pod), f"container {container} may make any system call"


def capabilities(found: Inventory) -> Iterator[Finding]:
    """Yield the pods whose containers keep or add capabilities."""
    for pod, container, context in _contexts(found):
        own = context.get("capabilities") or {}
        if added := sorted(own.get("add") or []):
            yield "capabilities", _name(pod), f"container {container} adds {', '.join(added)}"
        if "ALL" not in (own.get("drop") or []):
            yield "capabilities", _name(pod), f"container {container} does not drop ALL"


def host(found: Inventory) -> Iterator[Finding]:
    """Yield the pods that use the node's network, processes or files."""
    for pod in found.pods:
        used = [each for each in _HOST if pod["spec"].get(each)]
        volumes = pod["spec"].get("volumes") or []
        used += [f"hostPath {each['hostPath']['path']}" for each in volumes if "hostPath" in each]
        if used:
            yield "the node", _name(pod), f"it uses {', '.join(used)}"


def images(found: Inventory) -> Iterator[Finding]:
    """Yield the pods with an image that may be another one tomorrow: `latest`, or no tag and no digest."""
    for pod in found.pods:
        for image in sorted({container["image"] for container in containers(pod)}):
            tag = image.rpartition("/")[2].partition(":")[2]
            if "@sha256:" not in image and tag in ("", "latest"):
                yield "images", _name(pod), f"{image} has neither a digest nor a tag that stays"


def environment(found: Inventory) -> Iterator[Finding]:
    """Yield the pods with a variable that is named like a secret and has its value in the manifest, or a password.

    A password is known by its place in a URL, whatever the variable's name.
    """
    for pod in found.pods:
        for container in containers(pod):
            for variable in container.get("env") or []:
                value = variable.get("value") or ""
                if _SECRET_NAME.search(variable["name"]) and not _HARMLESS.fullmatch(value):
                    yield "secrets in variables", _name(pod), f"{variable['name']} of {container['name']} has its value"
                elif _IN_A_URL.search(value):
                    about = f"{variable['name']} of {container['name']} is a URL with a password"
                    yield "secrets in variables", _name(pod), about


def arguments(found: Inventory) -> Iterator[Finding]:
    """Yield the pods whose programs get something that reads like a secret as an argument."""
    for pod in found.pods:
        for container in containers(pod):
            words = " ".join([*(container.get("command") or []), *(container.get("args") or [])])
            shown = _IN_WORDS.search(words)
            if shown or _IN_A_URL.search(words):
                like = f"{shown[1] or shown[2]}..." if shown else "a URL with a password"
                yield "secrets in arguments", _name(pod), f"container {container['name']} has an argument like {like}"


def _contexts(found: Inventory) -> Iterator[tuple[Manifest, str, Manifest]]:
    """Yield each container with its name and its security context, into which that of its pod goes."""
    for pod in found.pods:
        for container in containers(pod):
            own = pod["spec"].get("securityContext") or {}
            yield pod, container["name"], {**own, **(container.get("securityContext") or {})}


def _name(pod: Manifest) -> str:
    return f"Pod {pod['metadata']['name']}"
