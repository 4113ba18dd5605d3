"""Pod Security: a namespace that enforces another level, or none, and a pod that was never judged, are seen."""

from typing import Any

import pytest

from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level, Record
from sparkproof.kube.labels import POD_SECURITY
from sparkproof.kube.objects import NAMESPACE as NAMESPACES
from sparkproof.tenancy.pod_security import must_run_restricted
from tests.support.recorded import NAMESPACE, RecordedKube, RecordedPlatform, executor, manifest, pod

GUARDED = {"containers": [{"name": "c", "securityContext": {"allowPrivilegeEscalation": False}}]}


def platform(*, client: dict[str, Any] = GUARDED, labels: dict[str, str]) -> RecordedPlatform:
    return RecordedPlatform(
        RecordedKube(
            manifest(
                NAMESPACES, NAMESPACE, None, labels={f"{POD_SECURITY}/{mode}": level for mode, level in labels.items()}
            ),
            pod("spark-connect-0", "connect", spec=GUARDED),
            pod("spark-client-0", "client", spec=client),
            executor(spec=GUARDED),
        )
    )


def test_driver_client_and_executor_under_restricted_are_proved(record: Record) -> None:
    must_run_restricted(platform(labels={"enforce": "restricted"}))
    assert record.level is Level.ADMITTED
    assert record.proofs[0].seen == "spark-connect-0, spark-client-0, exec-0 were admitted"
    assert record.items[0].name == "security contexts"


@pytest.mark.parametrize(
    ("labels", "seen"),
    [({"enforce": "baseline"}, "enforces baseline"), ({"warn": "restricted"}, "enforces nothing"), ({}, "nothing")],
)
def test_a_namespace_that_enforces_something_else_is_seen(labels: dict[str, str], seen: str, record: Record) -> None:
    with pytest.raises(CheckFailed, match=f"{seen}, not restricted"):
        must_run_restricted(platform(labels=labels))
    assert not record.proofs


def test_a_namespace_that_is_gone_enforces_nothing() -> None:
    with pytest.raises(CheckFailed, match="enforces nothing"):
        must_run_restricted(RecordedPlatform())


def test_a_pod_that_was_there_before_its_namespace_was_guarded_is_seen(record: Record) -> None:
    with pytest.raises(CheckFailed, match="spark-client-0 was there before"):
        must_run_restricted(platform(client={"containers": [{"name": "c"}]}, labels={"enforce": "restricted"}))
    with pytest.raises(CheckFailed, match="spark-client-0 was there before"):
        beside = {"containers": [*GUARDED["containers"], {"name": "d"}]}
        must_run_restricted(platform(client=beside, labels={"enforce": "restricted"}))
    assert not record.proofs


@pytest.mark.usefixtures("one_look")
def test_without_an_executor_there_is_nothing_to_see(record: Record) -> None:
    without = platform(labels={"enforce": "restricted"})
    del without.kube.objects["Pod", NAMESPACE, "exec-0"]
    with pytest.raises(CheckFailed, match="an executor of the platform did not come"):
        must_run_restricted(without)
    assert not record.proofs
