"""Fetches Kubernetes' programs as their makers publish them, when the setting SPARKPROOF_KUBERNETES says so."""

import hashlib
import http.client
import ipaddress
import os
import re
import shutil
import tarfile
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

from sparkproof.build import scratch
from sparkproof.core import cache, process, timeouts
from sparkproof.core.errors import SparkproofError, UsageError, first_line
from sparkproof.core.progress import Waiting, doing

SETTING = "SPARKPROOF_KUBERNETES"
PROGRAMS = (
    "kubelet", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kube-proxy", "kubeadm", "kubectl",
)  # fmt: skip
# The archives' digests in the format of sha512sum, as Kubernetes' CHANGELOG has them.
_PINS = Path(__file__).parent / "tools" / "kubernetes.sha512"
_MAKERS = "https://dl.k8s.io"
_BUILT, _OFFICIAL = "built", "official"
_SEE_PIN = f"see if {_PINS.name} has the right digest"
_OTHERWISE = f"or set {SETTING}={_BUILT} to build Kubernetes here"
_VERSION_COMMANDS = {"kubeadm": ("version", "--output", "short"), "kubectl": ("version", "--client")}
_CHUNK = 2**20


class Unavailable(SparkproofError):
    """The official programs cannot be had: what was `seen`, and the `remedy`."""

    def __init__(self, seen: str, remedy: str) -> None:
        self.seen, self.remedy = seen, f"{remedy}, {_OTHERWISE}"
        super().__init__(f"{self.seen}: {self.remedy}.")


@dataclass(frozen=True)
class Archive:
    """The archive that has all programs of a Kubernetes `version` for this kind of machine, and its pinned digest."""

    version: str
    name: str
    sha512: str

    @property
    def url(self) -> str:
        """Return the archive's address on the server that the setting names; raises UsageError."""
        return f"{_server() or _MAKERS}/{self.name}"

    @property
    def cached(self) -> Path | None:
        """Return the folder of the programs in the cache, or None if they have not been fetched."""
        return cache.lookup(self._entry, self.key)

    @property
    def key(self) -> str:
        """Return a key that changes when the programs do; it is known before they are fetched."""
        return cache.digest(self.name, self.sha512)

    def fetched(self) -> Path:
        """Return the folder of the programs, which are fetched into the cache if it lacks them.

        Raises Unavailable when the archive is not served, has another digest than the pinned one, or has programs that
        are missing or report another version. Nothing of it stays then.
        """
        return cache.entry(self._entry, self.key, self._fetch)

    def must_be_served(self) -> None:
        """Check that the server has the archive, without fetching it; raises Unavailable."""
        _open(self.url).close()

    @property
    def _entry(self) -> str:
        return f"bin/kubernetes-{_OFFICIAL}-{self.version}"

    def _fetch(self, folder: Path) -> None:
        try:
            with doing(f"fetching Kubernetes {self.version} from {urlsplit(self.url).hostname}"):
                self._download(folder / "archive")
            with doing(f"unpacking Kubernetes {self.version}"):
                self._unpack(folder / "archive", folder)
                (folder / "archive").unlink()
                for name in PROGRAMS:
                    self._must_be_of_this_version(folder / name)
        except BaseException:
            for each in folder.iterdir():
                each.unlink()
            raise

    def _download(self, path: Path) -> None:
        """Write the archive to `path`; raises Unavailable unless all of it comes, with the pinned digest."""
        deadline = time.monotonic() + timeouts.DOWNLOAD
        said, summed = Waiting(f"fetching Kubernetes {self.version}"), hashlib.sha512()
        with _open(self.url) as answer, path.open("wb") as file:
            expected = answer.length or 0
            total = f" of {expected / 2**20:.0f}" if expected else ""
            while chunk := _read(answer, self.url):
                summed.update(chunk)
                file.write(chunk)
                said.look(lambda: f"{file.tell() / 2**20:.0f}{total} MiB")
                if time.monotonic() > deadline:
                    late = f"{self.url} was not there after {timeouts.DOWNLOAD:g} s"
                    raise Unavailable(late, "try again on a faster line")
        if (size := path.stat().st_size) < expected:
            raise Unavailable(f"{self.url} broke off after {size} of {expected} bytes", "try again")
        if (found := summed.hexdigest()) != self.sha512:
            raise Unavailable(
                f"{self.url} has the SHA-512 {found}, not the pinned {self.sha512}",
                f"use a server that has what Kubernetes' makers published, {_SEE_PIN}",
            )

    def _unpack(self, archive: Path, folder: Path) -> None:
        wanted = {f"kubernetes/server/bin/{name}": folder / name for name in PROGRAMS}
        try:
            with tarfile.open(archive, "r|gz") as members:
                for member in members:
                    content = members.extractfile(member) if member.isfile() and member.name in wanted else None
                    if content is not None:
                        _write(content, wanted.pop(member.name))
        except tarfile.TarError as broken:
            raise Unavailable(f"{self.url} cannot be unpacked ({broken})", _SEE_PIN) from None
        if wanted:
            named = ", ".join(path.name for path in wanted.values())
            raise Unavailable(f"{self.url} has no {named}", _SEE_PIN)

    def _must_be_of_this_version(self, program: Path) -> None:
        subject = f"{program.name} of {self.url}"
        try:
            command: list[str | Path] = [program, *_VERSION_COMMANDS.get(program.name, ("--version",))]
            said = process.run(command, timeout_s=timeouts.TOOL).stdout
        except (process.CommandFailed, OSError) as failed:
            raise Unavailable(f"{subject} does not run here ({first_line(str(failed))})", _SEE_PIN) from None
        reported = re.search(r"v\d+\.\d+\.\d+\S*", said)
        if reported is None or reported[0] != self.version:
            seen = f"is {reported[0]}" if reported else "does not say its version"
            raise Unavailable(f"{subject} {seen}, not {self.version}", _SEE_PIN)


def asked() -> bool | None:
    """Return True if the setting asks for official programs, False for built ones, None if it is not set.

    Raises UsageError for a setting that cannot be used.
    """
    setting = os.environ.get(SETTING, "")
    return _server() is not None if setting else None


def archive(version: str) -> Archive:
    """Return the archive of this Kubernetes version for this kind of machine; raises Unavailable if none is pinned."""
    name = f"{version}/kubernetes-server-linux-{scratch.architecture()}.tar.gz"
    for line in _PINS.read_text().splitlines():
        sha512, _, pinned = line.partition("  ")
        if pinned == name:
            return Archive(version, name, sha512)
    raise Unavailable(f"{_PINS.name} has no digest of {name}", "add the one of Kubernetes' CHANGELOG")


def _server() -> str | None:
    """Return the address under which the archives lie, None if Kubernetes is to be built here; raises UsageError."""
    setting = os.environ.get(SETTING, "")
    if setting in ("", _BUILT):
        return None
    if setting == _OFFICIAL:
        return _MAKERS
    if not _is_secure(setting) or re.search(r"[@?#\s]", setting):
        raise UsageError(
            f"{SETTING}={setting.rpartition('@')[2]} is not usable: write {_BUILT}, {_OFFICIAL}, or the address of a "
            f"server that has what {_MAKERS} has (https://HOST/PATH, without credentials)."
        )
    return setting.rstrip("/")


def _is_secure(url: str) -> bool:
    """Return True for https, and for http to this machine itself."""
    try:
        scheme, host = urlsplit(url).scheme, urlsplit(url).hostname
    except ValueError:
        return False
    return bool(host) if scheme == "https" else scheme == "http" and _is_loopback(url)


def _is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class _SecureRedirects(urllib.request.HTTPRedirectHandler):
    """Follows a server to another one, such as that of a CDN, and never to one without encryption."""

    def redirect_request(  # type: ignore[no-untyped-def]
        self, req, fp, code, msg, headers, newurl
    ) -> urllib.request.Request | None:
        if not _is_secure(newurl):
            raise Unavailable(f"{req.full_url} leads to {newurl}, which is not encrypted", "use another server")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _open(url: str) -> http.client.HTTPResponse:
    """Return the server's answer, its content unread; raises Unavailable."""
    handlers: list[urllib.request.BaseHandler] = [_SecureRedirects()]
    if _is_loopback(url):
        handlers.append(urllib.request.ProxyHandler({}))
    request = urllib.request.Request(url, headers={"User-Agent": "sparkproof"})
    try:
        answer: http.client.HTTPResponse = urllib.request.build_opener(*handlers).open(
            request, timeout=timeouts.DOWNLOAD_STALLED
        )
    except urllib.error.HTTPError as refused:
        refused.close()
        seen = f"{url} is not served ({refused.code} {refused.reason})"
        raise Unavailable(seen, f"set {SETTING} to the address of a server that has it") from None
    except (OSError, http.client.HTTPException) as failed:
        raise _unreachable(url, failed) from None
    return answer


def _read(answer: http.client.HTTPResponse, url: str) -> bytes:
    try:
        return answer.read1(_CHUNK)
    except (OSError, http.client.HTTPException) as failed:
        raise _unreachable(url, failed) from None


def _unreachable(url: str, failed: Exception) -> Unavailable:
    seen = f"{url} cannot be reached ({getattr(failed, 'reason', failed)})"
    return Unavailable(seen, "set HTTPS_PROXY and SSL_CERT_FILE as this machine needs them")


def _write(content: IO[bytes], program: Path) -> None:
    with program.open("wb") as file:
        shutil.copyfileobj(content, file, _CHUNK)
    program.chmod(0o755)
