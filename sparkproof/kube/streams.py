"""The standard streams of a process in a pod, and a watch of objects that change."""

import threading
from collections.abc import Callable
from typing import Any

from kubernetes import watch

from sparkproof.core import timeouts
from sparkproof.core.errors import SparkproofError
from sparkproof.kube.objects import Manifest


class Channel:
    """The standard streams of a process in a pod, in lines of text."""

    def __init__(self, socket: Any) -> None:
        self._socket = socket
        self._last = ""

    def write_line(self, line: str) -> None:
        """Send one line to the process."""
        self._socket.write_stdin(line + "\n")

    def read_line(self, timeout_s: float) -> str | None:
        """Return the next line of standard output; None if none came in `timeout_s` seconds or there are no more."""
        line: str | None = self._socket.readline_stdout(timeout=timeout_s)
        if not line and not self._socket.is_open():
            # The client's own readline leaves in its buffer what came together with the end of the process.
            self._last += self._socket.read_channel(1)
            line, _, self._last = self._last.partition("\n")
        return line or None

    def finish(self, timeout_s: float) -> str:
        """Return what the process prints until its end; raises SparkproofError if it lasts over `timeout_s` seconds."""
        self._socket.run_forever(timeout=timeout_s)
        printed = str(self._socket.read_channel(1))
        if self._socket.is_open():
            raise SparkproofError(f"A process in a pod had not ended after {timeout_s:g} s.")
        return printed

    def errors(self) -> str:
        """Return what the process has written to standard error since the last call."""
        return str(self._socket.read_stderr(timeout=0)) if self._socket.is_open() else str(self._socket.read_channel(2))

    def wait(self, timeout_s: float) -> int | None:
        """Return the exit code of the process, or None when it has not ended in `timeout_s` seconds.

        Raises SparkproofError when the connection ended before the process did.
        """
        self._socket.run_forever(timeout=timeout_s)
        try:
            code: int | None = self._socket.returncode
            return code
        except TypeError:
            raise SparkproofError("The connection to a process in a pod ended before the process did.") from None

    def output(self) -> str:
        """Return what the process has written to standard output and error, in order, since the last call."""
        return str(self._socket.read_all())

    @property
    def open(self) -> bool:
        return bool(self._socket.is_open())

    def close(self) -> None:
        self._socket.close()


class Watch:
    """A running watch of objects; close() ends it."""

    def __init__(self, resource: Any, namespace: str, labels: str, seen: Callable[[str, Manifest], None]) -> None:
        self._events = watch.Watch()
        self._closed = False
        self._failure: Exception | None = None
        self._thread = threading.Thread(target=self._run, args=(resource, namespace, labels, seen), daemon=True)
        self._thread.start()

    def _run(self, resource: Any, namespace: str, labels: str, seen: Callable[[str, Manifest], None]) -> None:
        try:
            for event in resource.watch(namespace=namespace, label_selector=labels, watcher=self._events):
                seen(event["type"], event["raw_object"])
        except Exception as broken:  # close() reports it, in the thread of the caller
            self._failure = None if self._closed else broken

    def close(self) -> None:
        """End the watch; raises SparkproofError when it had ended by itself and may have missed changes."""
        ended = not self._thread.is_alive()
        self._closed = True
        self._events.stop()
        self._thread.join(timeouts.API_CALL)
        if ended:
            raise SparkproofError(f"The watch ended early and may have missed changes: {self._failure or 'no cause'}.")
