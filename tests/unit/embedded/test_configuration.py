"""The node's configuration is filled in for the machine, whole and valid as files of its kind."""

import json
import re
import tomllib
from pathlib import Path

import pytest
import yaml

from sparkproof.build import programs
from sparkproof.embedded import configuration, layout
from sparkproof.embedded.layout import Layout


@pytest.fixture
def written(tmp_path: Path) -> Path:
    places = Layout(tmp_path / "state")
    configuration.write(places, tmp_path / "debian")
    return places.config


def test_every_template_parses(written: Path) -> None:
    files = [path for path in written.rglob("*") if path.is_file()]
    assert len(files) >= 11
    for path in files:
        text = path.read_text()
        if path.suffix == ".toml":
            tomllib.loads(text)
        elif path.suffix == ".conflist":
            json.loads(text)
        else:
            assert list(yaml.safe_load_all(text)), path


def test_kubeadm_is_told_the_pinned_versions_and_the_host_side_address(written: Path) -> None:
    _, cluster = yaml.safe_load_all((written / "kubeadm.yaml").read_text())
    assert cluster["kubernetesVersion"] == programs.version("kubelet")
    assert cluster["etcd"]["local"]["imageTag"] == programs.version("etcd")
    assert "127.0.0.1" in cluster["apiServer"]["certSANs"]
    assert cluster["networking"]["serviceSubnet"] == layout.SERVICE_RANGE


def test_coredns_is_built_with_the_plugins_that_the_cluster_names(written: Path) -> None:
    documents = yaml.safe_load_all((written / "addons/coredns.yaml").read_text())
    corefile = next(each["data"]["Corefile"] for each in documents if each["kind"] == "ConfigMap")
    built = (Path(programs.__file__).parent / "tools/coredns/main.go").read_text()
    assert set(re.findall(r"coredns/plugin/(\w+)", built)) == set(re.findall(r"^ {4}(\w+)", corefile, re.MULTILINE))


def test_every_image_that_the_cluster_names_is_made(
    written: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(programs, "build", lambda name: tmp_path / name)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "busybox").touch()
    made = {image.reference for image in configuration.images(tmp_path)}
    named = {
        word.strip("\"'")
        for path in written.rglob("*")
        if path.is_file()
        for word in path.read_text().split()
        if word.strip("\"'").startswith("localhost/sparkproof/")
    }
    assert named and named <= made
    kubernetes = programs.version("kubelet")
    control_plane = ("kube-apiserver", "kube-controller-manager", "kube-scheduler")
    assert {f"localhost/sparkproof/{name}:{kubernetes}" for name in control_plane} <= made


@pytest.mark.parametrize(("effective", "may"), [("000001ffffffffff", True), ("000001fffeffffff", False)])
def test_the_capability_to_lower_oom_scores_is_detected(effective: str, may: bool, tmp_path: Path) -> None:
    status = tmp_path / "status"
    status.write_text(f"Name:\tx\nCapEff:\t{effective}\n")
    assert configuration.may_lower_oom_scores(status) is may


@pytest.mark.parametrize("may", [True, False])
def test_containerd_restricts_oom_scores_only_where_it_must(
    may: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(configuration, "may_lower_oom_scores", lambda: may)
    places = Layout(tmp_path / "state")
    configuration.write(places, tmp_path)
    containerd = tomllib.loads((places.config / "containerd.toml").read_text())
    assert containerd["plugins"]["io.containerd.grpc.v1.cri"]["restrict_oom_score_adj"] is not may


def test_two_states_have_cgroups_of_their_own(tmp_path: Path) -> None:
    assert Layout(layout.DEFAULT_STATE).cgroup == "sparkproof"
    assert len({Layout(tmp_path / name).cgroup for name in ("a", "b")} - {"sparkproof"}) == 2
