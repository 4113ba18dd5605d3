"""Harms the newest backup of a volume, keeps others from the volume, or removes backups; runs in a pod that has it."""

import fcntl
import os
import shutil
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path

BACKUPS = Path("/backups")
NAME = "%Y-%m-%dT%H%M%S.%fZ"
HELD_S = 60


def flip(backup: Path) -> None:
    """Change one bit in the middle of the largest file, be it a dump or an object: objects can all be empty."""
    path = max((each for each in backup.glob("*/**/*") if each.is_file()), key=lambda each: each.stat().st_size)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def cut(backup: Path) -> None:
    """Leave the first half of a dump."""
    path = next(backup.glob("databases/*.dump"))
    os.truncate(path, path.stat().st_size // 2)


def age(_: Path) -> None:
    """Let all backups be 25 hours older than the newest is."""
    for each in [*BACKUPS.glob("*Z")]:
        each.rename(BACKUPS / (datetime.strptime(each.name, NAME) - timedelta(hours=25)).strftime(NAME))


def hold(_: Path) -> None:
    """Be at work as a backup is, for a minute."""
    with (BACKUPS / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        print("held", flush=True)
        time.sleep(HELD_S)


def clear(_: Path) -> None:
    """Remove all backups."""
    for each in [*BACKUPS.glob("*Z")]:
        shutil.rmtree(each)


VERBS = {"flip": flip, "cut": cut, "age": age, "hold": hold, "clear": clear}

if __name__ == "__main__":
    newest = [each for each in sorted(BACKUPS.glob("*Z")) if each.is_dir()][-1:]
    VERBS[sys.argv[1]](newest[0] if newest else BACKUPS)
    print(f"{sys.argv[1]} is done.")
