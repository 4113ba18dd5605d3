"""The discovery script: another number of GPUs, another vendor's and another reason are seen, in any of the pods."""

import json
from collections.abc import Sequence

import pytest

from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level, Record
from sparkproof.gpu.discovery import Discovery, Finding
from tests.support.recorded import RecordedKube, RecordedPlatform, RecordedStreams, executor, pod

ONE = Finding(("0",), "1 NVIDIA GPU by /dev/nvidia0")
NONE = Finding((), "no GPU: there is no /dev/nvidia0")


def test_the_gpus_of_each_pod_are_proved(record: Record) -> None:
    Discovery({"exec-0": ONE, "exec-1": ONE}).must_have_found("NVIDIA", 1)
    Discovery({"submit-0": NONE}).must_have_found_none("no GPU")
    assert record.level is Level.EXECUTED
    assert record.proofs[0].seen == "Each of exec-0, exec-1 has 1 NVIDIA GPU"
    assert [each.name for each in record.items] == ["found", "found"]


@pytest.mark.parametrize(
    ("other", "vendor", "count"),
    [(NONE, "NVIDIA", 1), (ONE, "AMD", 1), (ONE, "NVIDIA", 2), (Finding(("0", "1"), ONE.message), "NVIDIA", 1)],
    ids=["none", "another vendor", "too few", "too many"],
)
def test_another_finding_in_one_pod_is_seen(other: Finding, vendor: str, count: int, record: Record) -> None:
    good = Finding(tuple(map(str, range(count))), f"{vendor} GPU")
    with pytest.raises(CheckFailed, match="In exec-1 the script found"):
        Discovery({"exec-0": good, "exec-1": other}).must_have_found(vendor, count)
    assert not record.proofs


@pytest.mark.parametrize("other", [ONE, Finding(("0",), NONE.message), Finding((), "timed out")])
def test_a_gpu_or_another_reason_is_seen(other: Finding, record: Record) -> None:
    with pytest.raises(CheckFailed, match="In submit-1 the script found"):
        Discovery({"submit-0": NONE, "submit-1": other}).must_have_found_none("no GPU")
    assert not record.proofs


def test_where_nobody_was_asked_nothing_is_proved(record: Record) -> None:
    with pytest.raises(CheckFailed, match="no pod in which the script could be asked"):
        Discovery({}).must_have_found("NVIDIA", 1)
    with pytest.raises(CheckFailed, match="no pod in which the script could be asked"):
        Discovery({}).must_have_found_none("no GPU")
    assert not record.proofs


def test_the_script_is_asked_in_each_executor_and_where_applications_are_submitted() -> None:
    def programs(name: str, argv: Sequence[str]) -> RecordedStreams:
        assert list(argv) == ["gpu-discovery.sh"]
        if name == "spark-submit-0":
            return RecordedStreams(errors=NONE.message)
        return RecordedStreams(json.dumps({"name": "gpu", "addresses": ["0"]}), errors=ONE.message)

    platform = RecordedPlatform(
        RecordedKube(executor("exec-0"), executor("exec-1"), pod("spark-submit-0", "submit"), programs=programs)
    )
    Discovery.on_executors(platform).must_have_found("NVIDIA", 1)
    assert sorted(Discovery.on_executors(platform).findings) == ["exec-0", "exec-1"]
    Discovery.on_submitter(platform).must_have_found_none("no /dev/nvidia0")
