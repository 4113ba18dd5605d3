"""A pipe between the parent and a worker that carries objects; the parent never waits for the rest of one."""

import os
import pickle
import struct
from collections.abc import Iterator
from typing import Any

from sparkproof.run.outcome import sentence

_HEADER = struct.Struct("!Q")
_CHUNK = 1 << 20


class Channel:
    """One end: what is sent at it arrives at the other one, whole and in order."""

    def __init__(self, readable: int, writable: int) -> None:
        self.readable = readable
        self._writable = writable
        self._received = bytearray()
        self.ended = False

    @classmethod
    def pair(cls) -> tuple["Channel", "Channel"]:
        """Both ends of a new channel."""
        here, there = os.pipe(), os.pipe()
        return cls(here[0], there[1]), cls(there[0], here[1])

    def send(self, message: Any) -> None:
        """Send an object; raises OSError when the other process is gone."""
        content = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
        rest = memoryview(_HEADER.pack(len(content)) + content)
        while rest:
            rest = rest[os.write(self._writable, rest) :]

    def receive(self) -> Any:
        """Wait for the next object; raises EOFError when the other process is gone."""
        while True:
            for message in self._complete():
                return message
            self._read()
            if self.ended:
                raise EOFError

    def arrived(self) -> Iterator[Any]:
        """The objects that have arrived whole; `ended` says that no other will come."""
        self._read()
        return self._complete()

    def drain(self) -> Iterator[Any]:
        """The objects that a process has left which has ended, without waiting for whoever holds its pipe."""
        os.set_blocking(self.readable, False)
        try:
            while not self.ended:
                self._read()
        except BlockingIOError:
            pass
        return self._complete()

    def close(self) -> None:
        """Close this end."""
        os.close(self.readable)
        os.close(self._writable)

    def _read(self) -> None:
        chunk = os.read(self.readable, _CHUNK)
        self.ended = not chunk
        self._received += chunk

    def _complete(self) -> Iterator[Any]:
        while len(self._received) >= _HEADER.size:
            (length,) = _HEADER.unpack_from(self._received)
            end = _HEADER.size + length
            if len(self._received) < end:
                return
            content = bytes(memoryview(self._received)[_HEADER.size : end])
            del self._received[:end]
            yield _made(content)


def _made(content: bytes) -> Any:
    """The object that was sent; one that cannot be made here is told as a message of kind "unreadable"."""
    try:
        return pickle.loads(content)
    except BaseException as broken:
        if isinstance(broken, KeyboardInterrupt):
            raise
        return "unreadable", sentence(broken)
