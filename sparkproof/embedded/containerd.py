"""containerd on the node, with the images of the cluster's own pods and no containers of an earlier node."""

import shutil
import time
from pathlib import Path

from sparkproof.core import process, timeouts
from sparkproof.core.errors import SparkproofError
from sparkproof.embedded import container_spec
from sparkproof.embedded.boot import Boot, log
from sparkproof.embedded.daemons import Daemons
from sparkproof.embedded.layout import Layout
from sparkproof.embedded.node_images import NodeImages

_NAME = "containerd"
_SOCKET = Path("/run/containerd/containerd.sock")
_ROOT = Path("/var/lib/containerd")


def start(boot: Boot, places: Layout, daemons: Daemons) -> None:
    """Start containerd with the images of the cluster's own pods and no container of an earlier node.

    An image store that has lost files is emptied, and the images are imported anew.
    """
    program = boot.debian_program("usr/bin/containerd")
    container_spec.write(boot, places)
    daemons.start(_NAME, [program, "--config", places.config / "containerd.toml"])
    try:
        _fill(boot, daemons)
    except (SparkproofError, OSError) as damaged:
        log(f"the image store is not usable and is emptied: {damaged}")
        daemons.stop(_NAME)
        for each in _ROOT.iterdir():
            shutil.rmtree(each) if each.is_dir() else each.unlink()
        daemons.start(_NAME, [program, "--config", places.config / "containerd.toml"])
        _fill(boot, daemons)


def _fill(boot: Boot, daemons: Daemons) -> None:
    """Have containerd answer, with every image of the cluster's own pods; raises SparkproofError."""
    _wait_for_containerd(boot, daemons)
    if _drop_stale_containers(boot):
        # Its CRI part has read the stale ones already, so it starts anew without them.
        daemons.restart(_NAME)
        _wait_for_containerd(boot, daemons)
    imported = _ROOT / "sparkproof-images"
    images = NodeImages(Path(_ctr(boot)[0]), _SOCKET, _ROOT)
    # The programs of an archive may differ although their versions, and so the images' names, are the same.
    if not imported.exists() or imported.read_text() != boot.images_archive or boot.images.keys() - images.whole():
        log("importing images")
        images.load(boot.images_archive, boot.images)
        imported.write_text(boot.images_archive)
    if lost := {*(boot.images.keys() - images.whole()), *images.lost(boot.images)}:
        raise SparkproofError(f"{', '.join(sorted(lost))} cannot be used.")


def _wait_for_containerd(boot: Boot, daemons: Daemons) -> None:
    deadline = time.monotonic() + timeouts.CONTAINERD
    while process.run([*_ctr(boot), "version"], timeout_s=timeouts.TOOL, check=False).exit_code != 0:
        if daemons.has_ended(_NAME):
            raise SparkproofError("containerd has ended; see containerd.log.")
        if time.monotonic() > deadline:
            raise SparkproofError(f"containerd did not answer within {timeouts.CONTAINERD:g} s; see containerd.log.")
        time.sleep(timeouts.POLL / 5)


def _drop_stale_containers(boot: Boot) -> bool:
    """Delete the containers of an earlier node, which ended with it; return True if there were any."""
    stale = process.run([*_ctr(boot), "containers", "list", "--quiet"], timeout_s=timeouts.TOOL).stdout.split()
    if stale:
        process.run([*_ctr(boot), "containers", "delete", *stale], timeout_s=timeouts.IMAGE_IMPORT)
    return bool(stale)


def _ctr(boot: Boot) -> list[str]:
    return [boot.debian_program("usr/bin/ctr"), "--address", str(_SOCKET), "--namespace", "k8s.io"]
