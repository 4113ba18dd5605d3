"""The node's long-running programs: started, restarted, and reaped as process 1 must."""

import os
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from sparkproof.core import timeouts
from sparkproof.embedded.boot import log
from sparkproof.embedded.layout import Layout

_RESTART_DELAY_S = 1.0


class Daemons:
    """The node's long-running programs, each with a log of its own; process 1 restarts those that end."""

    def __init__(self, places: Layout) -> None:
        self._logs = places.logs
        self._commands: dict[str, tuple[list[str], tuple[int, ...]]] = {}
        # Held while they run: subprocess reaps the processes of objects that are gone whenever it starts another.
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str, argv: Sequence[str | Path], pass_fds: tuple[int, ...] = ()) -> None:
        self._commands[name] = ([str(part) for part in argv], pass_fds)
        with (self._logs / f"{name}.log").open("ab") as output:
            command, descriptors = self._commands[name]
            self._running[name] = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                pass_fds=descriptors,
                start_new_session=True,
            )

    def stop(self, name: str) -> None:
        """End the program, by SIGKILL if it does not end by itself."""
        self._running[name].terminate()
        try:
            self._running[name].wait(timeouts.CLUSTER_DOWN)
        except subprocess.TimeoutExpired:
            self._running[name].kill()
            self._running[name].wait()

    def restart(self, name: str) -> None:
        """End the program and start it again."""
        self.stop(name)
        self.start(name, *self._commands[name])

    def has_ended(self, name: str) -> bool:
        return self._running[name].poll() is not None

    def tend(self, *, until_one_ends: bool) -> None:
        """Reap a process that has ended in the node, as process 1 must; start it again if it is a program of ours.

        Waits for the next end, or returns at once when none has ended.
        """
        pid, status = os.waitpid(-1, 0 if until_one_ends else os.WNOHANG)
        name = next((name for name, started in self._running.items() if started.pid == pid), None)
        if name is not None:
            self._running[name].returncode = os.waitstatus_to_exitcode(status)
            log(f"{name} ended with {self._running[name].returncode}; starting it again")
            time.sleep(_RESTART_DELAY_S)
            self.start(name, *self._commands[name])
