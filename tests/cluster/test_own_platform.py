"""A platform that no chart of this project installed: criteria run on it as its users do, and nothing stays."""

import json
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from sparkproof.cluster.target import Target, reach
from sparkproof.core.wait import eventually
from sparkproof.kube import diagnosis
from sparkproof.kube.objects import NAMESPACE, POD

pytestmark = pytest.mark.cluster

ROOT = Path(__file__).resolve().parents[2]
CRITERIA = "(A query is executed by executors|Client and server are one version|A renamed column keeps its values)"
PLACES = ("namespace", "endpoint")


@pytest.fixture(scope="module")
def target() -> Target:
    return reach("embedded")


@pytest.fixture(scope="module")
def namespace(target: Target) -> Iterator[str]:
    """The namespace of a platform that is ready."""
    name = f"own-{uuid.uuid4().hex[:8]}"
    manifests = (Path(__file__).parent / "own_platform.yaml").read_text().replace("IMAGE", target.image("4.1.1"))
    target.kube.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
    try:
        for manifest in yaml.safe_load_all(manifests):
            manifest["metadata"]["namespace"] = name
            target.kube.create(manifest)
        eventually(
            "the readiness of the team's own platform",
            lambda: target.kube.list(POD, name),
            lambda pods: bool(pods) and all(map(diagnosis.ready, pods)),
            within_s=180,
        )
        yield name
    finally:
        target.kube.delete(NAMESPACE, name)


@pytest.fixture
def described(namespace: str, tmp_path: Path) -> Path:
    example = (ROOT / "examples/existing/analytics.yaml").read_text()
    lines = [line.replace("analytics", namespace) if line.startswith(PLACES) else line for line in example.splitlines()]
    (tmp_path / "own.yaml").write_text("\n".join(lines))
    return tmp_path / "own.yaml"


def behave(described: Path, *arguments: str) -> list[dict[str, Any]]:
    """Run behave on the platform, and return the ledger."""
    reports = described.parent / "reports"
    command = [sys.executable, "-m", "behave", "--format=null", "-D", f"platform={described}"]
    subprocess.run(
        [*command, "-D", f"reports={reports}", *arguments], cwd=ROOT, capture_output=True, timeout=500, check=False
    )
    return [json.loads(line) for line in (reports / "ledger.jsonl").read_text().splitlines()]


def test_users_criteria_run_on_a_platform_that_is_there_and_nothing_stays(
    target: Target, namespace: str, described: Path
) -> None:
    ended = {line["name"]: line for line in behave(described, f"--name={CRITERIA}")}
    assert ended["Client and server are one version"]["outcome"] == "passed"
    assert ended["A renamed column keeps its values"]["outcome"] == "passed"
    # The server runs all tasks itself, and a criterion says so.
    alone = ended["A query is executed by executors and answered with the right value"]
    assert (alone["outcome"], "Executors did not do the work" in alone["reason"]) == ("failed", True)
    (server,) = target.kube.list(POD, namespace)
    listing = target.kube.exec(server["metadata"]["name"], namespace, ["ls", "/data/warehouse"])
    assert listing.finish(30) == ""


def test_what_only_an_installer_can_show_is_skipped_with_the_reason(described: Path) -> None:
    (line,) = behave(described, "--name=^Spot nodes are for executors and never for the driver$")
    assert line["outcome"] == "skipped"
    assert "is already there, and this needs a platform that the run installs" in line["reason"]
