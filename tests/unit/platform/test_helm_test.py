"""A chart's own tests: one that failed, one that never ran and none at all are told apart."""

from pathlib import Path
from typing import Any

import pytest

from sparkproof.cluster.target import Target
from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level, Record
from sparkproof.kube.objects import Manifest
from sparkproof.platform.helm_test import HelmTest
from sparkproof.platform.release import Release
from sparkproof.platform.spec import ReleaseSpec
from sparkproof.tenancy.team import Team
from tests.support.recorded import NAMESPACE, RecordedKube, helm, pod

SAID = "Error: 1 error occurred: pod spark-test-connect-denied failed"


def ended(said: str = "", **phases: str) -> HelmTest:
    """Tests that ended in these phases, whose logs say their names."""
    by_name = {f"spark-test-{name.replace('_', '-')}": phase for name, phase in phases.items()}
    return HelmTest(said, by_name, {name: f"this is {name}\n" for name in by_name})


def test_tests_that_all_succeeded_are_proved(record: Record) -> None:
    ended(connect="Succeeded", rest="Succeeded").must_have_passed()
    assert record.level is Level.EXECUTED
    assert record.proofs[0].seen == "2 tests of the chart passed"
    assert record.items[0].name == "tests"


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (ended(SAID, connect="Succeeded", rest="Failed"), "spark-test-rest says: this is spark-test-rest$"),
        (ended(connect="Succeeded", rest="Running"), "spark-test-rest says: this is spark-test-rest$"),
        (ended("Error: timed out", connect="Succeeded"), "did not pass: Error: timed out"),
        (ended(), "did not pass: there are none"),
        (ended("Error: release not found"), "did not pass: Error: release not found"),
    ],
    ids=["one failed", "one still runs", "helm failed", "none", "helm found none"],
)
def test_tests_that_did_not_pass_are_seen_with_their_words(found: HelmTest, words: str, record: Record) -> None:
    with pytest.raises(CheckFailed, match=words):
        found.must_have_passed()
    assert not record.proofs


def test_a_failure_of_the_one_test_is_proved(record: Record) -> None:
    ended(SAID, connect="Succeeded", connect_denied="Failed").must_have_failed("connect-denied")
    assert record.level is Level.EXECUTED
    assert record.proofs[0].seen == "spark-test-connect-denied failed: this is spark-test-connect-denied"


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (ended(connect="Succeeded", connect_denied="Succeeded"), "'spark-test-connect-denied': 'Succeeded'"),
        (ended(SAID, connect="Failed"), r"\['spark-test-connect'\]"),
        (ended(SAID, connect="Failed", connect_denied="Failed"), r"'spark-test-connect', 'spark-test-connect-denied'"),
        (ended("Error: timed out", connect="Succeeded", connect_denied="Running"), "'Running'"),
        (ended(connect_denied="Failed"), "spark-test-connect-denied"),
    ],
    ids=["none", "another", "another too", "helm gave up", "helm was content"],
)
def test_another_end_than_the_failure_of_the_one_test_is_seen(found: HelmTest, words: str, record: Record) -> None:
    with pytest.raises(CheckFailed, match=f"The test connect-denied and no other had to fail; failed: .*{words}"):
        found.must_have_failed("connect-denied")
    assert not record.proofs


def run(failure: str, *objects: Manifest, told: str = "", **logs: str) -> tuple[HelmTest, Any]:
    kube = RecordedKube(*objects, logs_of={name.replace("_", "-"): log for name, log in logs.items()})
    own = helm(told, failure=failure)
    target = Target("recorded", kube, own, "registry")
    return HelmTest.run(Release(target, Team(kube, NAMESPACE), ReleaseSpec(Path("chart"), "4.1.1"))), own


PASSED, FAILED = pod("test-a", "test", phase="Succeeded"), pod("test-b", "test", phase="Failed")


def test_helm_runs_them_and_what_their_pods_say_is_kept() -> None:
    found, own = run("", PASSED, pod("spark-connect-0", "connect"), test_a="fine")
    assert own.done == ["test spark in team"]
    assert found == HelmTest("", {"test-a": "Succeeded"}, {"test-a": "fine"})


def test_helms_failure_is_kept_with_what_the_pods_say() -> None:
    found, _ = run("Error: pod test-b failed", PASSED, FAILED, test_b="denied")
    assert "pod test-b failed" in found.message
    assert (found.phases["test-b"], found.logs["test-b"]) == ("Failed", "denied")
    found.must_have_failed("test-b")
    with pytest.raises(CheckFailed, match="test-b says: denied"):
        found.must_have_passed()


def test_a_failure_of_helm_itself_is_no_failure_of_a_test() -> None:
    found, _ = run("Error: Kubernetes cluster unreachable", PASSED)
    with pytest.raises(CheckFailed, match="The test test-a and no other had to fail"):
        found.must_have_failed("test-a")
    with pytest.raises(CheckFailed, match="cluster unreachable"):
        found.must_have_passed()


TOLD = """NAME: spark
STATUS: deployed
TEST SUITE:     test-a
Last Started:   Fri Nov 27 03:00:00 2026
Last Completed: Fri Nov 27 03:00:05 2026
Phase:          Succeeded
TEST SUITE:     test-b
Phase:          Failed
TEST SUITE:     test-c
Last Started:   n/a
"""


def test_tests_whose_pods_are_gone_ended_as_helm_says() -> None:
    found, _ = run("Error: pod test-b failed", FAILED, told=TOLD, test_b="denied")
    assert found.phases == {"test-a": "Succeeded", "test-b": "Failed"}
    with pytest.raises(CheckFailed, match="test-b says: denied"):
        found.must_have_passed()
    passed, _ = run("", told=TOLD.partition("TEST SUITE:     test-b")[0])
    passed.must_have_passed()
