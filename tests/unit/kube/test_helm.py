"""Helm: where it is aimed, what it is told, and what it says of a failure, which people read first."""

from pathlib import Path

import pytest

from sparkproof.core import process, timeouts
from sparkproof.core.process import CommandFailed, Completed
from sparkproof.kube import helm as helm_module
from sparkproof.kube.helm import Helm, cluster_wide
from sparkproof.kube.objects import CLUSTER_ROLE, Manifest
from tests.support.recorded import RecordedKube, manifest


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


@pytest.mark.parametrize(
    "words", ["release: already exists", "another operation (install/upgrade/rollback) is in progress"]
)
def test_a_release_that_somebody_else_installs_is_tried_again(
    words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(helm_module, "_BETWEEN_TRIES_S", 0.0)
    helm, asked = tmp_path / "helm", tmp_path / "asked"
    helm.write_text(
        f"#!/bin/sh\necho x >> {asked}\n[ $(wc -l < {asked}) = 3 ] || {{ echo 'Error: {words}' >&2; exit 1; }}\n"
    )
    helm.chmod(0o755)
    Helm(helm, tmp_path / "kubeconfig").install("a", tmp_path, "team", values={})
    assert asked.read_text() == "x\n" * 3


def test_who_waits_for_somebody_else_waits_not_for_ever_and_for_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    helm, asked = tmp_path / "helm", tmp_path / "asked"
    for words, others_s in (("release: already exists", 0.0), ("no room", timeouts.HELM_OF_OTHERS)):
        monkeypatch.setattr(timeouts, "HELM_OF_OTHERS", others_s)
        helm.write_text(f"#!/bin/sh\necho x >> {asked}\necho 'Error: {words}' >&2; exit 1\n")
        helm.chmod(0o755)
        with pytest.raises(CommandFailed, match=words):
            Helm(helm, tmp_path / "kubeconfig").install("a", tmp_path, "team", values={})
    assert asked.read_text() == "x\n" * 2


@pytest.fixture
def noting(tmp_path: Path) -> Path:
    """A helm that notes its arguments and what is written to it."""
    helm = tmp_path / "noting"
    reads = f'case "$*" in *"--values -"*) cat >> {tmp_path}/read; esac'
    helm.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/asked\n{reads}\n')
    helm.chmod(0o755)
    return helm


def test_helm_is_aimed_at_the_context_that_was_named_and_reads_values_last(noting: Path, tmp_path: Path) -> None:
    own = Helm(noting, tmp_path / "kubeconfig", "staging")
    weak, strong = tmp_path / "weak.yaml", tmp_path / "strong.yaml"
    for act in (own.install, own.template):
        act("spark", tmp_path, "team", values={"password": "s3cret"}, presets=[weak, strong])
    own.test("spark", "team")
    own.uninstall("spark", "team")
    asked = (tmp_path / "asked").read_text()
    lines = asked.splitlines()
    assert len(lines) == 4
    assert all(line.endswith(f"--kubeconfig {tmp_path}/kubeconfig --kube-context staging") for line in lines)
    assert all("--namespace team" in line for line in lines)
    assert asked.count(f"--values {weak} --values {strong} --values - ") == 2
    assert "s3cret" not in asked, "all who list processes read arguments"
    assert (tmp_path / "read").read_text() == "password: s3cret\n" * 2


def test_the_tests_of_a_chart_have_the_time_that_they_are_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits: list[float] = []

    def run(argv: list[object], *, timeout_s: float, **_: object) -> Completed:
        limits.append(timeout_s)
        return Completed(tuple(map(str, argv)), 0, "", "", 0.0)

    monkeypatch.setattr(process, "run", run)
    Helm(tmp_path / "helm", tmp_path / "kubeconfig").test("spark", "team")
    assert limits == [timeouts.HELM_TEST]


def test_what_helm_made_for_the_whole_cluster_is_found_by_the_release() -> None:
    def role(release: str, namespace: str) -> Manifest:
        made_for = {"meta.helm.sh/release-namespace": namespace, "meta.helm.sh/release-name": release}
        labels = {"app.kubernetes.io/managed-by": "Helm"}
        return manifest(CLUSTER_ROLE, f"{namespace}-{release}", None, labels=labels, metadata={"annotations": made_for})

    kube = RecordedKube(role("spark", "team"), role("other", "team"), role("spark", "others"))

    def names(release: str | None) -> list[str]:
        return [each["metadata"]["name"] for each in cluster_wide(kube, ["team"], release)]

    assert names("spark") == ["team-spark"]
    assert names(None) == ["team-spark", "team-other"]
