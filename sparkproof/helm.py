"""Helm on one cluster: renders a release, installs it, or upgrades it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from sparkproof import process, timeouts


@dataclass(frozen=True)
class Helm:
    """The helm program aimed at one context of one kubeconfig."""

    binary: Path
    kubeconfig: Path
    context: str | None = None

    def install(
        self, release: str, chart: Path, namespace: str, *, values: Mapping[str, Any], presets: Sequence[Path] = ()
    ) -> None:
        """Install or upgrade `release`; returns once the API server has taken every object, not when pods are ready.

        `presets` are values files, weakest first; `values` win over them. Raises process.CommandFailed.
        """
        self._run(["upgrade", "--install", release, str(chart), "--namespace", namespace], values, presets)

    def template(
        self, release: str, chart: Path, namespace: str, *, values: Mapping[str, Any], presets: Sequence[Path] = ()
    ) -> str:
        """The manifests that `install` would apply, as text; nothing is sent. Raises process.CommandFailed."""
        return self._run(["template", release, str(chart), "--namespace", namespace], values, presets)

    def _run(self, arguments: Sequence[str], values: Mapping[str, Any], presets: Sequence[Path]) -> str:
        files = [part for preset in presets for part in ("--values", str(preset))]
        aimed = ["--kubeconfig", str(self.kubeconfig)]
        if self.context:
            aimed += ["--kube-context", self.context]
        return process.run(
            [self.binary, *arguments, *files, "--values", "-", *aimed],
            timeout_s=timeouts.HELM_INSTALL,
            input_text=yaml.safe_dump(dict(values)),
        ).stdout
