"""The command line: what each option changes, what the exit code says, and that nothing else is touched."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from typer.testing import CliRunner

from sparkproof.build import images
from sparkproof.build.recipes import Recipe
from sparkproof.cli import app
from sparkproof.cluster import target
from sparkproof.cluster.target import Target
from sparkproof.core import run_folder
from sparkproof.core.errors import UsageError
from sparkproof.embedded import doctor, lifecycle
from sparkproof.platform import sweep
from sparkproof.platform.sweep import Swept
from sparkproof.tenancy.audit import NamespaceAudit
from tests.support import recorded
from tests.support.recorded import RecordedKube

KUBE = RecordedKube()


def said(*arguments: str) -> tuple[int, str]:
    """Return the exit code of a command, and what it prints; an error is raised."""
    done = CliRunner().invoke(app, arguments)
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.exit_code, done.output


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What the commands do to a cluster, and to the folders of this machine."""
    acts: list[Any] = []

    def reach_running(*aim: Any) -> Target | None:
        acts.append(aim)
        return Target("recorded", KUBE, recorded.helm(), "registry") if aim[0] != "embedded" else None

    def swept(kube: RecordedKube, *where: str, **how: Any) -> Swept:
        assert kube is KUBE
        acts.append((*where, {name: value for name, value in how.items() if value}))
        return Swept(["team"], {"other": "run r2 is alive"})

    def folders() -> list[str]:
        acts.append("folders")
        return ["/tmp/of-a-killed-run"]

    monkeypatch.setattr(target, "reach_running", reach_running)
    monkeypatch.setattr(sweep, "sweep_leftovers", swept)
    monkeypatch.setattr(sweep, "sweep_in", swept)
    monkeypatch.setattr(run_folder, "left_over", lambda: ["/tmp/of-a-killed-run"])
    monkeypatch.setattr(run_folder, "sweep", folders)
    return acts


STAGING = ("--cluster", "context:staging", "--kubeconfig", "theirs")
AIM = ("context:staging", Path("theirs"))


def test_a_sweep_takes_what_killed_runs_left_on_the_cluster_and_on_this_machine(done: list[Any]) -> None:
    code, text = said("sweep", *STAGING)
    assert (code, done) == (0, [AIM, ({},), "folders"])
    assert text.splitlines() == ["removed team", "removed /tmp/of-a-killed-run", "left other: run r2 is alive"]
    done.clear()
    assert said("sweep") == (0, "removed /tmp/of-a-killed-run\n"), "a cluster that is down has nothing"


def test_a_dry_run_of_a_sweep_removes_nothing(done: list[Any]) -> None:
    _, text = said("sweep", *STAGING, "--dry-run")
    assert done == [AIM, ({"dry_run": True},)]
    assert text.startswith("would remove team\nwould remove /tmp/of-a-killed-run\n")


@pytest.mark.parametrize(
    ("options", "asked"),
    [
        (["--run", "r1"], ({"run": "r1"},)),
        (["--kept"], ({"kept": True},)),
        (["--kept", "--run", "r1"], ({"kept": True, "run": "r1"},)),
        (["--namespace", "data", "--run", "r1"], ("data", {"run": "r1"})),
        (["--namespace", "data", "--dry-run"], ("data", {"dry_run": True})),
    ],
)
def test_a_sweep_of_one_thing_leaves_the_folders_of_runs(options: list[str], asked: Any, done: list[Any]) -> None:
    _, text = said("sweep", *STAGING, *options)
    assert done == [AIM, asked]
    assert "of-a-killed-run" not in text


def test_nothing_is_kept_in_a_namespace_that_is_given(done: list[Any]) -> None:
    with pytest.raises(UsageError, match="--namespace and --kept name different things"):
        said("sweep", *STAGING, "--namespace", "data", "--kept")
    assert done == []


@pytest.mark.parametrize("command", [["audit", "data"], ["drift", "spark", "charts/spark-4.1", "--namespace", "data"]])
def test_an_embedded_cluster_that_is_down_is_not_looked_into(
    command: list[str], done: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sparkproof.operations.drift.rendered", lambda *_: "")
    with pytest.raises(UsageError, match="The embedded cluster is not up"):
        said(*command)
    assert done == [("embedded", None)]
    with pytest.raises(UsageError, match="This needs a cluster"):
        said(*command, "--cluster", "processes")


@pytest.mark.usefixtures("done")
@pytest.mark.parametrize(("findings", "code"), [([], 0), (["a pod runs as root"], 1)])
def test_an_audit_with_findings_fails(findings: list[str], code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def audit(kube: RecordedKube, namespace: str) -> SimpleNamespace:
        assert (kube, namespace) == (KUBE, "data")
        return SimpleNamespace(page="# data", findings=findings)

    monkeypatch.setattr(NamespaceAudit, "of", audit)
    assert said("audit", "data", *STAGING) == (code, "# data\n")


@pytest.mark.parametrize(("state", "code"), [("up", 0), ("down", 1), ("broken", 1)])
def test_the_status_of_a_cluster_that_is_not_up_fails(state: str, code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    found = SimpleNamespace(state=state, reason="the kubelet ended", server="", memory_bytes=2**21, room="8 GB")
    monkeypatch.setattr(lifecycle, "status", lambda: found)
    assert said("status") == (
        code,
        f"state       {state} (the kubelet ended)\nmemory      2 MiB\nroom        8 GB\n",
    )


@pytest.mark.parametrize(("wrong", "code"), [([False, False], 0), ([False, True], 1)])
def test_a_machine_that_lacks_something_fails(wrong: list[bool], code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "examine", lambda _: [SimpleNamespace(wrong=each) for each in wrong])
    assert said("doctor")[0] == code


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is done to images, which are not built."""
    acts: list[str] = []

    def make(recipe: Recipe) -> images.Image:
        acts.append(f"make {recipe.version.rpartition('/')[2]}")
        return images.Image(recipe.reference, Path("image.tar"))

    def push(recipe: Recipe, registry: str) -> str:
        acts.append(f"push {recipe.version.rpartition('/')[2]} to {registry}")
        return registry

    monkeypatch.setattr(images, "make", make)
    monkeypatch.setattr(images, "push", push)
    monkeypatch.setattr(lifecycle, "load", lambda archive, reference: acts.append(f"load {archive} {reference}"))
    return acts


def test_the_image_that_is_named_is_made_and_loaded_only_on_request(made: list[str]) -> None:
    reference = images.spark_recipe("4.1.1", gpu=True).reference
    assert said("images", "4.1.1", "--gpu") == (0, f"{reference}\nimage.tar\n")
    assert said("images", "4.1.1", "--load")[0] == 0
    plain = images.spark_recipe("4.1.1")
    assert made == ["make spark:4.1.1-gpu", "make spark:4.1.1", f"load image.tar {plain.reference}"]


def test_the_image_that_is_named_is_pushed_or_all_of_them(made: list[str]) -> None:
    said("images", "4.1.1", "--gpu", "--push", "registry.example/team/")
    assert made == ["push spark:4.1.1-gpu to registry.example/team"]
    made.clear()
    said("images", "--push", "registry.example")
    assert len(made) == len(images.recipes())
