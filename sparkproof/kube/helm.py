"""Helm on one cluster: renders a release, installs, upgrades or uninstalls it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import yaml
from tenacity import Retrying, retry_if_exception, stop_after_delay, wait_fixed

from sparkproof.core import process, timeouts
from sparkproof.kube.client import Kube
from sparkproof.kube.labels import RELEASE
from sparkproof.kube.marked import made
from sparkproof.kube.objects import Manifest, selector

# The last line of helm for every value that a template refuses; without this, it would be shown as the reason.
_HINT = "Use --debug flag to render out invalid YAML"
# What helm says where two runs install a kept platform at the same time.
_OTHERS_ARE_AT_IT = ("release: already exists", "another operation (install/upgrade/rollback) is in progress")
_BETWEEN_TRIES_S = 2.0
_MADE_BY_HELM = "app.kubernetes.io/managed-by=Helm"


@dataclass(frozen=True)
class Helm:
    """The helm program aimed at one context of one kubeconfig.

    `labels` are those of what it keeps of releases, with the name of the release beside them.
    """

    binary: Path
    kubeconfig: Path
    context: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict)

    def install(
        self, release: str, chart: Path, namespace: str, *, values: Mapping[str, Any], presets: Sequence[Path] = ()
    ) -> None:
        """Install or upgrade `release`; returns when the API server has every object, and not when pods are ready.

        `presets` are values files, weakest first; `values` win over them. While somebody else installs it, this waits.
        Raises process.CommandFailed.
        """
        arguments = ["upgrade", "--install", release, str(chart), "--namespace", namespace]
        if self.labels:
            arguments += ["--labels", selector({**self.labels, RELEASE: release})]
        retrying = Retrying(
            retry=retry_if_exception(_is_in_the_way),
            stop=stop_after_delay(timeouts.HELM_OF_OTHERS),
            wait=wait_fixed(_BETWEEN_TRIES_S),
            reraise=True,
        )
        retrying(self._fill, arguments, values, presets)

    def test(self, release: str, namespace: str) -> str:
        """Run the release's own tests one after the other until one fails; returns how each ended, as text.

        Raises process.CommandFailed, which has the text so far.
        """
        limit = ["--timeout", f"{timeouts.HELM_TEST:g}s"]
        return self._run(["test", release, "--namespace", namespace, *limit], within_s=timeouts.HELM_TEST)

    def uninstall(self, release: str, namespace: str) -> None:
        """Remove the objects of the release except those that it keeps; does not wait until they are gone.

        Raises process.CommandFailed.
        """
        self._run(["uninstall", release, "--namespace", namespace])

    def template(
        self, release: str, chart: Path, namespace: str, *, values: Mapping[str, Any], presets: Sequence[Path] = ()
    ) -> str:
        """Return the manifests that `install` would apply, as text; nothing is sent. Raises process.CommandFailed."""
        return self._fill(["template", release, str(chart), "--namespace", namespace], values, presets)

    def _fill(self, arguments: Sequence[str], values: Mapping[str, Any], presets: Sequence[Path]) -> str:
        files = [part for preset in presets for part in ("--values", str(preset))]
        return self._run([*arguments, *files, "--values", "-"], yaml.safe_dump(dict(values)))

    def _run(
        self, arguments: Sequence[str], input_text: str | None = None, *, within_s: float = timeouts.HELM_INSTALL
    ) -> str:
        aimed = ["--kubeconfig", str(self.kubeconfig)]
        if self.context:
            aimed += ["--kube-context", self.context]
        done = process.run([self.binary, *arguments, *aimed], timeout_s=within_s, input_text=input_text, check=False)
        if done.exit_code != 0:
            without_hint = replace(done, stderr=done.stderr.replace(_HINT, ""))
            raise process.CommandFailed(without_hint, f"exited with code {done.exit_code}")
        return done.stdout


def _is_in_the_way(error: BaseException) -> bool:
    """Return True if helm failed because somebody else was at the same release."""
    said = error.completed.stderr if isinstance(error, process.CommandFailed) else ""
    return any(words in said for words in _OTHERS_ARE_AT_IT)


def cluster_wide(kube: Kube, namespaces: Collection[str], release: str | None = None) -> list[Manifest]:
    """Return the cluster-wide objects that helm made for releases in these namespaces, or for one of that name.

    Nobody's namespace takes them along when it goes.
    """
    return [
        found
        for kind in kube.kinds(namespaced=False)
        for found in made(kube, kind, labels=_MADE_BY_HELM)
        if _of(found, "release-namespace") in namespaces and release in (None, _of(found, "release-name"))
    ]


def _of(found: Manifest, what: str) -> str | None:
    """Return what helm noted about the release of an object that it made."""
    annotations: dict[str, str] = found["metadata"].get("annotations", {})
    return annotations.get(f"meta.helm.sh/{what}")
