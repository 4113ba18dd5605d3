"""The input of the node's first process, written by `sparkproof up`, and the lines of its log."""

import json
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Boot:
    """The input of process 1: folders, the Kubernetes programs by name, the images to have, the listening socket.

    `images` has, for each image of the archive, the program that is its content.
    """

    state: str
    debian: str
    programs: Mapping[str, str]
    images_archive: str
    images: Mapping[str, str]
    api_socket: int

    def write(self, path: Path) -> None:
        path.write_text(json.dumps(asdict(self)))

    @classmethod
    def read(cls, path: Path) -> "Boot":
        return cls(**json.loads(path.read_text()))

    def debian_program(self, path: str) -> str:
        """The path of a program in the unpacked Debian packages."""
        return str(Path(self.debian) / path)


def log(line: str) -> None:
    """Write to the node's log, which standard output is, at once."""
    print(f"{time.strftime('%H:%M:%S')} {line}", flush=True)
