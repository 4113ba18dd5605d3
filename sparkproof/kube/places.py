"""The places where a platform's programs run, pods or this machine, and their standard streams in lines of text."""

import json
import os
import queue
import subprocess
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from sparkproof.core import evidence, process, timeouts
from sparkproof.core.errors import Cause, SparkproofError
from sparkproof.core.spans import On
from sparkproof.core.wait import eventually
from sparkproof.kube.client import Kube
from sparkproof.kube.streams import Channel

LOOPBACK = "127.0.0.1"


class Streams(Protocol):
    """The standard streams of a program that runs somewhere, in lines of text."""

    @property
    def open(self) -> bool:
        """True if the program still runs."""

    def write_line(self, line: str) -> None:
        """Send one line to the program."""

    def read_line(self, timeout_s: float) -> str | None:
        """Return the next line of standard output; None if none came in `timeout_s` seconds or there are no more."""

    def finish(self, timeout_s: float) -> str:
        """Return what the program prints until its end; raises SparkproofError if it lasts over `timeout_s` seconds."""

    def errors(self) -> str:
        """Return what the program has written to standard error since the last call."""

    def close(self) -> None:
        """End the program."""


def last_words(streams: Streams) -> str:
    """Return what the program has written to standard error since the last call: what explains its end, and the end."""
    return process.last_words(streams.errors())


class Place(Protocol):
    """A place where a platform's program runs; `name` is for people."""

    @property
    def name(self) -> str:
        """The name of the place in reports."""

    def exec(self, argv: Sequence[str]) -> Streams:
        """Start a program there and return its standard streams."""

    def get(self, port: int, path: str) -> Any:
        """GET `path` of an HTTP `port` there and return the JSON it answers."""


def one_reply(
    place: Place, argv: Sequence[str], request: Mapping[str, Any], what: str, within_s: float
) -> dict[str, Any]:
    """Start a program that reads one line of JSON and prints one; send it `request` and return its reply to `what`.

    Raises GaveUp after `within_s` seconds, or when the program has ended without one.
    """
    program = place.exec(argv)
    try:
        # The request goes through standard input, where no list of processes shows it.
        program.write_line(json.dumps(request))
        reply = eventually(
            what,
            lambda: program.read_line(timeouts.POLL),
            lambda line: line is not None,
            within_s=within_s,
            unrecoverable=lambda line: None if line or program.open else last_words(program),
            every_s=0,
        )
    finally:
        program.close()
    return dict(json.loads(str(reply)))


def run_to_end(
    pod: "Pod",
    argv: Sequence[str],
    what: str,
    within_s: float,
    *,
    on: On = On.EVENTS,
    explain: Callable[[], Sequence[Cause]] = tuple,
    attach: str = "",
) -> tuple[int, str]:
    """Run a program in a pod, wait for `what`, its end, and return its exit code and what it printed.

    What it printed becomes evidence under the name `attach`, also of a program that does not end. Raises GaveUp.
    """
    program = pod.exec(argv)
    try:
        exit_code = eventually(
            what,
            lambda: program.wait(timeouts.POLL),
            lambda code: code is not None,
            within_s=within_s,
            explain=explain,
            every_s=0,
            on=on,
        )
    finally:
        output = program.output()
        if attach:
            evidence.attach(attach, output)
        program.close()
    assert exit_code is not None
    return exit_code, output


@dataclass(frozen=True)
class Pod:
    """A pod of a cluster, reached through the API server; programs start in `container`, or in its first."""

    kube: Kube
    namespace: str
    name: str
    container: str | None = None

    def exec(self, argv: Sequence[str]) -> Channel:
        return self.kube.exec(self.name, self.namespace, argv, container=self.container)

    def get(self, port: int, path: str) -> Any:
        return self.kube.proxy(self.name, port, path, self.namespace)


@dataclass(frozen=True)
class ThisMachine:
    """The machine that this process runs on; `variables` are added to its environment, and `ports` map ports.

    A program that always has the same port in its pod has a free port here: `ports` maps the first to the second.
    """

    variables: Mapping[str, str] = field(default_factory=dict)
    ports: Mapping[int, int] = field(default_factory=dict)
    name: str = "this machine"

    def exec(self, argv: Sequence[str]) -> Streams:
        try:
            return _Program(argv, {**os.environ, **self.variables})
        except OSError as refused:
            raise SparkproofError(f"{argv[0]} cannot start on {self.name}: {refused.strerror}.") from None

    def get(self, port: int, path: str) -> Any:
        url = f"http://{LOOPBACK}:{self.ports.get(port, port)}{path}"
        # Requests to loopback go there directly, whatever proxy the environment names.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(url, timeout=timeouts.API_CALL) as answer:
                return json.load(answer)
        except (OSError, urllib.error.URLError) as failed:
            raise SparkproofError(f"{url} does not answer: {failed}.") from None


class _Program:
    """The standard streams of a process of this machine."""

    def __init__(self, argv: Sequence[str], environment: Mapping[str, str]) -> None:
        # The file is read long after this.
        self._errors = tempfile.TemporaryFile("w+")  # noqa: SIM115
        # The process has a group of its own: Ctrl-C is for the run, which then closes what it has opened.
        self._process = subprocess.Popen(
            list(argv),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
            env=dict(environment),
            start_new_session=True,
        )
        self._program, self._read_to = argv[0], 0
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        assert self._process.stdout
        for line in self._process.stdout:
            self._lines.put(line.rstrip("\n"))
        self._lines.put(None)

    @property
    def open(self) -> bool:
        return self._process.poll() is None

    def write_line(self, line: str) -> None:
        assert self._process.stdin
        try:
            self._process.stdin.write(line + "\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            raise SparkproofError(f"{self._program} ended: {last_words(self)}") from None

    def read_line(self, timeout_s: float) -> str | None:
        try:
            return self._lines.get(timeout=timeout_s)
        except queue.Empty:
            return None

    def finish(self, timeout_s: float) -> str:
        end, lines = time.monotonic() + timeout_s, []
        while (line := self.read_line(max(0.0, end - time.monotonic()))) is not None:
            lines.append(line)
        try:
            self._process.wait(max(0.0, end - time.monotonic()))
        except subprocess.TimeoutExpired:
            raise SparkproofError(f"{self._program} had not ended after {timeout_s:g} s.") from None
        return "\n".join(lines)

    def errors(self) -> str:
        self._errors.seek(self._read_to)
        new = self._errors.read()
        self._read_to = self._errors.tell()
        return new

    def close(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(timeouts.PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
