"""The images of a node's containerd: which are whole, what is loaded, and the pins that keep them on a full disk."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sparkproof.core import process, timeouts

# No registry has these images. containerd from 1.7 tells the kubelet which ones are pinned; the kubelet's own setting
# (imageMinimumGCAge) holds with every containerd.
_PINNED = "io.cri-containerd.pinned=pinned"
_ID = "sha256:"
_BLOBS = "io.containerd.content.v1.content/blobs/sha256"
_SNAPSHOTS = "io.containerd.snapshotter.v1.overlayfs/snapshots"


@dataclass(frozen=True)
class NodeImages:
    """What containerd has at the socket `address`; `folder` is its root, as this process sees it."""

    ctr: Path
    address: Path
    folder: Path

    def listed(self) -> list[str]:
        """The references of all images, whole or not."""
        return self._images("list", "--quiet").split()

    def whole(self) -> set[str]:
        """The references of the images of which every part is there."""
        return set(self._images("check", "--quiet").split())

    def blobs(self) -> list[Path]:
        """The parts of all images: files that are named by their SHA-256."""
        return list((self.folder / _BLOBS).glob("*"))

    def load(self, archive: str | Path, references: Iterable[str]) -> None:
        """Import the images of `archive` (docker or OCI format) and pin these; raises process.CommandFailed.

        Parts that are there already need not be in it.
        """
        self._images("import", str(archive))
        for reference in references:
            self._images("label", reference, _PINNED)

    def remove(self, references: Sequence[str]) -> None:
        """Remove images by name; their disk is free again when no other name is left (remove_nameless)."""
        if references:
            self._images("remove", "--sync", *references)

    def remove_nameless(self) -> None:
        """Remove images that only have their id left; their disk is free again when this returns."""
        if nameless := self._nameless():
            self._images("remove", "--sync", *nameless)

    def lost(self, programs: Mapping[str, str]) -> list[str]:
        """The references, of images by the program that is their content, whose unpacked program is not there.

        containerd counts parts that it has fetched, and does not look at what it has unpacked.
        """
        unpacked = {(each.name, each.stat().st_size) for each in self.folder.glob(f"{_SNAPSHOTS}/*/fs/usr/local/bin/*")}
        wanted = {reference: Path(program) for reference, program in programs.items()}
        return [
            reference for reference, program in wanted.items() if (program.name, program.stat().st_size) not in unpacked
        ]

    def _nameless(self) -> list[str]:
        """The ids ("sha256:…") of images without another name: containerd's CRI part adds ids, and removes none."""
        digests = dict(line.split()[0:3:2] for line in self._images("list").splitlines()[1:])
        named = {digest for name, digest in digests.items() if not name.startswith(_ID)}
        return [name for name, digest in digests.items() if name.startswith(_ID) and digest not in named]

    def _images(self, *arguments: str) -> str:
        command: list[str | Path] = [self.ctr, "--address", self.address, "--namespace", "k8s.io", "images", *arguments]
        return process.run(command, timeout_s=timeouts.IMAGE_IMPORT).stdout
