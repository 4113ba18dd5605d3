"""The frames of a traceback as text, and a traceback made of them: a real one cannot leave its process."""

import traceback
from types import TracebackType

Frame = tuple[str, int, str]


def frames(trace: TracebackType | None) -> list[Frame]:
    """The file, line and function of each frame, outermost first."""
    return [
        (one.filename, one.lineno or 0, one.name)
        for one in traceback.StackSummary.extract(traceback.walk_tb(trace), lookup_lines=False)
    ]


def traceback_of(frames: list[Frame]) -> TracebackType | None:
    """A traceback that shows these frames."""
    following = None
    for filename, line, name in reversed(frames):
        code = compile("raise Exception", filename, "exec").replace(co_name=name, co_firstlineno=max(line, 1))
        try:
            exec(code, {})
        except Exception as raised:
            assert raised.__traceback__ is not None
            inner = raised.__traceback__.tb_next
            assert inner is not None
            following = TracebackType(following, inner.tb_frame, inner.tb_lasti, max(line, 1))
    return following
