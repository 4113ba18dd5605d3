"""Images of programs that the cluster gets when they are needed: another build of one version is another image."""

from pathlib import Path

import pytest

from sparkproof.build import programs, scratch
from sparkproof.core import cache
from sparkproof.embedded import added, lifecycle


def test_a_program_that_is_built_otherwise_is_another_image(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    loaded: list[tuple[str, str]] = []
    monkeypatch.setattr(cache, "root", lambda: tmp_path)
    monkeypatch.setattr(programs, "version", lambda _name: "v2.15.0")
    monkeypatch.setattr(scratch, "write_archive", lambda images, path: path.write_text(images[0].reference))
    monkeypatch.setattr(lifecycle, "load", lambda path, reference: loaded.append((path.read_text(), reference)))
    references = []
    for build in ("bin/metrics-1", "bin/metrics-2", "bin/metrics-1"):
        monkeypatch.setattr(programs, "build", lambda _name, build=build: Path(build))
        references.append(added.image("metrics"))
    monkeypatch.setattr(programs, "build", lambda _name: Path("bin/metrics-1"))
    references.append(added.image("metrics", ["usr/bin/metrics"]))
    assert loaded == [(reference, reference) for reference in references]
    assert references[0] == references[2]
    assert len(set(references)) == 3
    assert all(each.startswith("localhost/sparkproof/metrics:v2.15.0-") for each in references)
