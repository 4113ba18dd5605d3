"""A run of a DAG that asks the Spark of two platforms: that of Airflow, and by a pod of its own that of another."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from sparkproof.airflow.orchestrator import Airflow
from sparkproof.airflow.runs import ACCOUNT, DagRun
from sparkproof.spark.platform import Platform

# The DAG that asks, and its tasks: one asks Airflow's own platform, the other one starts the pod.
_DAG, _HERE, _THERE = "two versions", "ask_here", "ask_there"


@dataclass(frozen=True)
class AskedTwo:
    """The run, which has ended, that asked two platforms the same query."""

    here: Platform
    there: Platform
    run: DagRun

    @classmethod
    def of(cls, here: Platform, there: Platform, query: str) -> "AskedTwo":
        """Run the DAG on the platform that has Airflow; its pod has the image of the other one's client."""
        workloads = there.workloads
        port = urlsplit(workloads.variable("client", "SPARK_REMOTE")).port
        image = workloads.pod("client")["spec"]["containers"][0]["image"]
        url = f"sc://{workloads.release}-connect.{workloads.namespace}.svc:{port}/;user_id={ACCOUNT}"
        return cls(here, there, Airflow.of(here).run(_DAG, "", image=image, url=url, query=query))

    def must_be_answered_here(self, version: str, answer: str) -> None:
        """Check that Spark of this version, of Airflow's platform, gave its client this answer, by its executors."""
        self.run.must_have_handed_on(_HERE, f"Spark {version} answered {answer} to a client of {version}")
        self.here.history.must_have_run_on_executors(self.run.id)

    def must_be_answered_there(self, version: str, answer: str) -> None:
        """Check that Spark of this version, of the other platform, gave this answer to a pod with a client of it."""
        words = f"Spark {version} answered {answer} to a client of {version} in"
        self.run.must_have_run_in_a_pod(_THERE, words, self.here)
        self.there.history.must_have_run_on_executors(self.run.id)
