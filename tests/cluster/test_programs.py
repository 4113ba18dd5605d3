"""Programs report the versions that are pinned, built or, with SPARKPROOF_KUBERNETES=official, as published."""

import re

import pytest

from sparkproof.build import programs
from sparkproof.core import process

VERSION = {
    "coredns": ["-version"],
    "helm": ["version"],
    "kubeadm": ["version"],
    "kubeconform": ["-v"],
    "kubectl": ["version", "--client"],
}
SILENT = {"pause", "kube-network-policies", "chartcheck"}

pytestmark = pytest.mark.cluster

# What other go.mods pin takes ten minutes to compile, and is needed by few criteria.
QUICK = [name for name, program in programs.PROGRAMS.items() if (program.folder / "go-toolchain.txt").exists()]


@pytest.mark.parametrize("name", [name for name in QUICK if name not in SILENT])
def test_a_program_reports_its_pinned_version(name: str) -> None:
    said = process.run([programs.build(name), *VERSION.get(name, ["--version"])], timeout_s=30)
    reported = re.search(r"\d+\.\d+\.\d+", re.sub(r"go\d+\.\d+\.\d+", "", said.stdout + said.stderr))
    assert reported is not None
    assert f"v{reported[0]}" == programs.version(name)
