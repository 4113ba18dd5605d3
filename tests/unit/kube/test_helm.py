"""What helm says of a failure is what people read first."""

from pathlib import Path

import pytest

from sparkproof.core.process import CommandFailed
from sparkproof.kube.helm import Helm


def test_the_reason_of_a_refusal_comes_first(tmp_path: Path) -> None:
    helm = tmp_path / "helm"
    helm.write_text(
        "#!/bin/sh\necho 'Error: execution error at (c/x.yaml:1:2): an impossible pair' >&2\n"
        "echo >&2\necho 'Use --debug flag to render out invalid YAML' >&2\nexit 1\n"
    )
    helm.chmod(0o755)
    with pytest.raises(CommandFailed) as failed:
        Helm(helm, tmp_path / "kubeconfig").template("spark", tmp_path, "team", values={})
    first = str(failed.value).splitlines()[0]
    assert first.endswith("exited with code 1: Error: execution error at (c/x.yaml:1:2): an impossible pair")


def test_what_helm_keeps_of_a_release_carries_the_labels_and_the_release_s_name(tmp_path: Path) -> None:
    helm, asked = tmp_path / "helm", tmp_path / "asked"
    helm.write_text(f'#!/bin/sh\necho "$@" >> {asked}\n')
    helm.chmod(0o755)
    Helm(helm, tmp_path / "kubeconfig").install("a", tmp_path, "team", values={})
    Helm(helm, tmp_path / "kubeconfig", labels={"run": "r1"}).install("b", tmp_path, "team", values={})
    plain, labelled = asked.read_text().splitlines()
    assert "--labels" not in plain
    assert "--labels run=r1,app.kubernetes.io/instance=b" in labelled
