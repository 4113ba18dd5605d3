"""What a kubeconfig embeds of keys and certificates is in memory only, for a run and the workers that it forks."""

import base64
import multiprocessing
import subprocess
import tempfile
from pathlib import Path

import pytest
import yaml

from sparkproof.kube import kubeconfig

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
