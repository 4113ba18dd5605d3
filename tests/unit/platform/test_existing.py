"""A platform that is already there: what its description must say, what runs on it, and what stays behind."""

import dataclasses
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from sparkproof.cluster.target import Target
from sparkproof.core import timeouts
from sparkproof.core.errors import SparkproofError, UsageError
from sparkproof.core.evidence import Record
from sparkproof.core.per_process import PerProcess
from sparkproof.platform import description
from sparkproof.platform.classes import PlatformClaim
from sparkproof.platform.description import ClientPod, Pods
from sparkproof.platform.existing import Existing, ExistingProvider
from sparkproof.platform.provider import Needs
from sparkproof.spark.history import DriverRest
from tests.support import recorded
from tests.support.recorded import NAMESPACE, RecordedKube, RecordedStreams, Reply, pod, repl

EXAMPLE = description.read(Path("examples/existing/analytics.yaml")).model_copy(update={"namespace": NAMESPACE})
SERVED_BY: dict[str, Reply] = {"SET spark.app.id": [("spark.app.id", "app-1")], "SET CATALOG prod": []}
LAKEHOUSE = PlatformClaim("lakehouse", "4.1.1")


class Connecting(RecordedStreams):
    """A program that tries to connect, for which nobody waits longer than for a call of an API."""

    def read_line(self, timeout_s: float) -> str | None:
        assert timeout_s == timeouts.API_CALL
        return super().read_line(timeout_s)


class OfATeam(RecordedKube):
    """A cluster with a team's own server; its client says `reached`, and its Spark gives these answers."""

    def __init__(self, answers: Mapping[str, Reply], reached: str = "reached", server: str = "4.1.1") -> None:
        super().__init__(pod("warehouse-0", labels={"app": "warehouse-sql"}))
        self.answers, self.reached, self.server = answers, reached, server
        self.asked: list[str] = []

    def exec(self, pod: str, namespace: str, argv: Sequence[str], **_: object) -> RecordedStreams:  # noqa: ARG002
        if argv[-1] == EXAMPLE.endpoint:
            return Connecting(*[self.reached] if self.reached else [], errors="no python3 there")
        return repl(self._answer, server=self.server)

    def _answer(self, statement: str) -> Reply:
        self.asked.append(statement)
        return self.answers.get(statement, ())

    def proxy(self, pod: str, port: int, path: str, namespace: str, query: Sequence[object] = ()) -> object:  # noqa: ARG002
        assert (pod, port, namespace) == ("warehouse-0", 4040, NAMESPACE)
        return [{"id": "app-1"}]


def platform(kube: RecordedKube, **changed: object) -> Existing:
    target = Target("recorded", kube, recorded.helm(), "registry")
    return Existing(target, EXAMPLE.model_copy(update=changed), "4.1.1", "r1")


def provider(**changed: object) -> ExistingProvider:
    own = EXAMPLE.model_copy(update=changed)
    return ExistingProvider(PerProcess(lambda: pytest.fail("the cluster was reached")), own, "4.1.1", "r1")


def test_a_platform_as_described_is_taken() -> None:
    platform(OfATeam(SERVED_BY)).must_be_as_described()


@pytest.mark.parametrize(
    ("kube", "complaint"),
    [
        (RecordedKube(), r"no client pod app=warehouse-sql in namespace team \(there is none\): mend client"),
        (OfATeam(SERVED_BY, reached="no such name."), r"does not reach sc://lakehouse-sql.* \(no such name\): mend"),
        (OfATeam(SERVED_BY, reached=""), r"does not reach sc://lakehouse-sql.* \(no python3 there\): mend"),
        (OfATeam(SERVED_BY, server="4.1.0"), "runs Spark 4.1.0, and the run is about 4.1.1: say -D spark=4.1.0"),
        (OfATeam({**SERVED_BY, "SET spark.app.id": [("spark.app.id", "app-2")]}), "app-2 serves .* is app-1: mend"),
        (OfATeam({**SERVED_BY, "SET CATALOG prod": "[NOT_FOUND] no prod"}), "no catalog prod .*no prod"),
    ],
)
def test_a_wrong_description_is_refused_with_what_to_mend(kube: RecordedKube, complaint: str) -> None:
    with pytest.raises(UsageError, match=complaint):
        platform(kube).must_be_as_described()


def test_a_pod_that_is_not_ready_is_no_client() -> None:
    kube = RecordedKube(pod("warehouse-0", labels={"app": "warehouse-sql"}, ready=False))
    with pytest.raises(UsageError, match="1 are there and none is ready"):
        platform(kube).must_be_as_described()


def test_only_the_databases_of_the_run_are_dropped() -> None:
    kube = OfATeam(
        {
            **SERVED_BY,
            "SHOW NAMESPACES IN prod LIKE 'sparkproof_r1_*'": [("sparkproof_r1_0a",)],
            "SHOW TABLES IN prod.sparkproof_r1_0a": [("sparkproof_r1_0a", "trips", False)],
            "DROP TABLE prod.sparkproof_r1_0a.trips PURGE": [],
            "DROP NAMESPACE prod.sparkproof_r1_0a": [],
        }
    )
    platform(kube).clean_up()
    assert [each for each in kube.asked if "DROP" in each] == [
        "DROP TABLE prod.sparkproof_r1_0a.trips PURGE",
        "DROP NAMESPACE prod.sparkproof_r1_0a",
    ]


def test_a_catalog_that_is_still_empty_has_nothing_to_drop_and_another_refusal_is_said() -> None:
    listing = "SHOW NAMESPACES IN prod LIKE 'sparkproof_r1_*'"
    platform(OfATeam({**SERVED_BY, listing: "(NoSuchNamespaceException) Namespace does not exist:"})).clean_up()
    with pytest.raises(SparkproofError, match=r"The run's tables stay in prod of analytics.*sparkproof_r1_.*no right"):
        platform(OfATeam({**SERVED_BY, listing: "no right"})).clean_up()


def test_tables_of_scenarios_carry_the_id_of_the_run_in_the_catalogs_own_names() -> None:
    catalogs = platform(RecordedKube()).catalogs
    assert catalogs.unused_table("trips").startswith("prod.sparkproof_r1_")
    assert catalogs.unused_table("trips") != catalogs.unused_table("trips")
    only_rest = platform(RecordedKube(), catalogs={"rest": "nessie"}).catalogs
    assert (only_rest.name(), only_rest.name("rest")) == ("nessie", "nessie")
    with pytest.raises(KeyError):
        only_rest.name("hive")


@pytest.mark.parametrize("act", ["workloads", "discovery_script", "open_planner", "render"])
def test_what_only_an_installer_knows_is_refused(act: str) -> None:
    own = platform(RecordedKube())
    with pytest.raises(SparkproofError, match="only where the run installed the platform itself"):
        found = getattr(own, act)
        found()


NEEDS = Needs("4.1.1", users_only=True, claims=frozenset({LAKEHOUSE}))


@pytest.mark.parametrize(
    ("needs", "reason"),
    [
        (NEEDS, ""),
        (dataclasses.replace(NEEDS, catalogs=frozenset({"hadoop"})), ""),
        (dataclasses.replace(NEEDS, users_only=False), "needs a platform that the run installs: leave out -D platform"),
        (dataclasses.replace(NEEDS, spark_version="3.5.7"), "runs Spark 4.1.1, and this is about 3.5.7"),
        (dataclasses.replace(NEEDS, claims=frozenset({PlatformClaim("lakehouse", "4.1.0")})), "this is about 4.1.0"),
        (dataclasses.replace(NEEDS, claims=frozenset({PlatformClaim("gpu", "4.1.1")})), "is no gpu platform"),
        (dataclasses.replace(NEEDS, catalogs=frozenset({"hive", "rest"})), "has no hive, rest catalog"),
    ],
)
def test_what_does_not_fit_the_platform_is_skipped_with_the_reason(needs: Needs, reason: str) -> None:
    lacks = provider().lack(needs)
    assert reason in lacks
    assert bool(reason) == bool(lacks)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("- a list", "describes no platform"),
        ("name: [", "is no YAML"),
        ("name: own", "namespace: Field required"),
        ("name: own\ncatalog: {}", "catalog: Extra inputs"),
    ],
)
def test_a_file_that_describes_no_platform_is_refused_in_one_sentence(
    tmp_path: Path, text: str, complaint: str
) -> None:
    file = tmp_path / "own.yaml"
    file.write_text(text)
    with pytest.raises(UsageError, match=complaint) as refused:
        description.read(file)
    assert "\n" not in str(refused.value)


def test_a_file_that_is_not_there_is_refused() -> None:
    with pytest.raises(UsageError, match=r"absent\.yaml cannot be read: No such file"):
        description.read(Path("absent.yaml"))


def test_an_executors_place_is_the_container_that_is_described_and_ended_pods_are_none() -> None:
    labels = {"role": "executor"}
    kube = RecordedKube(pod("exec-0", labels=labels), pod("exec-1", labels=labels, phase="Succeeded"))
    own = platform(kube, executors=Pods(selector="role=executor", container="spark"))
    assert [(each.name, each.namespace, each.container) for each in own.executor_places] == [
        ("exec-0", NAMESPACE, "spark")
    ]


def test_the_log_that_is_kept_is_that_of_the_drivers_container(record: Record, monkeypatch: pytest.MonkeyPatch) -> None:
    kube = OfATeam(SERVED_BY)
    kube._logs = {"warehouse-0/spark": "the driver's", "warehouse-0/proxy": "another's", "warehouse-0": "another's"}
    own = platform(kube, driver=Pods(selector="app=warehouse-sql", container="spark"))
    monkeypatch.setattr(Existing, "history", DriverRest(recorded.RecordedDriver()))
    own.evidence()
    assert {item.name: item.content for item in record.items}["log of warehouse-0"] == b"the driver's"


class Noting(OfATeam):
    """A team's cluster that notes which programs its client starts, and the URLs that their sessions are told."""

    def __init__(self, answers: Mapping[str, Reply] = SERVED_BY) -> None:
        super().__init__(answers)
        self.started: list[RecordedStreams] = []
        self.pythons: list[str] = []

    def exec(self, pod: str, namespace: str, argv: Sequence[str], **rest: object) -> RecordedStreams:
        self.pythons.append(argv[0])
        self.started.append(super().exec(pod, namespace, argv, **rest))
        return self.started[-1]

    @property
    def urls(self) -> list[str | None]:
        sent = [json.loads(line) for program in self.started for line in program.written]
        return [request.get("url") for request in sent if request["op"] == "open"]


def test_a_session_apart_has_a_process_of_its_own_that_the_described_driver_serves() -> None:
    kube = Noting(dict(SERVED_BY))
    own = platform(kube)
    first, second, apart = own.open_session(), own.open_session(), own.open_session_apart()
    assert first.client is second.client
    assert first.client is not apart.client
    kube.answers = {"SET spark.app.id": [("spark.app.id", "app-2")]}
    with pytest.raises(UsageError, match="app-2 serves"):
        own.open_session_apart()


def test_sessions_are_opened_by_the_python_and_at_the_url_that_are_described() -> None:
    kube = Noting()
    client = ClientPod(selector="app=warehouse-sql", python="/opt/python")
    platform(kube, client=client).open_session()
    assert (kube.pythons, kube.urls) == (["/opt/python"], [EXAMPLE.endpoint])
    kube = Noting()
    platform(kube, endpoint="").open_session()
    assert kube.urls == [None], "the client's own environment says where, with what proves who asks"


TWO = {"hadoop": "prod", "rest": "nessie"}


def test_each_catalog_that_is_described_must_be_there() -> None:
    lacks = {**SERVED_BY, "SET CATALOG nessie": "[NOT_FOUND] no nessie"}
    with pytest.raises(UsageError, match="has no catalog nessie"):
        platform(OfATeam(lacks), catalogs=TWO).must_be_as_described()


def test_a_run_takes_its_databases_from_each_catalog_when_it_ends(tmp_path: Path) -> None:
    kube = OfATeam({**SERVED_BY, "SHOW NAMESPACES IN nessie LIKE 'sparkproof_r1_*'": [("sparkproof_r1_0a",)]})
    reached = PerProcess(lambda: Target("recorded", kube, recorded.helm(), "registry"))
    own = ExistingProvider(reached, EXAMPLE.model_copy(update={"catalogs": TWO}), "4.1.1", "r1")
    own.end()
    assert not kube.asked, "no scenario has used the platform"
    own.share({LAKEHOUSE: {"a"}}, tmp_path)
    own.end()
    assert "DROP NAMESPACE nessie.sparkproof_r1_0a" in kube.asked


def test_a_platform_is_held_against_its_description_before_anything_runs() -> None:
    reached = PerProcess(lambda: Target("recorded", OfATeam(SERVED_BY, reached="no"), recorded.helm(), "registry"))
    with pytest.raises(UsageError, match="does not reach sc://lakehouse-sql"):
        ExistingProvider(reached, EXAMPLE, "4.1.1", "r1").supports(["storage"])
