"""What this machine tells apt and pip (mirrors, proxies, certificates), for an image build and nothing beyond it."""

import ast
import os
import re
import shutil
import ssl
import sys
from dataclasses import dataclass
from pathlib import Path

from sparkproof.core import process, timeouts

# Where the build sees the host's settings: on /run, whose content no image keeps. Build arguments, which are not an
# image's environment either, point apt and pip there.
_RUN = "/run"
_INSIDE = "/run/host"

# What says where pip finds packages and how it gets there; its other settings are for this machine's own installs.
_PIP_SOURCES = {
    "cert",
    "client-cert",
    "default-timeout",
    "extra-index-url",
    "find-links",
    "index-url",
    "no-index",
    "proxy",
    "retries",
    "timeout",
    "trusted-host",
}


@dataclass(frozen=True)
class HostPackages:
    """The host's package settings as a build takes them: `volumes` (outside, inside) to mount, `args` to pass."""

    volumes: tuple[tuple[Path, str], ...]
    args: dict[str, str]


def settings(run: Path, sources: Path | None) -> HostPackages:
    """Write the host's settings of apt and pip into the empty folder `run` and say how a build uses them.

    `sources` is a sources.list for an image that has none of its own.
    """
    inside = run / Path(_INSIDE).relative_to(_RUN)
    inside.mkdir()
    volumes = [(run, _RUN)]
    apt = _apt()
    if sources:
        shutil.copy(sources, inside / "sources.list")
        apt.append(f'Dir::Etc::SourceList "{_INSIDE}/sources.list";')
    (inside / "apt.conf").write_text("\n".join(apt) + "\n")
    pip = ["[global]"]
    for setting, value in _pip().items():
        words = value.split()
        for position, path in enumerate(map(Path, words)):
            if path.is_absolute() and path.exists():
                name = f"{setting}-{position}"
                words[position] = f"{_INSIDE}/{name}"
                if path.is_dir():
                    (inside / name).mkdir()
                    volumes.append((path, words[position]))
                else:
                    shutil.copy(path, inside / name)
        pip.append(f"{setting} = {' '.join(words)}")
    (inside / "pip.conf").write_text("\n".join(pip) + "\n")
    return HostPackages(tuple(volumes), {"APT_CONFIG": f"{_INSIDE}/apt.conf", "PIP_CONFIG_FILE": f"{_INSIDE}/pip.conf"})


def debian_sources(suite: str) -> list[str]:
    """The sources.list lines by which this machine reaches `suite` and its updates; none where it uses another."""
    wanted = {suite, f"{suite}-updates", f"{suite}-security"}
    found = process.run(
        ["apt-get", "indextargets", "--format", "$(REPO_URI) $(RELEASE) $(COMPONENT)", "Created-By: Packages"],
        timeout_s=timeouts.TOOL,
    )
    targets = [line.split() for line in found.stdout.splitlines()]
    return [f"deb {uri} {release} {component}" for uri, release, component in targets if release in wanted]


def _apt() -> list[str]:
    """How apt fetches here (proxies, certificates, time limits), as lines of its configuration."""
    dumped = process.run(["apt-config", "dump"], timeout_s=timeouts.TOOL).stdout
    wanted = re.compile(r'Acquire::(?!IndexTargets)\S+ ".+";')
    return [line for line in dumped.splitlines() if wanted.fullmatch(line)]


def _pip() -> dict[str, str]:
    """Where pip finds packages here, by the settings' names; the environment wins over files, as for pip itself."""
    listed = process.run([sys.executable, "-m", "pip", "config", "list"], timeout_s=timeouts.TOOL).stdout
    found = {"cert": os.environ.get("SSL_CERT_FILE") or ssl.get_default_verify_paths().openssl_cafile}
    for line in sorted(listed.splitlines(), key=lambda line: line.startswith(":env:")):
        name, _, quoted = line.partition("=")
        setting = name.rpartition(".")[2]
        if setting in _PIP_SOURCES:
            found[setting] = ast.literal_eval(quoted)
    return found
