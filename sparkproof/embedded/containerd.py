"""containerd on the node, with the images of the cluster's own pods and no containers of an earlier node."""

import time
from pathlib import Path

from sparkproof.core import process, timeouts
from sparkproof.core.errors import SparkproofError
from sparkproof.embedded.boot import Boot, log
from sparkproof.embedded.daemons import Daemons
from sparkproof.embedded.layout import Layout

_CONTAINERD = Path("/run/containerd/containerd.sock")


def start(boot: Boot, places: Layout, daemons: Daemons) -> None:
    """Start containerd with the images of the cluster's own pods and no container of an earlier node."""
    daemons.start(
        "containerd", [boot.debian_program("usr/bin/containerd"), "--config", places.config / "containerd.toml"]
    )
    _wait_for_containerd(boot)
    if _drop_stale_containers(boot):
        # Its CRI part has read the stale ones already, so it starts anew without them.
        daemons.restart("containerd")
        _wait_for_containerd(boot)
    _import_images(boot, places)


def _wait_for_containerd(boot: Boot) -> None:
    deadline = time.monotonic() + timeouts.CONTAINERD
    while process.run([*_ctr(boot), "version"], timeout_s=timeouts.TOOL, check=False).exit_code != 0:
        if time.monotonic() > deadline:
            raise SparkproofError(f"containerd did not answer within {timeouts.CONTAINERD:g} s; see containerd.log.")
        time.sleep(timeouts.POLL / 5)


def _drop_stale_containers(boot: Boot) -> bool:
    """Delete the containers of an earlier node, which ended with it; return True if there were any."""
    stale = process.run([*_ctr(boot), "containers", "list", "--quiet"], timeout_s=timeouts.TOOL).stdout.split()
    if stale:
        process.run([*_ctr(boot), "containers", "delete", *stale], timeout_s=timeouts.IMAGE_IMPORT)
    return bool(stale)


def _import_images(boot: Boot, places: Layout) -> None:
    """Import the control plane's images into containerd, unless they are there and their programs are the same."""
    imported = places.images / "sparkproof-images"
    if imported.exists() and imported.read_text() == boot.images_archive:
        return
    log("importing images")
    process.run([*_ctr(boot), "images", "import", boot.images_archive], timeout_s=timeouts.IMAGE_IMPORT)
    imported.write_text(boot.images_archive)


def _ctr(boot: Boot) -> list[str]:
    return [boot.debian_program("usr/bin/ctr"), "--address", str(_CONTAINERD), "--namespace", "k8s.io"]
