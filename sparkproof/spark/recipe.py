"""Recipes: pages of docs whose commands users copy, and which are run here as they stand on the page."""

import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sparkproof.core import clock, evidence, process, timeouts
from sparkproof.core.errors import CheckFailed, UsageError
from sparkproof.core.evidence import Level
from sparkproof.kube.places import run_to_end
from sparkproof.spark.platform import Platform

FOLDER = Path(__file__).resolve().parents[2] / "docs"
# The component of commands that are typed on the operator's own machine.
OPERATOR = "operator"
# The word after the language names the component in whose pod the commands run; a renderer does not show it.
_COMMANDS = re.compile(r"^```sh ([\w-]+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
# Runs a block of commands, and returns its exit code and what it printed.
Shell = Callable[[str], tuple[int, str]]


@dataclass(frozen=True)
class Followed(evidence.Brought):
    """A recipe whose commands were run in their order, up to the first block that failed.

    `said` is what each block printed, and `seconds` is when each had ended, since the first one began.
    """

    name: str
    blocks: int
    exit_code: int
    said: Sequence[str] = field(repr=False)
    seconds: Sequence[float] = ()

    @classmethod
    def on(cls, platform: Platform, name: str) -> "Followed":
        """Run all commands of a recipe, each block in the pod that it names."""

        def shell(component: str) -> Shell:
            pod = platform.workloads.place(component)
            return lambda block: run_to_end(pod, _bash(block), f"the commands of {name}", timeouts.PROJECT)

        return cls.by(shell, name)

    @classmethod
    def by_operator(cls, name: str, variables: Mapping[str, str]) -> "Followed":
        """Run all commands of a recipe for operators on this machine, with these variables in the environment."""

        def shell(component: str) -> Shell:
            if component != OPERATOR:
                raise UsageError(f"The recipe {name} has commands for {component}, and operators type all of theirs.")
            return lambda block: _here(block, variables)

        return cls.by(shell, name)

    @classmethod
    def by(cls, shell: Callable[[str], Shell], name: str) -> "Followed":
        """Run all commands of a recipe, each block by the shell of the component that it names."""
        blocks, began = commands(name), clock.elapsed()
        said, seconds, exit_code = list[str](), list[float](), 0
        for component, block in blocks:
            exit_code, output = shell(component)(block)
            said.append(output)
            seconds.append(clock.elapsed() - began)
            if exit_code:
                break
        evidence.attach(f"what the recipe {name} said", "\n".join(said))
        return cls(name, len(blocks), exit_code, said, seconds)

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
        said = "\n".join(self.said)
        missing = [word for word in words if word not in said]
        if self.exit_code or not self.blocks or missing:
            raise CheckFailed(
                f"The recipe {self.name} has {self.blocks} blocks of commands, ended with {self.exit_code}, and did "
                f"not say {', '.join(missing) or 'something else'}: {process.last_words(said)}"
            )
        evidence.prove(Level.EXECUTED, f"The {self.blocks} blocks of the recipe {self.name} did what the page says")

    def must_have_answered(self, words: str, within_s: float) -> None:
        """Check that the first block that said these words had ended within so many seconds of the beginning."""
        answered = next((at for said, at in zip(self.said, self.seconds, strict=True) if words in said), None)
        if answered is None:
            raise CheckFailed(f"No command of the recipe {self.name} said {words!r}.")
        if answered > within_s:
            raise CheckFailed(f"The recipe {self.name} said {words!r} after {answered:.0f} s, not {within_s:.0f} s.")
        evidence.measured(f"the recipe {self.name} up to {words!r}", answered, "s", f"at most {within_s:.0f} s")
        evidence.prove(Level.EXECUTED, f"The recipe {self.name} said {words!r} after {answered:.0f} s")


def commands(name: str) -> list[tuple[str, str]]:
    """Return the blocks of commands of a recipe, each with the component in whose pod they run."""
    return [(component, block) for component, block in _COMMANDS.findall(_pages()[name].read_text())]


def names() -> list[str]:
    """Return the names of all recipes whose commands can be run."""
    return sorted(name for name, page in _pages().items() if _COMMANDS.search(page.read_text()))


def _pages() -> Mapping[str, Path]:
    return {page.stem: page for page in FOLDER.rglob("*.md")}


def _bash(block: str) -> list[str]:
    return ["bash", "-euc", block]


def _here(block: str, variables: Mapping[str, str]) -> tuple[int, str]:
    """Run a block on this machine, in the project's folder, as a user does after `git clone`."""
    done = process.run(
        _bash(block), timeout_s=timeouts.PROJECT, check=False, env={**os.environ, **variables}, cwd=FOLDER.parent
    )
    return done.exit_code, done.stdout + done.stderr
