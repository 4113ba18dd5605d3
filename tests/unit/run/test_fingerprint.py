"""A fingerprint is the one that `sha256sum` makes."""

import hashlib
import subprocess
from pathlib import Path

from sparkproof.run.fingerprint import fingerprint


def test_a_file_a_folder_and_nothing_have_fingerprints(tmp_path: Path) -> None:
    for name, text in (("b", "2"), ("a", "1"), ("c/d", "3")):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    assert fingerprint(tmp_path / "a") == {"files": 1, "sha256": hashlib.sha256(b"1").hexdigest()}
    listed = subprocess.run(["sha256sum", "a", "b", "c/d"], cwd=tmp_path, capture_output=True, check=True).stdout
    assert fingerprint(tmp_path) == {"files": 3, "sha256": hashlib.sha256(listed).hexdigest()}
    assert fingerprint(tmp_path / "none") == {"files": 0, "sha256": hashlib.sha256(b"").hexdigest()}
    (tmp_path / "odd").mkdir()
    (tmp_path / "odd" / "\udcff").write_text("")
    line = hashlib.sha256(b"").hexdigest().encode() + b"  \xff\n"
    assert fingerprint(tmp_path / "odd") == {"files": 1, "sha256": hashlib.sha256(line).hexdigest()}
