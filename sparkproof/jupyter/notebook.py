"""A platform's JupyterLab as a notebook user sees it: a cell runs in a kernel of its own and prints its answer."""

from dataclasses import dataclass, field
from pathlib import Path

from sparkproof.core import evidence, timeouts
from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level
from sparkproof.kube.places import Place, one_reply
from sparkproof.spark.platform import Platform

_USER = Path(__file__).with_name("user.py")
_PYTHON = "/opt/jupyter/bin/python"


@dataclass(frozen=True)
class CellRun(evidence.Brought):
    """The result of a cell: its printed text and the error that ended it, or the HTTP status of Jupyter's refusal."""

    printed: str = ""
    error: str | None = None
    refused: int | None = None

    @property
    def trouble(self) -> str | None:
        """The cell's error, or Jupyter's refusal of its user."""
        if self.refused:
            return f"Jupyter refused the user with status {self.refused}"
        return f"The cell ended with {self.error}" if self.error else None

    @property
    def to_read(self) -> str | None:
        """The text that the cell printed."""
        return f"The cell printed {self.printed.strip()!r}" if self.printed.strip() else None

    def must_have_printed(self, expected: str) -> None:
        """Check that the cell ended without an error and printed exactly this."""
        evidence.look_at(self)
        if self.refused or self.error:
            raise CheckFailed(
                f"The cell did not run: {self.error or f'Jupyter refused it with status {self.refused}'}."
            )
        if self.printed.strip() != expected:
            raise CheckFailed(f"The cell printed {self.printed.strip()!r}, not {expected!r}.")
        evidence.prove(Level.EXECUTED, f"A notebook's cell printed {expected}")

    def must_be_refused(self) -> None:
        """Check that Jupyter refused the user."""
        evidence.look_at(self)
        if self.refused not in (401, 403):
            raise CheckFailed(f"Jupyter did not refuse the user: {self}.")
        evidence.prove(Level.EXECUTED, f"Jupyter refused the user with status {self.refused}")


@dataclass(frozen=True)
class Notebooks:
    """JupyterLab at `url`, the address of its Service; `place` is its pod."""

    place: Place
    url: str
    token: str = field(repr=False)

    @classmethod
    def of(cls, platform: Platform) -> "Notebooks":
        """Return the platform's JupyterLab, with the token of its users."""
        workloads = platform.workloads
        url = f"http://{workloads.release}-jupyter.{workloads.namespace}.svc:8888"
        return cls(workloads.place("jupyter"), url, workloads.variable("jupyter", "JUPYTER_TOKEN"))

    def run(self, cell: str, *, token: str | None = None) -> CellRun:
        """Run a cell as a user with the platform's token, or with another; raises GaveUp when no reply comes."""
        given = self.token if token is None else token
        request = {"url": self.url, "token": given, "cell": cell}
        program = [_PYTHON, "-uc", _USER.read_text()]
        return CellRun(**one_reply(self.place, program, request, "the notebook's reply", timeouts.SQL))
