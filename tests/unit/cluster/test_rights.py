"""Rights are asked for where a run needs them, and only those without which it cannot go on."""

from sparkproof.cluster import rights
from tests.support.recorded import RecordedKube


class Asked(RecordedKube):
    """An API server that notes what it is asked, and allows all but `denied`."""

    def __init__(self, *denied: tuple[str, str]) -> None:
        super().__init__()
        self.denied, self.asked = denied, list[tuple[str, str, str]]()

    def may_i(self, verb: str, resource: str, namespace: str = "") -> bool:
        self.asked.append((verb, resource, namespace))
        return (verb, resource) not in self.denied


def test_rights_are_asked_for_in_the_whole_cluster_or_in_the_one_namespace() -> None:
    for namespace in ("", "given"):
        kube = Asked()
        assert rights.missing(kube, namespace) == []
        assert {where for _, _, where in kube.asked} == {namespace}
        assert ("create", "pods", namespace) in kube.asked


def test_what_a_run_can_do_without_is_not_missing_and_all_that_it_needs_is_named() -> None:
    assert rights.missing(Asked(("list", "nodes"), ("create", "pods/eviction"))) == []
    denied = Asked(("delete", "secrets"), ("get", "pods/log"), ("create", "secrets"))
    assert rights.missing(denied) == ["create, delete secrets", "get pods/log"]
