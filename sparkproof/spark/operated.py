"""SparkApplications, which Kubeflow's Spark Operator runs: how they end, in whose words, and as whom their pods ran."""

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sparkproof.core import evidence, examples, process, timeouts
from sparkproof.core.errors import CheckFailed, SparkproofError
from sparkproof.core.evidence import Level
from sparkproof.core.spans import On
from sparkproof.core.wait import eventually
from sparkproof.kube.labels import COMPONENT, SPARK_ROLE
from sparkproof.kube.objects import CONFIG_MAP, POD, SERVICE_ACCOUNT, SPARK_APPLICATION, Manifest, secrets
from sparkproof.spark.application import Application
from sparkproof.spark.catalogs import USUAL
from sparkproof.spark.platform import Platform

_COMPLETES = Path(__file__).resolve().parents[2] / "scripts" / "spark_application.py"
_ENDS = ("COMPLETED", "FAILED")
# The operator's label of all pods of an application, and its name for the containers in which Spark runs.
_OF_APPLICATION = "sparkoperator.k8s.io/app-name"
_DRIVER = "spark-kubernetes-driver"


@dataclass(frozen=True)
class OperatedApplication(Application):
    """A SparkApplication that has ended: its `state`, the operator's word on it, and its pods as last seen, by name.

    The output is its driver's log, and then that word.
    """

    state: str = ""
    word: str = ""
    log: str = ""
    pods: Mapping[str, Manifest] = field(default_factory=dict)

    @classmethod
    def run(cls, platform: Platform, name: str, catalog: str = USUAL) -> "OperatedApplication":
        """Apply the example `name`, which writes into this kind of catalog, wait for its end, and remove it.

        Raises GaveUp, and Refused when the API server or the operator's webhook does not admit it.
        """
        own, known_as = platform.workloads, cls.new_name(name)
        table = platform.catalogs.unused_table("result", catalog)
        manifest = _completed(platform, name, table, known_as)
        pods: dict[str, Manifest] = {}

        def note(_: str, pod: Manifest) -> None:
            pods[pod["metadata"]["name"]] = pod

        watch = own.kube.watch(POD, own.namespace, note, labels=f"{_OF_APPLICATION}={known_as}")
        try:
            own.kube.apply(manifest)
            ended = eventually(
                f"the end of the SparkApplication {known_as}",
                lambda: _status(platform, known_as),
                lambda status: status.get("state") in _ENDS,
                within_s=timeouts.APPLICATION,
                on=On.SPARK,
                explain=platform.why,
                show=lambda status: status or "the operator says nothing of it",
            )
            driver = own.kube.get(POD, f"{known_as}-driver", own.namespace)
            log = own.kube.logs(f"{known_as}-driver", own.namespace, container=_DRIVER)
        finally:
            own.kube.delete(SPARK_APPLICATION, known_as, own.namespace)
            watch.close()
        evidence.attach(f"log of the driver of {known_as}", log)
        state, word = ended["state"], ended.get("errorMessage", "")
        code = 0 if state == "COMPLETED" else _exit_code(driver)
        return cls(name, "cluster", table, code, f"{log}\n{word}", known_as, state, word, log, pods)

    @property
    def trouble(self) -> str | None:
        """The operator's word on an application that failed."""
        return f"The SparkApplication {self.submitted_as} is {self.state}: {self.word}" if self.exit_code else None

    def must_have_failed_by(self, words: str) -> None:
        """Check that it failed, and that these words stand in its status."""
        evidence.look_at(self)
        if self.state != "FAILED" or words not in self.word:
            said = self.word or "nothing"
            raise CheckFailed(f"The SparkApplication {self.submitted_as} is {self.state}, and its status says {said}.")
        evidence.prove(Level.EXECUTED, f"The SparkApplication {self.submitted_as} failed, and says {words!r}")

    def must_have_logged(self, words: str) -> None:
        """Check that its driver wrote these words into its log."""
        evidence.look_at(self)
        if words not in self.log:
            last = self.log.strip()[-2000:] or "nothing"
            raise CheckFailed(f"The driver of {self.submitted_as} does not say {words!r}, but {last}")
        evidence.prove(Level.EXECUTED, f"The driver of {self.submitted_as} says {words!r}")

    def must_have_started_nothing(self) -> None:
        """Check that it never had a pod."""
        if self.pods:
            raise CheckFailed(f"The SparkApplication {self.submitted_as} started {', '.join(self.pods)}.")
        evidence.prove(Level.EXECUTED, f"The SparkApplication {self.submitted_as} started no pod")

    def must_have_been_given(self, secret: str) -> None:
        """Check that its driver got a value of this Secret, named as "postgres/rest"."""
        driver = self.pods.get(f"{self.submitted_as}-driver")
        had = sorted(secrets(driver["spec"])) if driver else []
        if secret not in had:
            raise CheckFailed(
                f"The driver of {self.submitted_as} had not {secret}, but {', '.join(had) or 'no Secret'}."
            )
        evidence.prove(Level.EXECUTED, f"The driver of {self.submitted_as} had {secret}")

    def must_have_run_as_accounts_of(self, platform: Platform) -> None:
        """Check that it had one driver, and executors, each as the account that the platform has for it."""
        own = platform.workloads
        of = {each["metadata"]["labels"][COMPONENT]: each["metadata"]["name"] for each in own.of_kind(SERVICE_ACCOUNT)}
        ran: dict[str, list[str]] = {"driver": [], "executor": []}
        for name, pod in self.pods.items():
            role, account = pod["metadata"]["labels"][SPARK_ROLE], pod["spec"]["serviceAccountName"]
            where = pod["metadata"]["namespace"]
            if (where, account) != (own.namespace, of.get(role)):
                raise CheckFailed(f"{name} ran as {account} of {where}, not as {of.get(role)} of {own.namespace}.")
            ran[role].append(name)
        if len(ran["driver"]) != 1 or not ran["executor"]:
            had = ", ".join(self.pods) or "no pod"
            raise CheckFailed(f"{self.submitted_as} had not one driver, and executors, but {had}.")
        accounts = f"{of['driver']} and {of['executor']}"
        evidence.prove(Level.EXECUTED, f"{self.submitted_as} ran as {accounts}", pods=ran)


@dataclass(frozen=True)
class DriverStart:
    """What became of the driver of a SparkApplication at first: it has begun, or `waits`.

    These are the kubelet's words for why it cannot begin.
    """

    name: str
    waits: str

    @classmethod
    def of(cls, platform: Platform, name: str) -> "DriverStart":
        """Apply the example `name`, wait until its driver begins or cannot, and remove it; raises GaveUp, Refused."""
        own, known_as = platform.workloads, Application.new_name(name)
        manifest = _completed(platform, name, platform.catalogs.unused_table("result"), known_as)
        try:
            own.kube.apply(manifest)
            state = eventually(
                f"the start of the driver of {known_as}",
                lambda: _state(own.kube.get(POD, f"{known_as}-driver", own.namespace)),
                lambda state: bool(state) and "message" in state.get("waiting", {"message": "it does not wait"}),
                within_s=timeouts.APPLICATION,
                on=On.SPARK,
                explain=platform.why,
                show=lambda state: state or "it has no container yet",
            )
        finally:
            own.kube.delete(SPARK_APPLICATION, known_as, own.namespace)
        return cls(known_as, state.get("waiting", {}).get("message", ""))

    def must_want(self, secret: str) -> None:
        """Check that the driver cannot begin, and that it is for want of this Secret."""
        if f'secret "{secret}" not found' not in self.waits:
            seen = f"waits, since {self.waits}" if self.waits else "has begun"
            raise CheckFailed(f"The driver of {self.name} does not wait for the Secret {secret}, but {seen}.")
        evidence.prove(Level.EXECUTED, f"The driver of {self.name} cannot begin: {self.waits}")


@dataclass(frozen=True)
class UnservedApplication:
    """A SparkApplication of a namespace that no operator serves, by its name."""

    platform: Platform
    name: str

    @classmethod
    def apply(cls, platform: Platform, name: str) -> "UnservedApplication":
        """Apply the example `name` in the platform's namespace, and wait for nothing."""
        unserved = cls(platform, Application.new_name(name))
        table = platform.catalogs.unused_table("result")
        platform.workloads.kube.apply(_completed(platform, name, table, unserved.name))
        return unserved

    def remove(self) -> None:
        """Remove it."""
        self.platform.workloads.kube.delete(SPARK_APPLICATION, self.name, self.platform.workloads.namespace)

    def must_be_untouched(self) -> None:
        """Check that it is there, that nobody says anything of it, and that it has no pod."""
        own = self.platform.workloads
        found = own.kube.get(SPARK_APPLICATION, self.name, own.namespace)
        started = own.kube.list(POD, own.namespace, labels=f"{_OF_APPLICATION}={self.name}")
        pods = ", ".join(each["metadata"]["name"] for each in started)
        if found is None:
            raise CheckFailed(f"The SparkApplication {self.name} is gone from {own.namespace}.")
        if found.get("status") or pods:
            seen = f"it says {found.get('status') or 'nothing'}, and has started {pods or 'no pod'}"
            raise CheckFailed(f"The operator serves {self.name} in {own.namespace}: {seen}.")
        evidence.prove(Level.EXECUTED, f"The SparkApplication {self.name} in {own.namespace} is as it was applied")


def _completed(platform: Platform, name: str, table: str, known_as: str) -> Manifest:
    """Return the example with what the platform says of submitted applications, as users complete it."""
    own = platform.workloads
    said = own.kube.get(CONFIG_MAP, f"{own.release}-submit", own.namespace)
    if said is None:
        raise SparkproofError(
            f"The platform in {own.namespace} says nothing of submitted applications: set submit.enabled."
        )
    printed = process.run(
        [sys.executable, _COMPLETES, examples.spark_application(name)],
        timeout_s=timeouts.TOOL,
        input_text=json.dumps(said),
    ).stdout
    made: Manifest = json.loads(printed)
    made["metadata"]["name"], made["spec"]["arguments"] = known_as, [table]
    return made


def _status(platform: Platform, name: str) -> Mapping[str, str]:
    """Return the state and the reason that the operator gives; {} before it has seen the application."""
    found = platform.workloads.kube.get(SPARK_APPLICATION, name, platform.workloads.namespace) or {}
    return dict(found.get("status", {}).get("applicationState", {}))


def _exit_code(driver: Manifest | None) -> int:
    """Return the exit code of a driver's pod; 1 where there is none."""
    return int(_state(driver).get("terminated", {}).get("exitCode", 1))


def _state(driver: Manifest | None) -> Mapping[str, Manifest]:
    """Return the state of the container in which Spark runs, as {"waiting": {...}}; {} before it is known."""
    known = (driver or {}).get("status", {}).get("containerStatuses", ())
    return next((each["state"] for each in known if each["name"] == _DRIVER), {})
