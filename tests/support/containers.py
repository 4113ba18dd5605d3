"""Runs what a built image holds as its own user on this machine, with the folders and variables of a pod."""

import json
import os
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from sparkproof.build import buildah, images
from sparkproof.core import process

READY_WITHIN_S = 120
ENDS_WITHIN_S = 60


class Container:
    """A container of the image that `images.recipes` has by `name`; skips the test where it is not built."""

    def __init__(self, name: str) -> None:
        self.reference = images.recipe(name).reference
        if os.geteuid() != 0 or not buildah.exists(self.reference):
            pytest.skip(f"{self.reference} is not built on this machine: run `sparkproof images {name}`")
        inspected = json.loads(buildah.run("inspect", "--type", "image", self.reference).stdout)
        self.config: dict[str, Any] = inspected["OCIv1"]["config"]
        self._id = buildah.run("from", self.reference).stdout.strip()

    def run(
        self, *command: str, env: Mapping[str, str] | None = None, mounts: Mapping[Path, str] | None = None
    ) -> process.Completed:
        """Run `command` in it to its end, whatever its exit code."""
        return buildah.run("run", *self._options(env or {}, mounts or {}), self._id, "--", *command, check=False)

    @contextmanager
    def running(
        self, *arguments: str, log: Path, env: Mapping[str, str], mounts: Mapping[Path, str] | None = None
    ) -> Iterator[None]:
        """The image's own entrypoint with `arguments` (its default ones without), ended as a node ends a container."""
        entrypoint = self.config["Entrypoint"]
        # Without the init, which is for a container of its own: here it would die before it has passed a signal on.
        program = entrypoint[entrypoint.index("--") + 1 :] if "--" in entrypoint else entrypoint
        started = [*program, *(arguments or self.config.get("Cmd") or [])]
        command = buildah.command("run", *self._options(env, mounts or {}), self._id, "--", *started)
        with log.open("wb") as output:
            server = subprocess.Popen(
                command, stdout=output, stderr=output, env=buildah.environment(), start_new_session=True
            )
        try:
            yield
        finally:
            os.killpg(server.pid, signal.Signals[self.config.get("StopSignal", "SIGTERM")])
            server.wait(ENDS_WITHIN_S)

    def remove(self) -> None:
        buildah.run("rm", self._id)

    def _options(self, env: Mapping[str, str], mounts: Mapping[Path, str]) -> list[str]:
        for folder in mounts:
            folder.mkdir(parents=True, exist_ok=True)
            os.chown(folder, 185, 185)
        return [
            f"--user={self.config['User']}",
            "--hostname=localhost",
            *(f"--env={name}={value}" for name, value in env.items()),
            *(f"--volume={outside}:{inside}" for outside, inside in mounts.items()),
        ]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answer(url: str, log: Path) -> tuple[int, str]:
    """What `url` answers, asked until somebody listens; fails with the end of `log` when nobody does."""
    until = time.monotonic() + READY_WITHIN_S
    while True:
        try:
            with urllib.request.urlopen(url, timeout=10) as answered:
                return answered.status, answered.read().decode()
        except urllib.error.HTTPError as refused:
            return refused.code, refused.read().decode()
        except OSError as silent:
            assert time.monotonic() < until, f"{url}: {silent}\n{log.read_text()[-2000:]}"
            time.sleep(0.5)
