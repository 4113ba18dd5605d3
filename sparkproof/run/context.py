"""behave's context, quicker, and with a memory for what clean-ups raised."""

import sys
import traceback
from typing import Any

from behave import runner as behave_runner

from sparkproof.core import evidence
from sparkproof.core.spans import On

_BY_BEHAVE = (behave_runner.ContextMode.BEHAVE, behave_runner.ContextMode.BEHAVE)


class Context(behave_runner.Context):  # type: ignore[misc]
    """behave's context, which also keeps the first error of a layer's clean-ups: behave drops it."""

    def __init__(self, runner: behave_runner.Runner) -> None:
        super().__init__(runner)
        self._cleanup_errors: dict[str, BaseException] = {}

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

    def _do_cleanups(self) -> None:
        layer = self._stack[0]["@layer"]
        try:
            with evidence.spending(On.CLEAN_UP, f"clean-ups of the {layer}"):
                super()._do_cleanups()
        except Exception as broken:
            self._cleanup_errors[layer] = broken
            raise
