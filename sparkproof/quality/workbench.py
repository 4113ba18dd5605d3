"""A platform's workbench, the pod of JupyterLab, from which data engineers judge tables and look at what broke."""

import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sparkproof.core import examples, timeouts
from sparkproof.jupyter.notebook import Notebooks
from sparkproof.kube.places import one_reply
from sparkproof.quality.page import Page
from sparkproof.quality.verdict import KEY, Rule, Verdict
from sparkproof.spark.platform import Platform
from sparkproof.spark.session import new_tag

_USER = Path(__file__).with_name("user.py")
_HOME = "/home/jupyter"


@dataclass(frozen=True)
class Workbench:
    """The workbench of a platform."""

    notebooks: Notebooks

    @classmethod
    def of(cls, platform: Platform) -> "Workbench":
        """Return the platform's workbench."""
        return cls(Notebooks.of(platform))

    def judge(
        self, table: str, suite: str, *, snapshot: int | None = None, persist: bool = False, pages: bool = False
    ) -> Verdict:
        """Judge a table, now or as of a snapshot, by the example suite of this name, as a data engineer does."""
        tag, folder = new_tag(), f"{_HOME}/verdicts-{uuid.uuid4().hex[:8]}" if pages else ""
        arguments = [table, "--key", KEY, "--tag", tag]
        arguments += [] if snapshot is None else ["--snapshot", str(snapshot)]
        arguments += ["--persist"] if persist else []
        arguments += ["--docs", folder] if pages else []
        reply = self._ask(
            f"the verdict on {table}", timeouts.PROJECT, op="judge", suite=examples.suite(suite), arguments=arguments
        )
        rules = [Rule(**rule) for rule in (reply["verdict"] or {}).get("rules", ())]
        verdict = Verdict(table, tag, reply["exit_code"], rules, reply["said"], folder)
        verdict.evidence()
        return verdict

    def page(self, verdict: Verdict, *, token: str | None = None) -> Page:
        """Ask JupyterLab for the page of a verdict, with its users' token or another."""
        given = self.notebooks.token if token is None else token
        asked = f"the page of the verdict on {verdict.table}"
        reply = self._ask(asked, timeouts.SQL, op="page", url=self.notebooks.url, token=given, folder=verdict.folder)
        return Page(asked, **reply)

    def _ask(self, what: str, within_s: float, **request: Any) -> dict[str, Any]:
        return one_reply(self.notebooks.place, ["python3", "-uc", _USER.read_text()], request, what, within_s)
