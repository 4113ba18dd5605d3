"""A newcomer who follows a page of docs by hand, in a namespace of a team, with nothing but kubectl and helm."""

import os
import tempfile
from pathlib import Path

from sparkproof.build import programs, versions
from sparkproof.core import process, timeouts
from sparkproof.platform.release import Release
from sparkproof.platform.releases import Releases
from sparkproof.platform.spec import ReleaseSpec
from sparkproof.spark.recipe import Followed
from sparkproof.tenancy.team import Team

# The chart that the pages for newcomers name.
_CHART = "spark-4.1"


def made_ready(releases: Releases, team: Team) -> Release:
    """Return a small release of this team that is not installed, after giving nodes its images, and room for it."""
    planned = releases.release(team, ReleaseSpec(releases.charts / _CHART, versions.default()))
    rendered = planned.render()
    planned.target.provide(rendered)
    with planned.room(rendered, team.namespace):
        return planned


def follow(planned: Release, name: str) -> Followed:
    """Type the commands of a recipe, with the team's namespace in NAMESPACE and the cluster's registry in REGISTRY."""
    target = planned.target
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "helm").symlink_to(target.helm.binary)
        Path(folder, "kubectl").symlink_to(programs.build("kubectl"))
        # A page names no context, so its commands get a kubeconfig that has no other one.
        view: list[str | Path] = [Path(folder, "kubectl"), "--kubeconfig", target.kube.kubeconfig, "config", "view"]
        context = ["--context", target.kube.context] if target.kube.context else []
        own = process.run([*view, "--minify", "--flatten", *context], timeout_s=timeouts.TOOL).stdout
        Path(folder, "kubeconfig").write_text(own)
        variables = {
            "PATH": f"{folder}:{os.environ['PATH']}",
            "KUBECONFIG": f"{folder}/kubeconfig",
            "NAMESPACE": planned.team.namespace,
            "REGISTRY": target.registry or "",
        }
        return Followed.by_operator(name, variables)
