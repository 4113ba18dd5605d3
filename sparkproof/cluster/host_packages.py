"""What this machine tells apt and pip (mirrors, proxies, certificates), for an image build and nothing beyond it."""

import ast
import os
import ssl
import sys
from dataclasses import dataclass
from pathlib import Path

from sparkproof import process, timeouts

# Where the build sees the host's files; a build argument, not an image's environment, points apt and pip there.
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
class Binding:
    """A file or folder of the host, and where the build sees it."""

    outside: Path
    inside: str


@dataclass(frozen=True)
class HostPackages:
    """The host's package settings as a build takes them: `bindings` to mount read-only, `args` to pass."""

    bindings: tuple[Binding, ...]
    args: dict[str, str]


def settings(folder: Path, sources: Path | None) -> HostPackages:
    """Write the host's settings of apt and pip into `folder` and say how a build uses them.

    `sources` is a sources.list for an image that has none of its own.
    """
    bindings = [Binding(folder, f"{_INSIDE}/settings")]
    apt = [line for line in _apt_acquire() if "::IndexTargets" not in line]
    if sources:
        bindings.append(Binding(sources, f"{_INSIDE}/sources.list"))
        apt.append(f'Dir::Etc::SourceList "{_INSIDE}/sources.list";')
    (folder / "apt.conf").write_text("\n".join(apt) + "\n")
    pip = ["[global]"]
    for number, (key, value) in enumerate(_pip().items()):
        words = []
        for position, word in enumerate(value.split()):
            if Path(word).is_absolute() and Path(word).exists():
                bindings.append(Binding(Path(word), f"{_INSIDE}/pip-{number}-{position}"))
                word = bindings[-1].inside
            words.append(word)
        pip.append(f"{key} = {' '.join(words)}")
    (folder / "pip.conf").write_text("\n".join(pip) + "\n")
    args = {"APT_CONFIG": f"{_INSIDE}/settings/apt.conf", "PIP_CONFIG_FILE": f"{_INSIDE}/settings/pip.conf"}
    return HostPackages(tuple(bindings), args)


def debian_sources(suite: str) -> list[str]:
    """The sources.list lines by which this machine reaches `suite` and its updates; none where it uses another."""
    wanted = {suite, f"{suite}-updates", f"{suite}-security"}
    found = process.run(
        ["apt-get", "indextargets", "--format", "$(REPO_URI) $(RELEASE) $(COMPONENT)", "Created-By: Packages"],
        timeout_s=timeouts.TOOL,
    )
    targets = [line.split() for line in found.stdout.splitlines()]
    return [f"deb {uri} {release} {component}" for uri, release, component in targets if release in wanted]


def _apt_acquire() -> list[str]:
    dumped = process.run(["apt-config", "dump"], timeout_s=timeouts.TOOL).stdout
    return [line for line in dumped.splitlines() if line.startswith("Acquire::") and not line.endswith('"";')]


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
