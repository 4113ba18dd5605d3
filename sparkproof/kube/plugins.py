"""Plugins that give credentials for a kubeconfig: one that fails is an error, and one that hangs is ended.

The client library logs their errors, goes on without credentials, and waits for ever.
"""

import os
import signal
import subprocess
from types import SimpleNamespace
from typing import Any, NoReturn

from kubernetes.config import ConfigException, exec_provider, kube_config

from sparkproof.core import timeouts


def watch() -> None:
    """Have the client library report what goes wrong with a plugin, as ConfigException, and wait for none too long."""
    vars(kube_config).update(logging=SimpleNamespace(error=_fail))
    vars(exec_provider).update(subprocess=SimpleNamespace(Popen=_Plugin, PIPE=subprocess.PIPE))


def _fail(text: str) -> NoReturn:
    raise ConfigException(f"its plugin gives no credentials: {text.removeprefix('exec: ')}")


class _Plugin(subprocess.Popen[str]):
    """A running plugin, with all that it has started, if it does not share the terminal with a user who logs in."""

    def __init__(self, argv: list[str], **options: Any) -> None:
        self._program = argv[0]
        self._alone = options.get("stdin") is None
        given = {"stdin": subprocess.DEVNULL} if self._alone else {}
        super().__init__(argv, **{**options, **given}, start_new_session=self._alone)

    def communicate(self, input: str | None = None, timeout: float | None = None) -> tuple[str, str]:
        try:
            said, errors = super().communicate(input, timeout or timeouts.CREDENTIALS)
        except subprocess.TimeoutExpired:
            raise ConfigException(
                f"`{self._program}` did not answer within {timeouts.CREDENTIALS:g} s and was stopped"
            ) from None
        finally:
            self._end()
        return said or "", errors or ""

    def _end(self) -> None:
        if self.poll() is None:
            os.killpg(self.pid, signal.SIGKILL) if self._alone else self.kill()
            self.wait()
