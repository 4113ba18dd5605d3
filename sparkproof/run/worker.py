"""A worker process: runs the scenarios that the parent sends, one at a time, with behave's own code.

A feature or rule is opened (its hooks run, its layer of the context is made) when its first scenario arrives and closed
when the parent says that no other will come; several can be open at once, each with its own layers.
"""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

from behave import runner as behave_runner
from behave.model import Feature, Rule, Scenario

from sparkproof.core import listeners
from sparkproof.run import own_process
from sparkproof.run.allure_calls import divert
from sparkproof.run.attempts import Attempts
from sparkproof.run.channel import Channel
from sparkproof.run.faces import arrange, left_behind, look, settle
from sparkproof.run.gathered import Gathered, lost
from sparkproof.run.grown import Grown, only_alone
from sparkproof.run.messages import Error, Opened, Ran, State, captures, steps_of
from sparkproof.run.model import Model, Place
from sparkproof.run.now import Halt, Now
from sparkproof.run.outcome import readable, sentence
from sparkproof.run.recorder import NoInput, Recorder, StandIn, stream
from sparkproof.run.selection import restore


class Worker:
    """Serves one parent; everything behave holds here is this process's own copy."""

    def __init__(
        self,
        runner: behave_runner.Runner,
        attempts: Attempts,
        number: int,
        parent: Channel,
        now: Now,
        halt: Halt,
        model: Model,
    ) -> None:
        self._runner = runner
        self._attempts = attempts
        self._number = number
        self._parent = parent
        self._now = now
        self._halt = halt
        self._model = model
        self._recorder = Recorder(steps_of)
        self._looks = {id(scenario): seen for scenario, seen in zip(model.scenarios, model.looks, strict=True)}
        self._gone: set[int] = set()
        self._index = {id(entity): number for number, entity in enumerate(model.entities)}
        self._open: dict[int, list[dict[str, Any]]] = {}
        self._refused: set[int] = set()
        self._hooked: set[int] = set()

    def serve(self) -> None:
        """Run what the parent sends until it sends None or is gone; close what is open; return."""
        runner, model = self._runner, self._model
        for entity, arranged in zip(model.entities, model.arranged, strict=True):
            arrange(entity, arranged)
        restore(model.untouched)
        self._take_over_output()
        # Kept: an object that the parent has made must not end here, or its end (a finally, a flush) would run twice.
        self._parents = runner.formatters, runner.context._root["@cleanups"]
        runner.formatters = [
            self._recorder,
            *(StandIn(formatter, number, self._recorder) for number, formatter in enumerate(runner.formatters)),
        ]
        divert(lambda event: self._recorder.events.append(event))
        self._show_steps(runner.run_hook)
        # The parent does the clean-ups of before_all; this process does those that scenarios add for the run.
        runner.context._root["@cleanups"] = []
        runner.context._owner = own_process.pid()
        self._root = runner.context._stack[-1:]
        self._gathered = Gathered(runner)
        self._grown = Grown(runner, model)
        try:
            while (order := self._parent.receive()) is not None:
                for kind, *what in order:
                    if kind == "run":
                        self._run(*what)
                    elif kind == "open":
                        self._layers(model.entities[what[0]])
                    elif kind == "visited":
                        self._send(("visited", what[0]))
                    elif kind == "ended":
                        self._grown.learn(model.entities[what[0]], what[1])
                    else:
                        self._close(what[0])
        except EOFError:
            # The parent was killed: nothing more comes, and what is open is still cleaned up.
            runner.formatters = []
        for entity in sorted(self._open, reverse=True):
            self._close(entity)
        self._clean_up_root()

    def _run(self, index: int, number: int, place: Place | None) -> None:
        runner, context = self._runner, self._runner.context
        if runner.aborted or self._halt.is_set:
            self._send(("unrun", index))
            return
        scenario = self._find(index, place)
        if scenario is None:
            self._send(("missing", index))
            return
        layers = self._layers(scenario.parent)
        if id(scenario) in self._gone or layers is None or runner.aborted:  # by a hook of the feature
            why = "gone" if id(scenario) in self._gone else "refused" if layers is None else "unrun"
            self._send((why, index))
            return
        self._recorder.begin()
        context._stack = [*layers, *self._root]
        context._root["active_outline"] = scenario._row
        attempt, failed = self._attempts.make(index, scenario, number, scenario.run, worker=self._number)
        context._root["active_outline"] = None
        if runner.aborted or (failed and runner.config.stop):
            self._halt.set()  # at once: the parent may be busy
        self._add_low_level_output()
        state = State.of(scenario, changed=look(scenario) != self._looks[id(scenario)])
        events = self._recorder.end(scenario)
        if added := self._grown.ran(scenario):
            self._send(("added", added))
        ends = context._root["failed"], runner.aborted, runner.config.stop
        self._send(("ran", Ran(attempt, state, events, failed, *ends)))

    def _find(self, index: int, place: Place | None) -> Scenario | None:
        """The scenario number `index`; None if hooks have not made it here as they have on another worker."""
        if place is None:
            return self._model.scenarios[index]
        entity = self._model.entities[place.entity]
        if self._layers(entity) is None:
            return Scenario(entity.filename, entity.line, "", place.name, parent=entity)  # and so it is refused
        scenario = self._grown.at(entity, place)
        if scenario is not None:
            self._looks.setdefault(id(scenario), 0)  # whatever the hooks have made of it is sent
        return scenario

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
        else:
            self._tell_arrangement(number, entity)
            if woken := self._grown.opened(number, entity):
                self._send(("woken", woken))
        self._report("opened", number, entity)

    def _tell_arrangement(self, number: int, entity: Feature | Rule) -> None:
        """Tell the parent what scenarios there are, if the hooks have changed it."""
        before = self._model.arranged[number]
        sent = settle(entity, before)
        if sent is None:
            return
        present = {id(one) for item in entity.run_items for one in getattr(item, "scenarios", [item])}
        known = {id(scenario) for item, rows in before for scenario in rows or (item,)}
        self._gone |= known - present
        self._send(("rearranged", (number, sent)))
        for told in only_alone(entity, before):
            self._send(("cause", told))

    def _close(self, number: int) -> None:
        layers = self._open.pop(number, None)
        if layers is None:
            return
        runner, context, entity = self._runner, self._runner.context, self._model.entities[number]
        outer = self._open.get(self._index[id(entity.feature)], []) if isinstance(entity, Rule) else []
        if changed := self._grown.closing(number, entity):
            self._send(("cause", changed))
        self._recorder.begin()
        context._stack = [*layers, *outer, *self._root]
        entity.hook_failed = False
        entity.exception = entity.error_message = None
        entity.clear_status()
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
        self._add_low_level_output()
        message = Opened(
            number,
            Error.of(entity),
            entity.hook_failed,
            cleanup_failed,
            entity.should_skip,
            entity.skip_reason if entity.skip_reason is None else readable(entity.skip_reason),
            self._recorder.printed(),
            captures(entity.captured),
            left_behind(entity),
            self._runner.aborted,
            self._runner.config.stop,
        )
        self._send((kind, message))

    def _clean_up_root(self) -> None:
        context = self._runner.context
        context._stack = list(self._root)
        self._recorder.begin()
        if added := self._grown.features():
            self._send(("cause", added))
        try:
            context._do_remaining_cleanups()
        except Exception as broken:
            self._send(("cause", f"Clean-up at the end of worker {self._number} failed: {sentence(broken)}"))
        changes, kept = self._gathered.changes(self._runner)
        if kept:
            self._send(("remark", lost(kept, self._number)))
        self._send(("ended", changes))

    def _send(self, message: Any) -> None:
        with suppress(BrokenPipeError):  # the parent was killed: nobody reads this, and clean-up goes on
            self._parent.send(message)

    def _show_steps(self, run_hook: Callable[..., bool]) -> None:
        """Let the parent see which step runs, and what it says; every step passes by its before_step hook."""
        step = ""

        def showing(name: str, *args: Any) -> bool:
            nonlocal step
            if name == "before_step":
                step = f"{args[0].keyword} {args[0].name}"
                self._now.write(step)
            return run_hook(name, *args)

        self._runner.run_hook = showing
        listeners.add(lambda said: self._now.write(f"{step}: {said}"))

    def _take_over_output(self) -> None:
        """Send what Python prints to the recorder, and what programs and old handlers write to files in memory."""
        self._low_level = {}
        for descriptor, name in ((1, "stdout"), (2, "stderr")):
            file = os.memfd_create(name) if hasattr(os, "memfd_create") else os.open(os.devnull, os.O_RDWR)
            os.dup2(file, descriptor)
            os.close(file)
            self._low_level[name] = (descriptor, 0)
            taken = stream(self._recorder, name, descriptor)
            vars(sys).update({name: taken, f"__{name}__": taken})
        sys.stdin = NoInput()

    def _add_low_level_output(self) -> None:
        for name, (descriptor, read) in self._low_level.items():
            written = os.fstat(descriptor).st_size
            if written > read:
                text = os.pread(descriptor, written - read, read)
                self._low_level[name] = (descriptor, written)
                self._recorder.events.append((name, text.decode(errors="replace")))


def _containers(entity: Any) -> Iterator[Feature | Rule]:
    while entity is not None:
        if isinstance(entity, Feature | Rule):
            yield entity
        entity = entity.parent
