"""A DAG that its team publishes as a file: the file is changed or taken away, and Airflow sees it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sparkproof.airflow.orchestrator import Airflow
from sparkproof.core import evidence, examples, timeouts
from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level
from sparkproof.core.wait import eventually
from sparkproof.spark.platform import Platform

# Writes files, by name, into the ConfigMap of this name.
Publish = Callable[[str, Mapping[str, str]], None]


@dataclass(frozen=True)
class Publication:
    """The example DAG of this name among all that a team publishes in a ConfigMap."""

    airflow: Airflow
    publish: Publish
    where: str
    dag: str

    @classmethod
    def of(cls, platform: Platform, publish: Publish, dag: str) -> "Publication":
        """Return the DAG that a criterion names in words, in the ConfigMap that the platform's Airflow reads."""
        volumes = platform.workloads.pod("airflow")["spec"]["volumes"]
        sources = next(each["projected"]["sources"] for each in volumes if each["name"] == "dags")
        return cls(Airflow.of(platform), publish, sources[-1]["configMap"]["name"], dag)

    @property
    def file(self) -> str:
        """The name of the DAG's file."""
        return examples.path("dags", self.dag).name

    def change(self, old: str, new: str) -> None:
        """Publish the file with `new` in place of `old`, which it has once."""
        files = examples.dags()
        if files[self.file].count(old) != 1:
            raise CheckFailed(f"{self.file} does not have {old!r} once, so a change of it would show nothing.")
        self.publish(self.where, {**files, self.file: files[self.file].replace(old, new)})

    def withdraw(self) -> None:
        """Publish all files but this one."""
        self.publish(self.where, {name: text for name, text in examples.dags().items() if name != self.file})

    def restore(self) -> None:
        """Publish all files as they are."""
        self.publish(self.where, examples.dags())

    def must_hand_on(self, task: str, value: int) -> None:
        """Check that runs of the DAG soon hand on this value."""
        eventually(
            f"a run of {self.dag} whose {task} hands on {value}",
            lambda: self.airflow.run(self.dag, "").tasks[task].value,
            lambda handed_on: handed_on == value,
            within_s=timeouts.DAG_SEEN,
        )
        evidence.prove(Level.EXECUTED, f"{task} of {self.dag} hands on {value}")

    def must_be_unknown(self) -> None:
        """Check that Airflow soon starts no run of the DAG any more."""
        reply = eventually(
            f"Airflow's refusal to start {self.dag}",
            lambda: self.airflow.try_start(self.dag),
            lambda found: found.status >= 400,
            within_s=timeouts.DAG_SEEN,
            # Each time that Airflow does not refuse is a run more, which others would have to wait for.
            every_s=timeouts.DAG_ASKED,
        )
        reply.must_be_refused(404, "not found")
