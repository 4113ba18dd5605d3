"""A run says what it tests: commit and changed files, charts with their digests, the versions that images hold."""

import subprocess
from pathlib import Path

import pytest

from sparkproof.build import versions
from sparkproof.suite import subject
from sparkproof.suite.settings import read


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with one commit, which is taken for the suite's own."""
    monkeypatch.setattr(subject, "_ROOT", tmp_path)
    (tmp_path / "charts").mkdir()
    for name in ("a file", "b", "c"):
        (tmp_path / "charts" / name).write_text(name * 20)
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "-c", "user.name=a", "-c", "user.email=a@b.example", "commit", "-qm", "first")
    return tmp_path


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", "-C", str(folder), *arguments], check=True)


@pytest.mark.usefixtures("checkout")
def test_a_clean_checkout_has_its_commit() -> None:
    commit, changed = subject.commit()
    assert len(commit) == 12
    assert changed == []


def test_changed_new_removed_and_renamed_files_are_named(checkout: Path) -> None:
    before, _ = subject.commit()
    (checkout / "charts/a file").write_text("changed")
    (checkout / "charts/new").write_text("new")
    (checkout / "charts/b").unlink()
    git(checkout, "mv", "charts/c", "charts/renamed")
    commit, changed = subject.commit()
    assert (commit, sorted(changed)) == (before, ["charts/a file", "charts/b", "charts/new", "charts/renamed"])


def test_outside_of_a_checkout_the_commit_is_not_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subject, "_ROOT", tmp_path)
    assert subject.commit() == ("", [])


def test_a_charts_digest_follows_its_files(tmp_path: Path) -> None:
    found = subject.charts(read({}).charts)
    assert set(found) == {"chart spark-3.5", "chart spark-4.1", "chart spark-common", "chart spark-standalone"}
    copy = tmp_path / "one"
    copy.mkdir()
    (copy / "Chart.yaml").write_text("version: 1.2.3\n")
    (copy / "values.yaml").write_text("a: 1\n")
    first = subject.charts(tmp_path)["chart one"]
    (copy / "values.yaml").write_text("a: 2\n")
    assert first.startswith("1.2.3 (")
    assert subject.charts(tmp_path)["chart one"] != first


def test_versions_are_those_of_what_the_images_hold() -> None:
    names = versions.names()
    held = subject.held(names)
    assert held["spark"] == ", ".join(sorted(names))
    assert held["java"] == versions.pins().parts["debian"].values["java"]
    assert {versions.spark(name).line.iceberg for name in names} == set(held["iceberg"].split(", "))
    assert "rapids" not in subject.held([name for name in names if not versions.spark(name).rapids])
