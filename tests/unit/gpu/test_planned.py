"""What RAPIDS would do: an operator elsewhere, another reason and a platform without RAPIDS are seen."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest

from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level, Record
from sparkproof.gpu.planned import PlannedOperator, RapidsPlan
from sparkproof.gpu.settings import RapidsSettings
from tests.support.recorded import RecordedPlatform

# As RAPIDS 26.04 explains a plan, shortened.
EXPLAINED = """
*Exec <FilterExec> will run on GPU
  *Expression <GreaterThan> (fare > 2.0) will run on GPU
  ^Expression <Upper> upper(zone) will run via CPU bridge because it is incompatible with the CPU's upper
!Exec <GenerateExec> cannot run on GPU because not all expressions can be replaced
  ! <SoundEx> soundex(zone) cannot run on GPU because GPU does not currently support the operator class x.y.SoundEx
  *Exec <BatchScanExec> will run on GPU
"""
RULES = ("org.apache.spark.sql.Rule", "com.nvidia.spark.rapids.GpuOverrides")
PLAN = RapidsPlan("RAPIDS (forced, with the shim of spark411)", "SELECT 1", EXPLAINED, RULES)
ON_CPU = ("Generate",)

Check = Callable[[RapidsPlan], None]
HOLDING: dict[str, Check] = {
    "on the GPU": lambda plan: plan.must_run_on_gpu(["Filter", "BatchScan"], on_cpu=ON_CPU),
    "on the CPU": lambda plan: plan.must_stay_on_cpu("Generate", "not all expressions"),
    "on the CPU for an expression": lambda plan: plan.must_stay_on_cpu("Generate", "SoundEx"),
    "lacking": lambda plan: plan.must_lack("SoundEx"),
    "bridged": lambda plan: plan.must_bridge("Upper", "incompatible"),
    "forced": lambda plan: plan.must_be_forced(),
}


@pytest.mark.parametrize("check", HOLDING.values(), ids=HOLDING)
def test_what_rapids_plans_is_proved_where_rapids_has_a_part_in_it(check: Check, record: Record) -> None:
    check(PLAN)
    assert record.level is Level.PLANNED
    assert record.items[0].content.decode() == EXPLAINED


@pytest.mark.parametrize("check", HOLDING.values(), ids=HOLDING)
def test_without_rapids_among_the_rules_nothing_is_proved(check: Check, record: Record) -> None:
    with pytest.raises(CheckFailed, match="RAPIDS is not among the planner classes of this platform's Spark"):
        check(RapidsPlan(PLAN.rapids, PLAN.statement, EXPLAINED, RULES[:1]))
    assert not record.proofs


@pytest.mark.parametrize(
    ("check", "words"),
    [
        (lambda plan: plan.must_run_on_gpu(["Window"], on_cpu=ON_CPU), "would not run Window on the GPU"),
        (lambda plan: plan.must_run_on_gpu(["Generate"], on_cpu=ON_CPU), "would not run Generate on the GPU"),
        (
            lambda plan: plan.must_run_on_gpu(["Filter"]),
            r"leave these operators to the CPU: Generate \(cannot",
        ),
        (lambda plan: plan.must_stay_on_cpu("Filter", "not all"), "would not leave Filter to the CPU"),
        (lambda plan: plan.must_stay_on_cpu("Window", "not all"), "would not leave Window to the CPU"),
        (lambda plan: plan.must_stay_on_cpu("Generate", "a decimal"), "not because of 'a decimal': cannot run"),
        # The reasons of other operators, and of the expressions of those, are none of its own.
        (lambda plan: plan.must_stay_on_cpu("Generate", "incompatible"), "not because of 'incompatible': cannot run"),
        (lambda plan: plan.must_stay_on_cpu("Generate", "will run on GPU"), "not because of 'will run on GPU'"),
        (lambda plan: plan.must_lack("Upper"), "does not report Upper as not supported"),
        (lambda plan: plan.must_lack("undEx"), "does not report undEx as not supported"),
        (lambda plan: plan.must_bridge("Lower", "incompatible"), "would not have the CPU compute Lower"),
        (lambda plan: plan.must_bridge("Upper", "slow"), "not because of 'slow': it is incompatible"),
        (
            lambda _: RapidsPlan("RAPIDS", "SELECT 1", EXPLAINED, RULES).must_be_forced(),
            "as if the vendor supported this",
        ),
    ],
)
def test_what_rapids_would_not_do_is_seen(check: Check, words: str, record: Record) -> None:
    with pytest.raises(CheckFailed, match=words):
        check(PLAN)
    assert not record.proofs


def test_operators_are_read_from_the_root_down() -> None:
    assert PLAN.operators[1] == PlannedOperator(
        "Generate", False, "cannot run on GPU because not all expressions can be replaced"
    )
    with pytest.raises(CheckFailed, match="would not run Filter on the GPU: nothing"):
        RapidsPlan("RAPIDS", "SELECT 1", "", RULES).must_run_on_gpu(["Filter"])


class WithPreset(RecordedPlatform):
    """A platform whose chart renders something for the preset gpu alone."""

    def render(self, presets: Sequence[str] | None = None, values: Mapping[str, Any] | None = None) -> str:  # noqa: ARG002
        return self.rendered if presets == ["gpu"] else ""


def platform(rendered: str) -> RecordedPlatform:
    return WithPreset(rendered=rendered)


SETTINGS = RapidsSettings(frozenset({"spark.rapids.sql.enabled", "spark.rapids.memory.pool"}))


def test_settings_that_rapids_has_are_proved(record: Record) -> None:
    SETTINGS.must_include_those_of(platform("  spark.rapids.sql.enabled=true\n  spark.master=k8s\n"), "gpu")
    SETTINGS.must_not_include("spark.rapids.sql.enable")
    assert record.level is Level.PLANNED
    assert record.proofs[0].seen == "RAPIDS has all of spark.rapids.sql.enabled"
    assert b"spark.rapids.memory.pool" in record.items[0].content


def test_a_misspelt_setting_and_a_preset_that_makes_none_are_seen(record: Record) -> None:
    with pytest.raises(CheckFailed, match=r"has no spark\.rapids\.sql\.enable, which the preset gpu sets"):
        SETTINGS.must_include_those_of(platform("spark.rapids.sql.enable=true"), "gpu")
    with pytest.raises(CheckFailed, match="The preset gpu sets nothing for RAPIDS"):
        SETTINGS.must_include_those_of(platform("spark.master=k8s"), "gpu")
    assert not record.proofs


def test_a_setting_that_is_there_and_a_rapids_without_any_are_seen(record: Record) -> None:
    with pytest.raises(CheckFailed, match=r"RAPIDS has spark\.rapids\.sql\.enabled"):
        SETTINGS.must_not_include("spark.rapids.sql.enabled")
    with pytest.raises(CheckFailed, match="no settings at all"):
        RapidsSettings(frozenset()).must_not_include("spark.rapids.sql.enabled")
    assert not record.proofs
