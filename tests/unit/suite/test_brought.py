"""What a When brings is looked at: each noun says of itself what went wrong, or cannot hide a refusal."""

import contextlib
from collections.abc import Callable
from typing import get_type_hints

import pytest

from sparkproof.core import evidence
from sparkproof.core.errors import CheckFailed
from sparkproof.gpu.discovery import Discovery, Finding
from sparkproof.iceberg.race import Race, WriteAttempt
from sparkproof.jupyter.notebook import CellRun
from sparkproof.kube.dry_run import DryRun
from sparkproof.kube.errors import Refused
from sparkproof.operations.recovery import Recovery
from sparkproof.platform.helm_test import HelmTest
from sparkproof.spark.application import Application
from sparkproof.spark.session import Answer
from sparkproof.spark.work import ExecutorLoss, Work
from sparkproof.suite.context import Brought
from sparkproof.tenancy.admission import Admission
from tests.support import recorded

# The nouns that have no refusal of their own, and where theirs is.
OTHERS = {
    "account": "the API server's answers are asked for by the check",
    "accounts": "a right is no refusal: the check compares all",
    "secret_scan": "what it finds is no refusal, and nothing is proved without its check",
    "work": "its answer says it",
    "gpu_work": "a refused statement raises",
    "speed": "a refused statement raises",
    "sharing": "its answers say it",
    "plan": "a refused statement raises",
    "planned_by_run": "a run that fails raises",
    "asked_by_run": "a run that fails raises",
    "rapids_settings": "a refusal raises",
    "race": "its answers say it",
    "locked_write": "its answer says it",
    "commit": "a refused statement raises",
    "overhead": "a refused statement raises",
    "query": "it is under way; its answer says it",
    "spark_work": "it is under way; checks look at it",
    "started_run": "it is under way, and its end is what the check looks for",
    "renderings": "all cases are rendered to be compared, refusals too",
    "own_tests": "a test that answers wrongly is what the check is about",
    "coverage": "it counts what is never exercised",
    "changes": "what the charts refuse is counted by the check",
    "lost_secret": "a Secret that cannot be deleted raises; the alert is what the check looks at",
    "renewal": "an upgrade that fails raises",
    "fingerprint": "a refused statement raises",
    "files_lost": "its answers say it",
    "dropped": "a refused statement raises",
    "customers": "a refused statement raises",
    "ungoverned": "a refused statement raises",
    "at_work": "the verdict of the trial says it",
    "lost": "a component that comes, or does not, is what the checks look for",
    "drill": "what is restored says it",
    "kept_volume": "a volume that is not released raises",
    "kept_backups": "a backup that is gone is what the checks look for",
    "driver_series": "what is read of a driver is what the checks look for",
    "targets": "a target that is not read is what the check looks for",
    "alerts": "they fire or not, which is what the check looks for",
    "dashboards": "an empty panel is what the check looks for",
    "pool": "nodes and pods that come and go are what the checks look for",
    "queued": "its answer says it, and executors that wait are what the checks look for",
    "reclaimed": "its answer says it, and executors that give way are what the checks look for",
    "size_advice": "advice, or the reason for none, is what the checks look for",
    "workers": "their number and their work is what the checks look for",
    "interrupted": "its application says it",
    "orders": "a refused statement raises",
    "submission": "its run says it",
    "counted": "a number that is not there is what the check looks for",
    "publication": "a refusal raises, or is what the check looks for",
    "driver_start": "a driver that cannot begin is what the check looks for",
    "driver_loss": "executors that stay are what the check looks for",
    "run_at_work": "it is under way, and its end is what the check looks for",
    "asked_two": "its run says it",
    "broken_counter": "what KEDA says of it is what the check looks for",
    "killed_mid_commit": "a job that goes on is what the check looks for",
    "killed_ingest": "a job that goes on is what the check looks for",
    "waiting_run": "it has not begun, and what becomes of it is what the checks look for",
}


def test_every_noun_that_a_when_brings_tells_of_its_refusal() -> None:
    classes = {name: kind for name, kind in get_type_hints(Brought).items() if hasattr(kind, "__mro__")}
    ours = {name for name, kind in classes.items() if kind.__module__.startswith("sparkproof.")}
    telling = {name for name in ours if issubclass(classes[name], evidence.Brought)}
    assert telling == {
        "answer",
        "dry_run",
        "admission",
        "discovery",
        "helm_test",
        "cell",
        "loss",
        "application",
        "operated",
        "eviction",
        "tracking_reply",
        "airflow_reply",
        "dag_run",
        "project",
        "runs_at_once",
        "recovery",
        "backup",
        "followed",
        "catalog_scan",
        "trail",
        "audit",
        "load",
        "teams",
        "memory",
        "job_check",
        "verdict",
        "verdict_page",
        "notebook_run",
        "trial",
        "drift",
        "stayed",
        "counter_reply",
        "restored",
        "entry",
    }
    assert ours - telling == OTHERS.keys()


REFUSED = Answer("drop all", "tag", 0.1, refusal="\nPARSE_SYNTAX_ERROR: near 'all'\nSQL: drop all")
ROWS = Answer("SELECT 1", "tag", 0.1, ("c",), ((1,),))
LOST = ExecutorLoss(Work(ROWS, 1, (1,)), "exec-1", 3, {"2": 6})
FAILED = Application("failing", "client", "t", 7, "starting\nno room\n")
TESTED = HelmTest("helm test failed", {"spark-denied": "Failed", "spark-ok": "Succeeded"}, {"spark-denied": "open"})
DENIED = Admission({"Pod a": "quota", "Secret b": None}, frozenset())
GONE = Recovery([], [], 0.0, 0.0, 1.0, "there is no file")
RACE = Race(((WriteAttempt(1, REFUSED, 0.0, 2.0), WriteAttempt(1, ROWS, 1.0, 3.0)),))


@pytest.mark.parametrize(
    ("what", "sentence", "look"),
    [
        (REFUSED, "Spark refused 'drop all': PARSE_SYNTAX_ERROR: near 'all'", lambda: REFUSED.must_be_refused("PARSE")),
        (REFUSED, "Spark refused 'drop all'", REFUSED.must_succeed),
        (REFUSED, "Spark refused 'drop all'", lambda: REFUSED.must_hold([])),
        (ROWS, "'SELECT 1' gave 1 rows", lambda: ROWS.must_hold([(1,)])),
        (ROWS, "'SELECT 1' gave 1 rows", lambda: ROWS.must_be_refused("PARSE")),
        (LOST, "3 tasks were lost with exec-1", LOST.must_have_lost_nothing),
        (LOST, "3 tasks were lost with exec-1", LOST.must_have_been_made_good),
        (FAILED, "The failing application ended with 7: no room", FAILED.must_succeed),
        (FAILED, "The failing application ended with 7", lambda: FAILED.must_end_with(7)),
        (TESTED, r"The chart's tests failed \(spark-denied\): helm test failed", TESTED.must_have_passed),
        (TESTED, "The chart's tests failed", lambda: TESTED.must_have_failed("denied")),
        (DENIED, "The API server refused 1 of 2 objects, first Pod a: quota", DENIED.must_be_complete),
        (DENIED, "The API server refused 1 of 2 objects", lambda: DENIED.must_have_refused("Pod", "quota")),
        (cell := CellRun(error="NameError: x"), "The cell ended with NameError: x", cell.must_be_refused),
        (told := CellRun("5"), "The cell printed '5'", lambda: told.must_have_printed("5")),
        (out := CellRun(refused=403), "Jupyter refused the user with status 403", out.must_be_refused),
        (
            found := Discovery({"p": Finding(["0"], "m")}),
            "The discovery script says",
            lambda: found.must_have_found("m", 1),
        ),
        (GONE, "there is no file", GONE.must_be_whole),
        (GONE, "there is no file", lambda: GONE.must_be_refused("no file")),
        (none := Discovery({"p": Finding([], "m")}), "says {'p': 'm'}", lambda: none.must_have_found_none("m")),
        (no := DryRun(Refused("apply it", 403, "no pods")), "The API server refused it: no pods", no.must_be_admitted),
        (no, "The API server refused it: no pods", lambda: no.must_be_refused("pods")),
    ],
)
def test_each_noun_is_unread_until_one_of_its_checks_looks_at_it(
    what: evidence.Brought, sentence: str, look: Callable[[], None]
) -> None:
    # As it was when it was brought, in the scenario of this test.
    what.__post_init__()
    with pytest.raises(CheckFailed, match=f"{sentence}.*; no check looked at that"):
        evidence.must_be_read()
    with contextlib.suppress(CheckFailed):
        look()
    evidence.must_be_read()


def test_the_refusals_of_a_race_are_looked_at_by_the_checks_that_judge_them() -> None:
    for look in (RACE.must_all_be_accepted, RACE.must_have_accepted_one_each):
        REFUSED.__post_init__()
        with contextlib.suppress(CheckFailed):
            look()
        evidence.must_be_read()


def test_what_an_application_wrote_says_nothing_of_its_end(record: evidence.Record) -> None:
    FAILED.__post_init__()
    FAILED.must_have_written(recorded.session((1,)), [(1,)])
    assert record.troubles == ["The failing application ended with 7: no room"]


def test_what_did_not_go_wrong_and_gave_nothing_need_not_be_read() -> None:
    for what in (
        Answer("INSERT", "tag", 0.1, ("n",), ((1,),)),
        Application("count", "client", "t", 0, ""),
        CellRun(),
        DryRun(None),
        Admission({"Pod a": None}, frozenset()),
        ExecutorLoss(Work(ROWS, 1, ()), "exec-1", 0, {}),
    ):
        what.__post_init__()
    evidence.must_be_read()
