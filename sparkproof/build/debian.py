"""Takes what the node needs from this machine's Debian or Ubuntu: tools installed by apt, containerd only unpacked.

containerd, runc and the CNI plugins are not installed: their packages would start a service and conflict with a
Docker that is already here. They are downloaded by apt, which verifies them, and unpacked into the cache.
"""

import os
import platform
import shutil
from collections.abc import Mapping
from pathlib import Path

from filelock import FileLock

from sparkproof.core import cache, process, timeouts
from sparkproof.core.progress import doing

UNPACKED = ("containerd", "runc", "containernetworking-plugins", "busybox-static")
NODE_TOOLS = {
    "unshare": "util-linux",
    "mount": "mount",
    "ip": "iproute2",
    "iptables": "iptables",
    "conntrack": "conntrack",
    "ethtool": "ethtool",
}


def missing(tools: Mapping[str, str]) -> dict[str, str]:
    """Return those of `tools` (program -> its package) that are not on this machine's PATH."""
    return {tool: package for tool, package in tools.items() if shutil.which(tool, path=search_path()) is None}


def search_path() -> str:
    """Return $PATH with the system administrator's folders, which a plain user's shell may leave out."""
    return os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin", "/usr/bin", "/bin"])


def install(tools: Mapping[str, str]) -> None:
    """Install what is missing of `tools` (program -> package); change nothing if nothing is missing.

    Raises process.CommandFailed when apt cannot.
    """
    if packages := sorted(set(missing(tools).values())):
        with doing(f"installing {', '.join(packages)}"):
            _apt_get("install", "--yes", "--no-install-recommends", *packages)


def is_unpacked() -> bool:
    """True if `unpacked` has been done on this machine."""
    return cache.lookup(_entry_name(), cache.digest(*UNPACKED)) is not None


def unpacked() -> Path:
    """Return the folder with this machine's packages of containerd, runc, CNI plugins and busybox, unpacked."""

    def unpack(folder: Path) -> None:
        with doing(f"fetching {', '.join(UNPACKED)}"):
            download = folder / "download"
            download.mkdir()
            # apt downloads as root here: its own user cannot write to a folder of root's.
            _apt_get("download", "--option", "APT::Sandbox::User=root", *UNPACKED, cwd=download)
            for package in sorted(download.glob("*.deb")):
                process.run(["dpkg-deb", "--extract", package, folder], timeout_s=timeouts.TOOL)
            shutil.rmtree(download)

    return cache.entry(_entry_name(), cache.digest(*UNPACKED), unpack)


def _entry_name() -> str:
    release = platform.freedesktop_os_release()
    return f"debian/{release['ID']}-{release.get('VERSION_ID', 'rolling')}-{platform.machine()}"


def _apt_get(*arguments: str, cwd: Path | None = None) -> None:
    """Run apt-get, and once more with fresh package lists when these are missing or out of date; one at a time."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    command = ["apt-get", "--quiet", *arguments]
    cache.root().mkdir(parents=True, exist_ok=True)
    with FileLock(cache.root() / "apt.lock"):
        try:
            process.run(command, timeout_s=timeouts.DOWNLOAD, env=environment, cwd=cwd)
        except process.CommandFailed:
            process.run(["apt-get", "--quiet", "update"], timeout_s=timeouts.DOWNLOAD, env=environment)
            process.run(command, timeout_s=timeouts.DOWNLOAD, env=environment, cwd=cwd)
