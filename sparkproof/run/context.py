"""behave's context, quicker, with a memory for what clean-ups raised, and with an end for what would end the run."""

import sys
import traceback
from collections.abc import Callable, Iterable, Iterator
from types import TracebackType
from typing import Any

from behave import runner as behave_runner

from sparkproof.core import evidence
from sparkproof.core.spans import On
from sparkproof.run import own_process
from sparkproof.run.limits import Ended, ends_more

_BEHAVE, _USER = behave_runner.ContextMode.BEHAVE, behave_runner.ContextMode.USER
_BY_BEHAVE = (_BEHAVE, _BEHAVE)


class Context(behave_runner.Context):  # type: ignore[misc]
    """behave's context, which also keeps the first error of a layer's clean-ups: behave drops it."""

    def __init__(self, runner: behave_runner.Runner) -> None:
        super().__init__(runner)
        self._cleanup_errors: dict[str, BaseException] = {}
        self._owner = own_process.pid()

    def __setattr__(self, attr: str, value: Any) -> None:
        """Set an attribute as behave does, without reading the source file of whoever sets it.

        behave notes the caller of every assignment for a warning that hardly ever comes, with its line's text: a
        quarter of an empty scenario's time. Here that text is read when it is asked for.
        """
        if attr[0] == "_":
            self.__dict__[attr] = value
            return
        both = (self._mode, self._origin.setdefault(attr, self._mode))
        if both != _BY_BEHAVE and any(attr in frame for frame in self._stack[1:]):
            super().__setattr__(attr, value)
            return
        caller = sys._getframe(1)
        code = caller.f_code
        self._record[attr] = traceback.FrameSummary(code.co_filename, caller.f_lineno, code.co_name, lookup_line=False)
        self._stack[0][attr] = value

    def use_with_user_mode(self) -> "_UserMode":
        """Run a step or a hook of the project in the block."""
        return _UserMode(self)

    def _pop(self, capture_sink: Any = None) -> None:
        """Leave a layer as behave does, which captures output also where no clean-up can print any."""
        if self._stack[0].get("@cleanups"):
            super()._pop(capture_sink)
        else:
            self._stack.pop(0)

    def _do_cleanups(self) -> None:
        with evidence.spending(On.CLEAN_UP, f"clean-ups of the {self._stack[0]['@layer']}"):
            self._clean_up()

    def _clean_up(self) -> None:
        layer = self._stack[0]
        rest = layer["@cleanups"] = _Taken(layer.get("@cleanups", ()), self._owner)
        first: Exception | None = None
        while first is None or rest:
            try:
                super()._do_cleanups()
                end_fork(self._owner, None)
                break
            except Exception as broken:
                first = first or broken
                break
            except BaseException as stop:
                if not ends_more(stop):
                    raise
                error = Ended.by(stop)
                first = first or error
                told: Any = getattr(self, "on_cleanup_error", self.print_cleanup_error)
                told(self, rest.called, error)
        if first is not None and self.fail_on_cleanup_errors:
            self._cleanup_errors[layer["@layer"]] = first
            raise first


class _Taken(list[Callable[[], Any]]):
    """Clean-ups that are taken out when they are called, so that the rest can be called after one that ends all."""

    called: Callable[[], Any]

    def __init__(self, cleanups: Iterable[Callable[[], Any]], owner: int) -> None:
        super().__init__(cleanups)
        self._owner = owner

    def __reversed__(self) -> Iterator[Callable[[], Any]]:
        while self:
            self.called = self.pop()
            yield self.called
            end_fork(self._owner, None)


class _UserMode:
    """The time in which the project's code runs: what it raises stays with its step or hook.

    A process that the code has forked and that comes back from it ends here: it would run the rest a second time.
    """

    __slots__ = ("_before", "_context")

    def __init__(self, context: Context) -> None:
        self._context = context

    def __enter__(self) -> Context:
        self._before = self._context._mode
        self._context._mode = _USER
        return self._context

    def __exit__(self, _kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self._context._mode = self._before
        end_fork(self._context._owner, error)
        if error is not None and ends_more(error):
            raise Ended.by(error) from error


def end_fork(owner: int, error: BaseException | None) -> None:
    """End this process if it is not `owner` but a child that it forked."""
    if own_process.pid() != owner:
        code = error.code if isinstance(error, SystemExit) else error and 1
        own_process.end(code if isinstance(code, int) else 0 if code is None else 1)
