"""Whole notebooks, run from top to bottom with parameters, by papermill in Jupyter's pod."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sparkproof.core import evidence, examples, timeouts
from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level
from sparkproof.core.process import last_words
from sparkproof.jupyter.notebook import Notebooks
from sparkproof.kube.places import one_reply
from sparkproof.spark.platform import Platform
from sparkproof.spark.session import new_tag

_USER = Path(__file__).with_name("whole_user.py")


@dataclass(frozen=True)
class NotebookRun(evidence.Brought):
    """A run of a notebook that has ended: what its `cells` printed, and the error that the notebook shows.

    `tag` is the job tag by which its work is found on Spark; `said` is what papermill said.
    """

    name: str
    tag: str
    exit_code: int
    cells: int
    printed: str = ""
    error: str | None = None
    said: str = field(default="", repr=False)

    @property
    def trouble(self) -> str | None:
        """The failure of the run."""
        return f"The notebook {self.name} failed: {self.error or last_words(self.said)}" if self.exit_code else None

    @property
    def to_read(self) -> str | None:
        """What the cells printed."""
        return f"The notebook {self.name} printed {self.printed.strip()!r}" if self.printed.strip() else None

    def must_have_printed(self, text: str) -> None:
        """Check that all cells ran without an error, and that they printed this."""
        evidence.look_at(self)
        if self.exit_code or self.error or not self.cells:
            raise CheckFailed(f"The notebook {self.name} did not run to its end: {self.trouble or self}")
        if self.printed.strip() != text:
            raise CheckFailed(f"The notebook {self.name} printed {self.printed.strip()!r}, not {text!r}.")
        evidence.prove(Level.EXECUTED, f"All {self.cells} cells of {self.name} ran, and printed {text}")

    def must_have_failed(self, reason: str, printed: str) -> None:
        """Check that the run failed, that the notebook shows `reason`, and that it printed only what is before it."""
        evidence.look_at(self)
        if not self.exit_code or reason not in (self.error or ""):
            raise CheckFailed(f"The notebook {self.name} did not fail because of {reason!r}: {self}")
        if self.printed.strip() != printed:
            raise CheckFailed(f"The notebook {self.name} printed {self.printed.strip()!r}, not {printed!r} alone.")
        evidence.prove(Level.EXECUTED, f"The notebook {self.name} failed, and shows why", error=str(self.error))


def run(platform: Platform, name: str, **parameters: Any) -> NotebookRun:
    """Run the example notebook of this name with these parameters, as a data engineer, and wait for its end."""
    tag = new_tag()
    request = {"notebook": examples.notebook(name), "parameters": {**parameters, "tag": tag}}
    program = ["python3", "-uc", _USER.read_text()]
    place = Notebooks.of(platform).place
    reply = one_reply(place, program, request, f"the end of the notebook {name}", timeouts.PROJECT)
    evidence.attach(f"what papermill said of {name}", reply["said"])
    return NotebookRun(name, tag, **reply)
