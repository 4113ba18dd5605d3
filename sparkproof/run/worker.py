"""A worker process: runs the scenarios that the parent sends, one at a time, with behave's own code.

A feature or rule is opened (its hooks run, its layer of the context is made) when its first scenario arrives and closed
when the parent says that no other will come; several can be open at once, each with its own layers.
"""

import os
import sys
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from typing import Any

from behave import runner as behave_runner
from behave.model import Feature, Rule, Scenario

from sparkproof.run.attempts import Attempts
from sparkproof.run.messages import Error, Opened, Ran, Recorder, State, Stream, captures, entities
from sparkproof.run.now import Now
from sparkproof.run.outcome import sentence


class Worker:
    """Serves one parent; everything behave holds here is this process's own copy."""

    def __init__(
        self, runner: behave_runner.Runner, attempts: Attempts, number: int, parent: Connection, now: Now
    ) -> None:
        self._runner = runner
        self._attempts = attempts
        self._number = number
        self._parent = parent
        self._now = now
        self._recorder = Recorder()
        self._entities = entities(runner.features)
        self._index = {id(entity): number for number, entity in enumerate(self._entities)}
        self._open: dict[int, list[dict[str, Any]]] = {}
        self._refused: set[int] = set()
        self._hooked: set[int] = set()
        self._stopped = False

    def serve(self, scenarios: list[Scenario]) -> None:
        """Run what the parent sends until it sends None or is gone; close what is open; return."""
        runner = self._runner
        self._take_over_output()
        runner.formatters = [self._recorder]
        self._show_steps(runner.run_hook)
        # The parent does the clean-ups of before_all; this process does those that scenarios add for the run.
        runner.context._root["@cleanups"] = []
        self._root = runner.context._stack[-1:]
        try:
            while (order := self._parent.recv()) is not None:
                for kind, what, number in order:
                    if kind == "run":
                        self._run(what, scenarios[what], number)
                    elif kind == "open":
                        self._layers(self._entities[what])
                    else:
                        self._close(what)
        except (EOFError, ConnectionResetError):
            # The parent was killed: nothing more comes, and what is open is still cleaned up.
            runner.formatters = []
        for entity in sorted(self._open, reverse=True):
            self._close(entity)
        self._clean_up_root()

    def _run(self, index: int, scenario: Scenario, number: int) -> None:
        runner = self._runner
        if runner.aborted or self._stopped:
            self._send(("unrun", index))
            return
        layers = self._layers(scenario.parent)
        if layers is None:
            self._send(("refused", index))
            return
        self._recorder.begin()
        runner.context._stack = [*layers, *self._root]
        attempt, failed = self._attempts.make(index, scenario, number, scenario.run, worker=self._number)
        self._stopped = failed and bool(runner.config.stop)
        self._add_low_level_output()
        self._send(("ran", Ran(attempt, State.of(scenario), self._recorder.events, failed)))

    def _layers(self, innermost: Any) -> list[dict[str, Any]] | None:
        """Return the context's layers within `innermost`, its own first; None if one cannot be opened."""
        layers: list[dict[str, Any]] = []
        for entity in reversed(list(_containers(innermost))):
            number = self._index[id(entity)]
            if number not in self._open:
                self._open_entity(number, entity, layers)
            if number in self._refused:
                return None
            layers = [*self._open[number], *layers]
        return layers

    def _open_entity(self, number: int, entity: Feature | Rule, outer: list[dict[str, Any]]) -> None:
        runner, context = self._runner, self._runner.context
        self._recorder.begin()
        context._stack = [*outer, *self._root]
        context._push(layer=entity.type)
        context.tags = set(entity.tags)
        entity._setup_context_for_run(context)
        entity.hook_failed = False
        if entity.should_run(runner.config):
            self._hooked.add(number)
            runner.run_hook_tags_with_capture("before_tag", entity.tags, capture_sink=entity.capture_sink)
            runner.run_hook_with_capture(f"before_{entity.type}", entity, capture_sink=entity.capture_sink)
        self._open[number] = context._stack[:1]
        if entity.hook_failed:
            self._refused.add(number)
        self._report("opened", number, entity)

    def _close(self, number: int) -> None:
        layers = self._open.pop(number, None)
        if layers is None:
            return
        runner, context, entity = self._runner, self._runner.context, self._entities[number]
        outer: list[dict[str, Any]] = []
        if isinstance(entity, Rule):
            outer = self._open.get(self._index[id(entity.feature)], [])
        self._recorder.begin()
        context._stack = [*layers, *outer, *self._root]
        entity.hook_failed = False
        entity.exception = entity.error_message = None
        if number in self._hooked:
            runner.run_hook_with_capture(f"after_{entity.type}", entity, capture_sink=entity.capture_sink)
            runner.run_hook_tags_with_capture("after_tag", entity.tags, capture_sink=entity.capture_sink)
        cleanup_failed = False
        try:
            context._pop(capture_sink=entity.capture_sink)
        except Exception:  # behave prints it, and it reaches the parent with what was printed
            cleanup_failed = True
        self._report("closed", number, entity, cleanup_failed=cleanup_failed)

    def _report(self, kind: str, number: int, entity: Feature | Rule, *, cleanup_failed: bool = False) -> None:
        message = Opened(
            number,
            Error.of(entity),
            entity.hook_failed,
            cleanup_failed,
            entity.should_skip,
            entity.skip_reason,
            self._recorder.printed(),
            captures(entity.captured),
        )
        self._send((kind, message))

    def _clean_up_root(self) -> None:
        context = self._runner.context
        context._stack = list(self._root)
        self._recorder.begin()
        cause = ""
        try:
            context._do_remaining_cleanups()
        except Exception as broken:
            cause = f"Clean-up at the end of worker {self._number} failed: {sentence(broken)}"
        self._send(("ended", cause))

    def _send(self, message: Any) -> None:
        try:
            self._parent.send(message)
        except (BrokenPipeError, ConnectionResetError):
            # The parent was killed; nobody reads this, and clean-up goes on.
            return

    def _show_steps(self, run_hook: Callable[..., bool]) -> None:
        """Let the parent see which step runs; every step passes by its before_step hook."""

        def showing(name: str, *args: Any) -> bool:
            if name == "before_step":
                self._now.write(f"{args[0].keyword} {args[0].name}")
            return run_hook(name, *args)

        self._runner.run_hook = showing

    def _take_over_output(self) -> None:
        """Send what Python prints to the recorder, and what programs and old handlers write to a file in memory."""
        sys.stdout = Stream(self._recorder, "stdout")
        sys.stderr = Stream(self._recorder, "stderr")
        self._low_level = os.memfd_create("output") if hasattr(os, "memfd_create") else os.open(os.devnull, os.O_RDWR)
        os.dup2(self._low_level, 1)
        os.dup2(self._low_level, 2)
        self._low_level_read = 0

    def _add_low_level_output(self) -> None:
        written = os.fstat(self._low_level).st_size
        if written > self._low_level_read:
            text = os.pread(self._low_level, written - self._low_level_read, self._low_level_read)
            self._low_level_read = written
            sys.stderr.write(text.decode(errors="replace"))


def _containers(entity: Any) -> Iterator[Feature | Rule]:
    while entity is not None:
        if isinstance(entity, Feature | Rule):
            yield entity
        entity = entity.parent
