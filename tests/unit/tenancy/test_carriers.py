"""What pods carry: another account, a token or a Secret too many, and a component without a row, are seen."""

from typing import Any

import pytest

from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level, Record
from sparkproof.kube.labels import COMPONENT, RELEASE
from sparkproof.kube.objects import SERVICE_ACCOUNT, Manifest
from sparkproof.tenancy.carriers import Carriers
from tests.support.recorded import RecordedKube, RecordedPlatform, executor, manifest, pod

TOKEN = {"name": "api", "projected": {"sources": [{"serviceAccountToken": {"path": "token"}}, {"configMap": {}}]}}
ACCOUNTS = [
    manifest(SERVICE_ACCOUNT, f"spark-{name}", labels={COMPONENT: name}) for name in ("driver", "executor", "client")
]


def variable(secret: str, key: str) -> dict[str, Any]:
    return {"name": key.upper(), "valueFrom": {"secretKeyRef": {"name": secret, "key": key}}}


def spec(account: str, *env: dict[str, Any], volumes: tuple[Any, ...] = (), **container: Any) -> dict[str, Any]:
    return {
        "serviceAccountName": account,
        "containers": [{"name": "c", "env": [{"name": "A", "value": "b"}, *env], **container}],
        "volumes": [{"name": "empty", "emptyDir": {}}, *volumes],
    }


KEY = variable("store", "key")
CONNECT = spec("spark-driver", KEY, variable("postgres", "jdbc"), volumes=(TOKEN,))
EXECUTOR = spec("spark-executor", KEY)
CLIENT = spec("spark-client")
ROWS = [
    {"component": "connect", "account": "driver", "token": "yes", "secrets": "store, postgres/jdbc"},
    {"component": "executor", "account": "executor", "token": "no", "secrets": "store/key"},
    {"component": "client", "account": "client", "token": "no", "secrets": ""},
]


def carriers(
    connect: dict[str, Any] = CONNECT,
    worker: dict[str, Any] = EXECUTOR,
    client: dict[str, Any] = CLIENT,
    *more: Manifest,
) -> Carriers:
    pods = [pod("c-0", "connect", spec=connect), executor(spec=worker), pod("u-0", "client", spec=client)]
    return Carriers.of(RecordedPlatform(RecordedKube(*ACCOUNTS, *pods, *more)))


def test_pods_that_carry_just_what_they_should_are_proved(record: Record) -> None:
    carriers().must_be_just(ROWS)
    assert record.level is Level.EXECUTED
    assert record.proofs[0].seen.startswith("The pods of client, connect, executor carry just the expected")
    assert record.items[0].name == "carriers"


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (carriers(worker=spec("spark-driver", KEY)), "executor runs as the account driver with no token and store/key"),
        (carriers(worker={**spec("", KEY), "serviceAccountName": "default"}), "executor runs as the account default"),
        (carriers(worker=spec("spark-executor", KEY, volumes=(TOKEN,))), "account executor with its token"),
        (carriers(connect=spec("spark-driver", KEY, variable("postgres", "jdbc"))), "driver with no token"),
        (carriers(client=spec("spark-client", KEY)), "client runs as the account client with no token and store/key"),
        (carriers(worker=spec("spark-executor", KEY, variable("postgres", "jdbc"))), "postgres/jdbc, store/key"),
        (carriers(connect=spec("spark-driver", KEY, volumes=(TOKEN,))), "connect runs as .* and store/key"),
        (carriers(connect=spec("spark-driver", KEY, variable("postgres", "rest"), volumes=(TOKEN,))), "postgres/rest"),
        (carriers(client=spec("spark-client", envFrom=[{"secretRef": {"name": "store"}}])), "no token and store"),
        (carriers(client=spec("spark-client", volumes=({"secret": {"secretName": "x"}},))), "no token and x"),
        (
            carriers(client=spec("spark-client", volumes=({"projected": {"sources": [{"secret": {"name": "y"}}]}},))),
            "no token and y",
        ),
        (
            carriers(client=spec("spark-client", volumes=({"secret": {"secretName": "x", "items": [{"key": "k"}]}},))),
            "no token and x/k",
        ),
        (
            carriers(client={**CLIENT, "initContainers": [{"name": "i", "env": [KEY]}]}),
            "client runs as the account client with no token and store/key",
        ),
        (
            carriers(CONNECT, EXECUTOR, CLIENT, executor("z-exec-2", spec=spec("spark-driver", KEY))),
            "executor runs as the account driver",
        ),
        (carriers(CONNECT, EXECUTOR, CLIENT, pod("o-0", "other", spec=CLIENT)), "other was not expected, and runs as"),
        (carriers(CONNECT, EXECUTOR, CLIENT, pod("u-1", "client", spec=CONNECT)), "client runs as the account driver"),
    ],
)
def test_a_pod_that_carries_something_else_is_named(found: Carriers, words: str, record: Record) -> None:
    with pytest.raises(CheckFailed, match=f"do not carry what they should: .*{words}"):
        found.must_be_just(ROWS)
    assert not record.proofs


def test_a_component_that_does_not_run_is_named(record: Record) -> None:
    with pytest.raises(CheckFailed, match="no pod of master runs"):
        carriers().must_be_just([*ROWS, {"component": "master", "account": "master", "token": "no", "secrets": ""}])
    with pytest.raises(CheckFailed, match="connect was not expected"):
        carriers().must_be_just([])
    assert not record.proofs


def test_pods_that_end_by_themselves_are_left_out() -> None:
    job = pod("b-0", "bucket", spec=spec("default"), ownerReferences=[{"kind": "Job", "name": "bucket"}])
    test = pod("t-0", "test", spec=spec("default"))
    carriers(CONNECT, EXECUTOR, CLIENT, job, test).must_be_just(ROWS)


def test_every_executor_is_looked_at_and_not_the_first_alone() -> None:
    """Spark makes them, and whoever changed the template since then has others."""
    other = executor("exec-9", spec=spec("spark-driver", KEY), labels={RELEASE: "not the chart's"})
    with pytest.raises(CheckFailed, match="executor runs as the account driver"):
        carriers(CONNECT, EXECUTOR, CLIENT, other).must_be_just(ROWS)
