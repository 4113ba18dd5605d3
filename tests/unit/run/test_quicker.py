"""Places that are kept are those that behave's own code gives, in each working folder."""

from pathlib import Path

import pytest
from behave.matchers import Match
from behave.model import Scenario
from behave.model_type import make_relpath_if_possible

from sparkproof.run.quicker import keep_locations


@pytest.fixture(autouse=True)
def _kept() -> None:
    keep_locations()
    keep_locations()  # a second run in the same process keeps what there is


def test_a_statements_file_is_told_from_the_working_folder_of_its_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "inner").mkdir()
    file = str(tmp_path / "features/f.feature")
    for folder in (tmp_path, tmp_path / "inner", tmp_path):
        monkeypatch.chdir(folder)
        told = Scenario(file, 3, "Scenario", "S").location
        assert (told.filename, told.line) == (make_relpath_if_possible(file, str(folder)), 3)


def test_a_function_is_found_from_the_working_folder_of_its_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder in (tmp_path, tmp_path.parent, tmp_path):
        monkeypatch.chdir(folder)
        told = Match.make_location(test_a_function_is_found_from_the_working_folder_of_its_time)
        assert (folder / told.filename).resolve() == Path(__file__)
