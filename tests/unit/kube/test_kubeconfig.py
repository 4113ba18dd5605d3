"""What a kubeconfig embeds of keys and certificates is in memory only, for a run and the workers that it forks.

What a plugin gives is taken, and one that fails or hangs is an error.
"""

import base64
import json
import multiprocessing
import subprocess
import tempfile
from pathlib import Path

import pytest
import yaml

from sparkproof.core import timeouts
from sparkproof.core.errors import UsageError
from sparkproof.core.wait import eventually
from sparkproof.kube import kubeconfig
from sparkproof.kube.client import Kube

SECRET = b"-----BEGIN EC PRIVATE KEY-----"


@pytest.fixture
def embedding(tmp_path: Path) -> Path:
    """A kubeconfig with embedded credentials."""
    data = base64.b64encode(SECRET).decode()
    names = {"cluster": "c", "user": "u"}
    path = tmp_path / "config"
    path.write_text(
        yaml.safe_dump(
            {
                "clusters": [
                    {"name": "c", "cluster": {"server": "https://127.0.0.1:1", "certificate-authority-data": data}}
                ],
                "users": [{"name": "u", "user": {"client-certificate-data": data, "client-key-data": data}}],
                "contexts": [{"name": "x", "context": names}],
                "current-context": "x",
            }
        )
    )
    return path


def test_nothing_of_it_is_in_the_temporary_folder(
    embedding: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    own = kubeconfig.new_client(embedding, None).configuration
    files = [own.ssl_ca_cert, own.cert_file, own.key_file]
    assert [Path(each).read_bytes() for each in files] == [SECRET] * 3
    assert list(temporary.iterdir()) == []
    with multiprocessing.get_context("fork").Pool(1) as workers:
        assert workers.map(_read, files) == [SECRET] * 3


def test_a_program_that_is_started_has_no_access_to_it(embedding: Path) -> None:
    key = kubeconfig.new_client(embedding, "x").configuration.key_file
    assert subprocess.run(["cat", key], capture_output=True, check=False, close_fds=False).stdout == b""


def _read(path: str) -> bytes:
    return Path(path).read_bytes()


def with_plugin(path: Path, *argv: str) -> Path:
    """A kubeconfig whose user has the credentials that a program gives."""
    version = "client.authentication.k8s.io/v1"
    plugin = {"apiVersion": version, "command": argv[0], "args": argv[1:], "interactiveMode": "Never"}
    content = {
        "clusters": [{"name": "c", "cluster": {"server": "https://127.0.0.1:1"}}],
        "users": [{"name": "u", "user": {"exec": plugin}}],
        "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}],
    }
    path.write_text(json.dumps(content))
    return path


def credential(**status: str) -> str:
    return json.dumps({"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "status": status})


def test_a_plugin_gives_credentials(tmp_path: Path) -> None:
    path = with_plugin(tmp_path / "config", "echo", credential(token="abc"))
    assert kubeconfig.new_client(path, "x").configuration.api_key["BearerToken"] == "Bearer abc"


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["sh", "-c", "echo log in first >&2; exit 3"], "process returned 3. log in first. Give another"),
        (["no-such-program"], "No such file or directory: 'no-such-program'"),
        (["echo", "hello"], "failed to decode process output"),
        (["echo", credential()], "missing token or clientCertificateData"),
    ],
)
def test_a_plugin_that_gives_none_is_an_error(
    tmp_path: Path, argv: list[str], said: str, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(UsageError, match="its plugin gives no credentials: ") as wrong:
        kubeconfig.new_client(with_plugin(tmp_path / "config", *argv), "x")
    assert said in str(wrong.value)
    assert capfd.readouterr().err == ""


def test_a_plugin_that_hangs_is_ended_with_what_it_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timeouts, "CREDENTIALS", 0.5)
    path = with_plugin(tmp_path / "config", "sh", "-c", f"sleep 60 & echo $! > {tmp_path}/pid; wait")
    with pytest.raises(UsageError, match=r"`sh` did not answer within 0\.5 s and was stopped"):
        kubeconfig.new_client(path, "x")
    started = Path("/proc", (tmp_path / "pid").read_text().strip())
    eventually("the end of what it started", lambda: is_running(started), lambda runs: not runs, within_s=5)


def test_credentials_that_expire_and_are_not_renewed_are_an_error(tmp_path: Path) -> None:
    expired = credential(token="abc", expirationTimestamp="2020-01-01T00:00:00Z")
    once = f"test ! -e {tmp_path}/given || exit 1; touch {tmp_path}/given; echo '{expired}'"
    kube = Kube(with_plugin(tmp_path / "config", "sh", "-c", once), "x")
    with pytest.raises(UsageError, match="its plugin gives no credentials: process returned 1"):
        kube.version()


def is_running(process: Path) -> bool:
    try:
        return (process / "stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
