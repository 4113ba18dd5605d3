"""A contract is that of its file and what is expected beside it; each promise has to be of something that is known."""

from pathlib import Path

import pytest

from sparkproof.cluster import contract
from sparkproof.core.errors import UsageError


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "staging.yaml"
    path.write_text("environment: staging\npromises: [storage]\n")
    return path


def test_what_is_expected_is_promised_beside_what_the_file_says(file: Path) -> None:
    found = contract.read(file, ["gpu"])
    assert found and (found.environment, found.promises) == ("staging", ("storage", "gpu"))
    alone = contract.read(None, ["gpu"])
    assert alone and (alone.environment, alone.promises) == ("the cluster", ("gpu",))
    assert contract.read(None) is None


@pytest.mark.parametrize(("promised", "expected"), [("storag", []), ("storage", ["gpus"])])
def test_a_promise_of_something_unknown_is_refused(promised: str, expected: list[str], file: Path) -> None:
    file.write_text(f"environment: staging\npromises: [{promised}]\n")
    with pytest.raises(UsageError, match=r"Capability '\w+' is unknown; did you mean (storage|gpu)\?"):
        contract.read(file, expected)
