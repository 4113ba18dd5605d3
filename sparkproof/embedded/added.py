"""Programs that run as pods of the embedded cluster once they are first needed: images, manifests, and their start."""

import string
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import yaml

from sparkproof.build import programs, scratch
from sparkproof.build.scratch import ScratchImage
from sparkproof.core import cache, process, timeouts
from sparkproof.core.wait import eventually
from sparkproof.embedded import lifecycle
from sparkproof.kube.client import Kube
from sparkproof.kube.labels import POD_SECURITY
from sparkproof.kube.objects import (
    CUSTOM_RESOURCE,
    DEPLOYMENT,
    NAMESPACE,
    Kind,
    Manifest,
    Manifests,
    is_rolled_out,
)

# The annotation of a namespace that says what was applied into it.
_APPLIED = "sparkproof.dev/applied"


def image(program: str, links: Sequence[str] = ()) -> str:
    """Return the reference of an image with this program, after building it and loading it into the node.

    The program is found under `links` too, paths without their leading slash. A program that is built otherwise under
    the same version has another reference, so that a node takes it anew. Raises process.CommandFailed.
    """
    holds = ScratchImage("", programs.build(program), tuple(links))
    build = cache.digest(str(holds.program), *holds.links)
    reference = f"localhost/sparkproof/{program}:{programs.version(program)}-{build[:8]}"
    made = cache.entry(
        f"added/{program}",
        cache.digest(reference, build),
        lambda folder: scratch.write_archive([replace(holds, reference=reference)], folder / "image.tar"),
    )
    lifecycle.load(made / "image.tar", reference)
    return reference


def text(program: str, read: Callable[[], str], *choice: str) -> str:
    """Return what `read` takes from the sources of a program; it is read once for each version and `choice`."""

    def make(folder: Path) -> None:
        (folder / "text").write_text(read())

    key = cache.digest(programs.version(program), *choice)
    return (cache.entry(f"added/{program}-sources", key, make) / "text").read_text()


def rendered(
    program: str, namespace: str, chart: Callable[[], Path], values: Path, reference: str, **words: str
) -> Manifests:
    """Return what a program's own `chart` renders for a release that is named as the program.

    The file of `values` has places for the repository and tag of the image, its `reference`, and for `words`.
    """
    repository, _, tag = reference.rpartition(":")
    given = string.Template(values.read_text()).substitute(repository=repository, tag=tag, **words)

    def read() -> str:
        command: list[str | Path] = [
            programs.build("helm"), "template", program, chart(),
            "--namespace", namespace, "--values", "-",
        ]  # fmt: skip
        return process.run(command, timeout_s=timeouts.TOOL, input_text=given).stdout

    return [each for each in yaml.load_all(text(program, read, given), Loader=yaml.CSafeLoader) if each]


def restricted(namespace: str) -> Manifest:
    """Return a namespace that admits restricted pods alone."""
    labels = {f"{POD_SECURITY}/enforce": "restricted"}
    return {"apiVersion": "v1", "kind": NAMESPACE.name, "metadata": {"name": namespace, "labels": labels}}


def apply(kube: Kube, namespace: str, groups: Iterable[Manifests]) -> None:
    """Apply groups of manifests one after another; wait until each group's kinds are served and Deployments roll out.

    Nothing is applied into a namespace that has had the same. Raises wait.GaveUp when something does not come up.
    """
    wanted = list(groups)
    digest = cache.digest(repr(wanted))
    applied = (kube.get(NAMESPACE, namespace) or {}).get("metadata", {}).get("annotations", {}).get(_APPLIED)
    for manifests in wanted:
        if applied != digest:
            for manifest in manifests:
                kube.apply(manifest)
        for kind, name in ((each["kind"], each["metadata"]["name"]) for each in manifests):
            if kind == DEPLOYMENT.name:
                await_roll_out(kube, DEPLOYMENT, name, namespace)
            elif kind == CUSTOM_RESOURCE.name:
                _await_service(kube, name)
    if applied != digest:
        kube.patch(NAMESPACE, namespace, {"metadata": {"annotations": {_APPLIED: digest}}})


def await_roll_out(kube: Kube, kind: Kind, name: str, namespace: str) -> None:
    """Wait until the workload of this kind and name has rolled out; raises wait.GaveUp."""
    eventually(
        f"the start of {name} in {namespace}",
        lambda: kube.get(kind, name, namespace) or {},
        is_rolled_out,
        within_s=timeouts.POD_READY,
    )


def _await_service(kube: Kube, definition: str) -> None:
    eventually(
        f"the API of {definition}",
        lambda: (kube.get(CUSTOM_RESOURCE, definition) or {}).get("status", {}).get("conditions") or [],
        lambda conditions: any(each["type"] == "Established" and each["status"] == "True" for each in conditions),
        within_s=timeouts.API_CALL,
    )
