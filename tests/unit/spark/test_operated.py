"""SparkApplications: a wrong end, others' words, another account and an operator that serves all are seen."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import yaml

from sparkproof.core import timeouts
from sparkproof.core.errors import CheckFailed, SparkproofError
from sparkproof.core.evidence import Level, Record
from sparkproof.core.process import CommandFailed, run
from sparkproof.core.wait import GaveUp
from sparkproof.kube.labels import COMPONENT
from sparkproof.kube.objects import CONFIG_MAP, SERVICE_ACCOUNT, SPARK_APPLICATION, Manifest
from sparkproof.spark import operated
from sparkproof.spark.application import Application
from sparkproof.spark.operated import DriverStart, OperatedApplication, UnservedApplication
from tests.support.recorded import NAMESPACE, RecordedKube, RecordedPlatform, manifest, pod
from tests.support.rendering import template

NAME = "word-count-1"
# As Spark 4.1.1 and the operator 2.5.0 say it.
LOTS = (
    "failed to submit spark application: failed to run spark-submit: failed to run spark-submit: "
    'Exception in thread "main" org.apache.spark.SparkException: Driver memory must be a positive number\n'
)
EXIT = "driver container failed with ExitCode: 7, Reason: Error"


@pytest.fixture(autouse=True)
def _named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Application, "new_name", lambda _: NAME)


def settings() -> Manifest:
    """What the chart says of submitted applications."""
    rendered = template({"submit": {"enabled": True, "applications": "applications"}})
    return manifest(CONFIG_MAP, "spark-submit", data=rendered.get("ConfigMap", "spark-submit")["data"])


def of_application(name: str, role: str, account: str = "", namespace: str = NAMESPACE, code: int = 0) -> Manifest:
    labels = {"spark-role": role, operated._OF_APPLICATION: NAME}
    ended = {"name": operated._DRIVER, "state": {"terminated": {"exitCode": code}}}
    own = pod(
        name, role, labels=labels, spec={"serviceAccountName": account or f"spark-{role}"},
        status={"containerStatuses": [{"name": "beside", "state": {"running": {}}}, ended]},
    )  # fmt: skip
    own["metadata"]["namespace"] = namespace
    return own


ACCOUNTS = [manifest(SERVICE_ACCOUNT, f"spark-{role}", labels={COMPONENT: role}) for role in ("driver", "executor")]
DRIVER, EXECUTOR = of_application(f"{NAME}-driver", "driver"), of_application("exec-1", "executor")


class Operator(RecordedKube):
    """An API server whose operator starts these pods for an application, and has it end so."""

    def __init__(self, state: str, word: str = "", *pods: Manifest, said: str = "") -> None:
        super().__init__(settings(), *ACCOUNTS, logs_of={f"{NAME}-driver": said})
        self._end, self._started = {"state": state, "errorMessage": word}, pods
        self.applied: Manifest = {}

    def apply(self, given: Manifest, *, dry_run: bool = False) -> Manifest:
        applied = super().apply(given, dry_run=dry_run)
        if applied["kind"] == SPARK_APPLICATION.name:
            self.applied = applied
            self.add({**applied, "status": {"applicationState": self._end}}, *self._started)
        return applied


def ended(kube: Operator, name: str = "word count") -> OperatedApplication:
    return OperatedApplication.run(RecordedPlatform(kube), name)


def test_it_is_applied_with_the_platforms_settings_and_removed_at_its_end(record: Record) -> None:
    kube = Operator("COMPLETED", "", DRIVER, EXECUTOR, said="done")
    application = ended(kube)
    spec = kube.applied["spec"]
    assert spec["arguments"] == [application.table]
    assert spec["sparkConf"]["spark.sql.catalog.lake.type"] == "hadoop"
    assert spec["driver"]["template"]["spec"]["serviceAccountName"] == "spark-driver"
    assert kube.applied["metadata"]["namespace"] == NAMESPACE
    assert kube.list(SPARK_APPLICATION) == []
    assert (application.exit_code, application.trouble, application.submitted_as) == (0, None, NAME)
    assert [item.name for item in record.items] == [f"log of the driver of {NAME}"]
    application.must_succeed()
    assert record.level is Level.EXECUTED


def test_one_that_never_ends_is_removed_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timeouts, "APPLICATION", 0.0)
    kube = Operator("RUNNING")
    with pytest.raises(GaveUp, match=f"the end of the SparkApplication {NAME} did not come .*RUNNING"):
        ended(kube)
    assert kube.list(SPARK_APPLICATION) == []


def test_a_platform_without_a_pod_to_submit_from_says_nothing_of_applications() -> None:
    with pytest.raises(SparkproofError, match=r"set submit\.enabled"):
        OperatedApplication.run(RecordedPlatform(RecordedKube()), "word count")


def test_a_driver_that_fails_gives_its_exit_code_and_its_words(record: Record) -> None:
    failing = of_application(f"{NAME}-driver", "driver", code=7)
    application = ended(Operator("FAILED", EXIT, failing, said="Order 7 has no amount."), "wrong order")
    assert application.trouble == f"The SparkApplication {NAME} is FAILED: {EXIT}"
    application.must_end_with(7)
    application.must_have_failed_by("ExitCode: 7")
    application.must_have_logged("Order 7")
    assert len(record.proofs) == 3
    with pytest.raises(CheckFailed, match="is FAILED, and its status says driver container failed"):
        application.must_have_failed_by("positive number")
    with pytest.raises(CheckFailed, match="does not say 'Order 8', but Order 7 has no amount"):
        application.must_have_logged("Order 8")
    with pytest.raises(CheckFailed, match=f"started {NAME}-driver"):
        application.must_have_started_nothing()


def test_a_driver_had_the_secrets_that_its_pod_names(record: Record) -> None:
    given = of_application(f"{NAME}-driver", "driver")
    reference = {"secretKeyRef": {"name": "postgres", "key": "rest"}}
    given["spec"]["containers"][0]["env"] = [{"name": "TREASURE", "valueFrom": reference}]
    application = ended(Operator("COMPLETED", "", given), "with a secret of its team")
    application.must_have_been_given("postgres/rest")
    assert record.proofs[-1].seen == f"The driver of {NAME} had postgres/rest"
    with pytest.raises(CheckFailed, match="had not postgres/jdbc, but postgres/rest"):
        application.must_have_been_given("postgres/jdbc")
    with pytest.raises(CheckFailed, match="had not postgres/rest, but no Secret"):
        replace(application, pods={}).must_have_been_given("postgres/rest")


WANTS = {"waiting": {"reason": "CreateContainerConfigError", "message": 'secret "treasure" not found'}}


def beginning(state: Manifest) -> Operator:
    """An API server whose operator starts a driver in this state."""
    driver = of_application(f"{NAME}-driver", "driver")
    driver["status"]["containerStatuses"][1]["state"] = state
    return Operator("SUBMITTED", "", driver)


def test_a_driver_that_wants_a_secret_does_not_begin_and_is_removed(record: Record) -> None:
    kube = beginning(WANTS)
    start = DriverStart.of(RecordedPlatform(kube), "with a secret of another team")
    assert kube.list(SPARK_APPLICATION) == []
    start.must_want("treasure")
    assert record.proofs[-1].seen == f'The driver of {NAME} cannot begin: secret "treasure" not found'
    with pytest.raises(CheckFailed, match='wait for the Secret gold, but waits, since secret "treasure" not found'):
        start.must_want("gold")


@pytest.mark.parametrize("state", [{"running": {}}, {"terminated": {"exitCode": 1}}])
def test_a_driver_that_begins_wants_no_secret(state: Manifest, record: Record) -> None:
    start = DriverStart.of(RecordedPlatform(beginning(state)), "with a secret of another team")
    with pytest.raises(CheckFailed, match="does not wait for the Secret treasure, but has begun"):
        start.must_want("treasure")
    assert not record.proofs


@pytest.mark.parametrize("state", [{"waiting": {"reason": "ContainerCreating"}}, {}])
def test_a_driver_that_is_about_to_begin_is_awaited(state: Manifest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timeouts, "APPLICATION", 0.0)
    kube = beginning(state)
    with pytest.raises(GaveUp, match=f"the start of the driver of {NAME} did not come"):
        DriverStart.of(RecordedPlatform(kube), "with a secret of another team")
    assert kube.list(SPARK_APPLICATION) == []


def test_one_that_is_never_submitted_has_no_pod_and_spark_submits_words() -> None:
    application = ended(Operator("FAILED", LOTS), "lots of memory")
    application.must_have_failed_by("Driver memory must be a positive number")
    application.must_have_started_nothing()
    assert application.exit_code == 1
    with pytest.raises(CheckFailed, match="is COMPLETED, and its status says nothing"):
        ended(Operator("COMPLETED")).must_have_failed_by("Driver memory")


def test_its_pods_run_as_the_platforms_accounts(record: Record) -> None:
    kube = Operator("COMPLETED", "", DRIVER, EXECUTOR)
    application, platform = ended(kube), RecordedPlatform(kube)
    application.must_have_run_as_accounts_of(platform)
    assert record.level is Level.EXECUTED
    assert record.proofs[-1].seen == f"{NAME} ran as spark-driver and spark-executor"
    assert json.loads(record.items[-1].content) == {"driver": [f"{NAME}-driver"], "executor": ["exec-1"]}
    for wrong, words in (
        (of_application("exec-2", "executor", "default"), "exec-2 ran as default of team, not as spark-executor"),
        (of_application("exec-2", "executor", namespace="other"), "exec-2 ran as spark-executor of other, not as"),
        (of_application("driver-2", "driver"), "had not one driver, and executors, but .*driver-2"),
    ):
        with pytest.raises(CheckFailed, match=words):
            replace(
                application, pods={**application.pods, wrong["metadata"]["name"]: wrong}
            ).must_have_run_as_accounts_of(platform)
    with pytest.raises(CheckFailed, match=f"but {NAME}-driver"):
        replace(application, pods={f"{NAME}-driver": DRIVER}).must_have_run_as_accounts_of(platform)
    with pytest.raises(CheckFailed, match="but no pod"):
        replace(application, pods={}).must_have_run_as_accounts_of(platform)


@pytest.mark.parametrize(
    ("touch", "words"),
    [
        (lambda kube: kube.add(DRIVER), f"in team: it says nothing, and has started {NAME}-driver"),
        (
            lambda kube: kube.patch(SPARK_APPLICATION, NAME, {"status": {"applicationState": {}}}, NAMESPACE),
            "serves word-count-1 in team: it says {'applicationState': {}}, and has started no pod",
        ),
        (lambda kube: kube.delete(SPARK_APPLICATION, NAME, NAMESPACE), "is gone from team"),
    ],
    ids=["a pod", "a status", "its end"],
)
def test_one_that_nobody_serves_is_as_it_was_applied(
    touch: Callable[[RecordedKube], None], words: str, record: Record
) -> None:
    kube = RecordedKube(settings(), pod("another's"), of_application("of-another-team", "driver", namespace="other"))
    unserved = UnservedApplication.apply(RecordedPlatform(kube), "word count")
    unserved.must_be_untouched()
    assert record.level is Level.EXECUTED
    touch(kube)
    with pytest.raises(CheckFailed, match=words):
        unserved.must_be_untouched()
    unserved.remove()
    assert kube.list(SPARK_APPLICATION) == []


def completed(example: Any, platform: Any, tmp_path: Any) -> Any:
    """Return what the script makes of a SparkApplication."""
    file = tmp_path / "application.yaml"
    file.write_text(yaml.safe_dump(example))
    printed = run(["python3", operated._COMPLETES, file], timeout_s=30, input_text=json.dumps(platform)).stdout
    return json.loads(printed)


EXAMPLE = {"apiVersion": "v1", "kind": "SparkApplication", "metadata": {"name": "x"}, "spec": {"type": "Python"}}


def test_the_script_leaves_the_operator_what_is_its_own_and_names_containers_as_it_does(tmp_path: Any) -> None:
    made = completed(EXAMPLE, settings(), tmp_path)["spec"]
    assert not [name for name in made["sparkConf"] if "podTemplate" in name]
    assert {"spark.master", "spark.kubernetes.namespace"}.isdisjoint(made["sparkConf"])
    assert made["sparkConf"]["spark.kubernetes.authenticate.executor.serviceAccountName"] == "spark-executor"
    for role in ("driver", "executor"):
        (container,) = made[role]["template"]["spec"]["containers"]
        assert container["name"] == f"spark-kubernetes-{role}"
        assert made[role]["template"]["metadata"]["labels"][COMPONENT] == role
    assert made["sparkVersion"] == "4.1.1"


def test_what_the_application_says_itself_wins(tmp_path: Any) -> None:
    own = {"sparkVersion": "4.1.0", "sparkConf": {"spark.executor.cores": "9", "a": "b"}, "driver": {"memory": "lots"}}
    platform = settings()
    platform["data"]["spark-defaults.conf"] = "spark.executor.cores=1\nspark.x=C:\\\\y=z\n"
    made = completed({**EXAMPLE, "spec": own}, platform, tmp_path)["spec"]
    assert made["sparkVersion"] == "4.1.0"
    assert made["sparkConf"] == {"spark.executor.cores": "9", "a": "b", "spark.x": "C:\\y=z"}
    assert made["driver"]["memory"] == "lots"
    assert made["driver"]["template"]["spec"]["serviceAccountName"] == "spark-driver"


@pytest.mark.parametrize(
    ("platform", "words"), [({"data": {}}, "'driver-pod.yaml' is missing"), ({}, "'data' is missing")]
)
def test_what_is_no_platforms_configuration_is_refused(platform: Any, words: str, tmp_path: Any) -> None:
    with pytest.raises(CommandFailed, match=words):
        completed(EXAMPLE, platform, tmp_path)


def test_what_is_no_json_is_refused(tmp_path: Any) -> None:
    (tmp_path / "application.yaml").write_text(yaml.safe_dump(EXAMPLE))
    with pytest.raises(CommandFailed, match="no JSON"):
        run(["python3", operated._COMPLETES, tmp_path / "application.yaml"], timeout_s=30, input_text="kind: ConfigMap")
