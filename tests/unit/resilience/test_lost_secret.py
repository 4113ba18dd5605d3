"""A Secret of a recorded platform that somebody deletes, and that comes back as it was."""

import pytest

from sparkproof.core.errors import CheckFailed
from sparkproof.kube.objects import SECRET
from sparkproof.resilience.lost_secret import LostSecret
from sparkproof.spark.workloads import Workloads
from tests.support import recorded
from tests.support.recorded import NAMESPACE, RecordedKube


def test_a_secret_goes_and_comes_back_with_its_values() -> None:
    own = RecordedKube(recorded.manifest(SECRET, "store", type="Opaque", data={"key": "dmFsdWU="}))
    labels = own.objects["Secret", NAMESPACE, "store"]["metadata"]["labels"] = {"whose": "the run's"}
    lost = LostSecret(Workloads(own, NAMESPACE, "spark"), "store")
    lost.end()
    lost.begin()
    assert own.get(SECRET, "store", NAMESPACE) is None
    lost.end()
    found = own.objects["Secret", NAMESPACE, "store"]
    assert found["data"] == {"key": "dmFsdWU="}
    assert found["type"] == "Opaque"
    assert found["metadata"]["labels"] == labels
    found["data"] = {"key": "another's"}
    lost.end()
    assert own.objects["Secret", NAMESPACE, "store"]["data"] == {"key": "another's"}, "what is undone is left alone"


def test_a_secret_that_is_not_there_cannot_be_lost() -> None:
    with pytest.raises(CheckFailed, match=f"There is no Secret keys in {NAMESPACE} that somebody could delete"):
        LostSecret(Workloads(RecordedKube(), NAMESPACE, "spark"), "keys").begin()
