"""Recipes: pages of docs/recipes whose commands users copy, and which are run here as they stand on the page."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sparkproof.core import evidence, timeouts
from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level
from sparkproof.kube.places import run_to_end
from sparkproof.spark.platform import Platform

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "recipes"
# The word after the language names the component in whose pod the commands run; a renderer does not show it.
_COMMANDS = re.compile(r"^```sh ([\w-]+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_LAST_WORDS = 1000


@dataclass(frozen=True)
class Followed(evidence.Brought):
    """A recipe whose commands were run in their order, up to the first block that failed; `said` is their output."""

    name: str
    blocks: int
    exit_code: int
    said: str = field(repr=False)

    @classmethod
    def on(cls, platform: Platform, name: str) -> "Followed":
        """Run all commands of a recipe, each block in the pod that it names."""
        blocks = commands(name)
        said, exit_code = [], 0
        for component, block in blocks:
            shell = ["bash", "-euc", block]
            pod = platform.workloads.place(component)
            exit_code, output = run_to_end(pod, shell, f"the commands of {name}", timeouts.PROJECT)
            said.append(output)
            if exit_code:
                break
        evidence.attach(f"what the recipe {name} said", "\n".join(said))
        return cls(name, len(blocks), exit_code, "\n".join(said))

    @property
    def trouble(self) -> str | None:
        """The exit code of the command that failed."""
        return f"A command of the recipe {self.name} ended with {self.exit_code}" if self.exit_code else None

    @property
    def to_read(self) -> str | None:
        """The commands have said something."""
        return f"The recipe {self.name} was followed"

    def must_have_said(self, words: Sequence[str]) -> None:
        """Check that there are commands, that all of them succeeded, and that they said these words."""
        evidence.look_at(self)
        missing = [word for word in words if word not in self.said]
        if self.exit_code or not self.blocks or missing:
            last = self.said.strip()[-_LAST_WORDS:]
            raise CheckFailed(
                f"The recipe {self.name} has {self.blocks} blocks of commands, ended with {self.exit_code}, and did "
                f"not say {', '.join(missing) or 'something else'}: {last}"
            )
        evidence.prove(Level.EXECUTED, f"The {self.blocks} blocks of the recipe {self.name} did what the page says")


def commands(name: str) -> list[tuple[str, str]]:
    """Return the blocks of commands of a recipe, each with the component in whose pod they run."""
    return [(component, block) for component, block in _COMMANDS.findall((FOLDER / f"{name}.md").read_text())]


def names() -> list[str]:
    """Return the names of all recipes whose commands can be run."""
    return sorted(page.stem for page in FOLDER.glob("*.md") if commands(page.stem))
