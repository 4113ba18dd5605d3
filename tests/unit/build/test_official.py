"""Kubernetes' own archive is taken whole and as pinned, or refused in a sentence, with nothing left of it."""

import functools
import hashlib
import io
import tarfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from sparkproof.build import official, programs, scratch
from sparkproof.build.official import Unavailable
from sparkproof.core import cache, process, progress, timeouts
from tests.support import loopback

VERSION = programs.version("kubelet")
NAME = f"{VERSION}/kubernetes-server-linux-{scratch.architecture()}.tar.gz"
# Each program answers only to the command by which the real one says its version.
ANSWERS = {"kubeadm": ("version --output short", "{}"), "kubectl": ("version --client", "Client Version: {}\\nKust v9")}


def program(name: str, version: str = VERSION) -> bytes:
    """Return a shell script that says its version as the program of this name does."""
    command, answer = ANSWERS.get(name, ("--version", "Kubernetes {}"))
    return f"#!/bin/sh\n[ \"$*\" = '{command}' ] && printf '{answer}\\n'\n".format(version).encode()


def packed(contents: Mapping[str, bytes]) -> bytes:
    """Return an archive laid out as the makers', which has more than the programs."""
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w:gz") as tar:
        for path, content in {"version": b"x", "server/bin/mounter": b"x", **contents}.items():
            member = tarfile.TarInfo(f"kubernetes/{path}")
            member.size, member.mode = len(content), 0o750
            tar.addfile(member, io.BytesIO(content))
    return archive.getvalue()


@functools.cache
def whole() -> bytes:
    return packed(bin_of({}))


def bin_of(others: Mapping[str, bytes | None]) -> dict[str, bytes]:
    """Return the programs by path, these `others` in their place; None leaves one out."""
    given = {**{name: program(name) for name in official.PROGRAMS}, **others}
    return {f"server/bin/{name}": content for name, content in given.items() if content is not None}


@dataclass
class Makers:
    """A server on loopback with the makers' files: `asked` are the paths of requests, `before` runs before each."""

    url: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    leads: dict[str, str] = field(default_factory=dict)
    status: int = 404
    announces: int = 0
    before: Callable[[], object] = lambda: None
    asked: list[str] = field(default_factory=list)


@pytest.fixture
def makers(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Makers]:
    """Serve the whole archive, pinned, to a machine with an empty cache whose setting names the server."""
    serving = Makers(files={f"/{NAME}": whole()})

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            serving.asked.append(self.path)
            serving.before()
            content = serving.files.get(self.path)
            leads = serving.leads.get(self.path)
            self.send_response(302 if leads else serving.status if content is None else 200)
            if leads:
                self.send_header("Location", leads)
            self.send_header("Content-Length", str(serving.announces or len(content or b"")))
            self.end_headers()
            self.wfile.write(content or b"")

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    monkeypatch.setenv("SPARKPROOF_CACHE", str(tmp_path / "cache"))
    pin(monkeypatch, tmp_path, whole())
    with loopback.serving(loopback.on_any_port(Answer)) as serving.url:
        monkeypatch.setenv(official.SETTING, serving.url)
        yield serving


def pin(monkeypatch: pytest.MonkeyPatch, folder: Path, archive: bytes) -> None:
    """Pin this archive and no other one."""
    pins = folder / "kubernetes.sha512"
    pins.write_text(f"{hashlib.sha512(archive).hexdigest()}  {NAME}\n")
    monkeypatch.setattr(official, "_PINS", pins)


def serve(makers: Makers, monkeypatch: pytest.MonkeyPatch, folder: Path, archive: bytes) -> None:
    """Serve an archive that is pinned as it is."""
    makers.files[f"/{NAME}"] = archive
    pin(monkeypatch, folder, archive)


def refused(name: str = "kubelet") -> str:
    """Return the sentence with which a program is refused; nothing of it is in the cache then."""
    with pytest.raises(Unavailable) as wrong:
        programs.build(name)
    assert [path for path in cache.root().rglob("*") if path.is_file() and path.suffix != ".lock"] == []
    assert programs.unfetched() is not None
    said = str(wrong.value)
    assert "\n" not in said
    assert said.endswith("or set SPARKPROOF_KUBERNETES=built to build Kubernetes here.")
    return said


def test_each_program_is_the_makers_and_is_fetched_once(makers: Makers) -> None:
    assert programs.unfetched() is not None
    for name in official.PROGRAMS:
        built = programs.build(name)
        assert (built.name, built.read_bytes()) == (name, program(name))
        assert process.run([built, *official._VERSION_COMMANDS.get(name, ["--version"])], timeout_s=9).exit_code == 0
    assert makers.asked == [f"/{NAME}"]
    assert programs.unfetched() is None
    assert sorted(path.name for path in built.parent.iterdir()) == sorted(official.PROGRAMS)


def test_a_server_with_a_path_has_the_files_below_it(makers: Makers, monkeypatch: pytest.MonkeyPatch) -> None:
    makers.files = {f"/mirror/k8s/{NAME}": whole()}
    monkeypatch.setenv(official.SETTING, f"{makers.url}/mirror/k8s/")
    programs.build("kubectl")
    assert makers.asked == [f"/mirror/k8s/{NAME}"]


def test_progress_names_the_version_the_server_and_how_much_is_there(
    makers: Makers, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr(progress, "say", said.append)
    monkeypatch.setattr(progress.Waiting.__init__, "__defaults__", (0.0,))
    serving = makers.files[f"/{NAME}"]
    programs.build("kubelet")
    assert f"fetching Kubernetes {VERSION} from 127.0.0.1 ..." in said
    assert f"of {len(serving) / 2**20:.0f} MiB" in next(line for line in said if "MiB" in line)
    assert f"unpacking Kubernetes {VERSION} ..." in said


@pytest.mark.usefixtures("makers")
def test_built_and_official_programs_have_keys_and_folders_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    fetched, key, other = programs.build("kubelet"), programs.key("kubelet"), programs.key("etcd")
    monkeypatch.setenv(official.SETTING, "built")
    assert programs.key("kubelet") != key
    assert programs.key("etcd") == other
    assert cache.lookup("bin/kubelet", programs.key("kubelet")) is None
    assert not fetched.is_relative_to(cache.root() / f"bin/kubelet-{key}")
    assert "kubelet" in programs.unbuilt()


def test_another_digest_has_an_entry_of_its_own(
    makers: Makers, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    first = programs.build("kubelet")
    serve(makers, monkeypatch, tmp_path, packed(bin_of({"kubelet": program("kubelet") + b"# again\n"})))
    second = programs.build("kubelet")
    assert first != second
    assert first.read_bytes() != second.read_bytes()


@pytest.mark.parametrize("changed", [whole()[:-1] + b"?", b"<html>Please log in</html>"])
def test_an_archive_that_is_not_the_pinned_one_is_refused(changed: bytes, makers: Makers) -> None:
    makers.files[f"/{NAME}"] = changed
    found, pinned = (hashlib.sha512(each).hexdigest() for each in (changed, whole()))
    assert f"{NAME} has the SHA-512 {found}, not the pinned {pinned}: use a server" in refused()


def test_after_a_refusal_the_next_try_may_succeed(makers: Makers) -> None:
    makers.files[f"/{NAME}"] = whole() + b"more"
    refused()
    makers.files[f"/{NAME}"] = whole()
    assert programs.build("kubelet").read_bytes() == program("kubelet")


@pytest.mark.parametrize(("status", "said"), [(404, "404 Not Found"), (503, "503 Service Unavailable")])
def test_an_archive_that_is_not_served_is_refused(status: int, said: str, makers: Makers) -> None:
    makers.files, makers.status = {}, status
    expected = f"{makers.url}/{NAME} is not served ({said}): set SPARKPROOF_KUBERNETES to the address of a server"
    assert refused().startswith(expected)


@pytest.mark.usefixtures("makers")
def test_a_server_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(official.SETTING, "http://127.0.0.1:1")
    assert refused().startswith(f"http://127.0.0.1:1/{NAME} cannot be reached ([Errno 111] Connection refused): set HT")


def test_a_server_that_cannot_prove_itself_is_not_reached(makers: Makers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(official.SETTING, makers.url.replace("http:", "https:"))
    assert "cannot be reached ([SSL" in refused()
    assert makers.asked == []


def test_a_server_that_stalls_is_given_up(makers: Makers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timeouts, "DOWNLOAD_STALLED", 0.2)
    makers.before = lambda: time.sleep(1)
    assert "cannot be reached (timed out)" in refused()


@pytest.mark.usefixtures("makers")
def test_a_program_or_a_download_that_takes_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timeouts, "TOOL", 0.0)
    assert "(`kubelet` was still running after 0 s and was stopped): see if kubernetes.sha512" in refused()
    monkeypatch.setattr(timeouts, "DOWNLOAD", 0.0)
    assert "was not there after 0 s: try again on a faster line" in refused()


def test_a_download_that_breaks_off_is_told_from_another_digest(makers: Makers) -> None:
    makers.announces = len(whole()) + 1000
    assert f"broke off after {len(whole())} of {len(whole()) + 1000} bytes: try again" in refused()


def test_a_server_may_lead_to_another_one(makers: Makers) -> None:
    makers.files = {"/elsewhere": whole()}
    makers.leads = {f"/{NAME}": "/elsewhere"}
    assert programs.build("kubelet").exists()
    assert makers.asked == [f"/{NAME}", "/elsewhere"]


def test_a_server_may_not_lead_to_one_without_encryption(makers: Makers) -> None:
    makers.leads = {f"/{NAME}": "http://example.com/elsewhere"}
    assert "leads to http://example.com/elsewhere, which is not encrypted" in refused()


@pytest.mark.parametrize("name", official.PROGRAMS)
def test_a_program_of_another_version_is_refused(
    name: str, makers: Makers, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    serve(makers, monkeypatch, tmp_path, packed(bin_of({name: program(name, f"{VERSION}-rc.1")})))
    assert f"{name} of {makers.url}/{NAME} is {VERSION}-rc.1, not {VERSION}: see if kubernetes.sha512" in refused()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"#!/bin/sh\necho none\n", f"does not say its version, not {VERSION}"),
        (b"#!/bin/sh\nexit 3\n", "does not run here (`kube-proxy` exited with code 3)"),
        (b"\x7fELF of another machine", "does not run here ([Errno 8] Exec format error"),
    ],
)
def test_a_program_that_does_not_say_its_version_is_refused(
    content: bytes, said: str, makers: Makers, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    serve(makers, monkeypatch, tmp_path, packed(bin_of({"kube-proxy": content})))
    assert said in refused("kubectl")


def test_an_archive_that_lacks_programs_is_refused(
    makers: Makers, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    serve(makers, monkeypatch, tmp_path, packed(bin_of({"kubelet": None, "kubeadm": None})))
    assert f"{NAME} has no kubelet, kubeadm: see if" in refused("kubectl")


def test_an_archive_that_is_none_is_refused(makers: Makers, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    serve(makers, monkeypatch, tmp_path, b"no archive, and pinned all the same")
    assert "cannot be unpacked (" in refused()


@pytest.mark.usefixtures("makers")
def test_an_interrupted_download_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(official.Archive, "_unpack", interrupt)
    with pytest.raises(KeyboardInterrupt):
        programs.build("kubelet")
    assert [path for path in cache.root().rglob("*") if path.is_file() and path.suffix != ".lock"] == []


def test_what_cannot_be_had_is_never_built_instead(makers: Makers, monkeypatch: pytest.MonkeyPatch) -> None:
    makers.files = {}
    monkeypatch.setattr(programs, "go", lambda: pytest.fail("it is built"))
    for name in official.PROGRAMS:
        with pytest.raises(Unavailable):
            programs.build(name)


def test_the_server_is_asked_for_the_archive_without_fetching_it(makers: Makers) -> None:
    official.archive(VERSION).must_be_served()
    assert makers.asked == [f"/{NAME}"]
    assert programs.unfetched() is not None
    makers.files = {}
    with pytest.raises(Unavailable, match="404"):
        official.archive(VERSION).must_be_served()
