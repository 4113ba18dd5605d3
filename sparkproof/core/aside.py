"""Work beside the caller's, in threads that nobody waits for when the caller is interrupted.

Leaving the block of a ThreadPoolExecutor waits for all that was submitted, so Ctrl-C would be heard minutes later.
"""

import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import ParamSpec, TypeVar

A = TypeVar("A")
P = ParamSpec("P")
T = TypeVar("T")


def aside(call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> "Future[T]":
    """Run a call in a thread of its own, which does not keep the process alive."""
    future: Future[T] = Future()

    def run() -> None:
        try:
            result = call(*args, **kwargs)
        except BaseException as broken:  # it is the caller's, who asks for the result
            future.set_exception(broken)
        else:
            future.set_result(result)

    threading.Thread(target=run, daemon=True).start()
    return future


def together(call: Callable[[A], T], items: Iterable[A], *, at_once: int) -> Sequence[T]:
    """Return what `call` returns for each item, with so many calls at once; those that wait are dropped on an error."""
    pool = ThreadPoolExecutor(at_once)
    try:
        return list(pool.map(call, items))
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
