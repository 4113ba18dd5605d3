"""The security audit: each fault of the example is found by its rule alone, and a namespace without any is clean."""

import base64
from typing import Any

import pytest

from sparkproof.core import examples
from sparkproof.core.errors import CheckFailed, SparkproofError
from sparkproof.core.evidence import Level, Record
from sparkproof.kube.errors import Refused
from sparkproof.kube.labels import OWNED, POD_SECURITY, RUN
from sparkproof.kube.objects import (
    ADMISSION_POLICY,
    ADMISSION_POLICY_BINDING,
    INGRESS,
    Manifest,
)
from sparkproof.kube.objects import (
    NAMESPACE as A_NAMESPACE,
)
from sparkproof.tenancy import house_rules
from sparkproof.tenancy.audit import NamespaceAudit
from sparkproof.tenancy.faults import planted, secrets
from sparkproof.tenancy.house_rules import HouseRules
from sparkproof.tenancy.inventory import selects
from sparkproof.tenancy.team import Team
from tests.support.recorded import NAMESPACE, RecordedKube, RecordedStreams, manifest

READS_SECRETS = (f"system:serviceaccount:{NAMESPACE}:reads-secrets", "get", "secrets")
FAULTS = examples.faults()
GOOD = FAULTS["pods"][0]
ROWS = [
    ("Pod Security", "the namespace"),
    ("accounts", "Pod runs-as-the-default-account"),
    ("tokens", "Pod has-a-token-for-nothing"),
    ("rights of accounts", "ServiceAccount reads-secrets"),
    ("privileges", "Pod may-run-as-root"),
    ("capabilities", "Pod keeps-capabilities"),
    ("the node", "Pod uses-the-node"),
    ("images", "Pod takes-any-image"),
    ("secrets in variables", "Pod shows-a-secret-in-a-variable"),
    ("secrets in variables", "Pod shows-a-password-in-the-url-of-a-variable"),
    ("secrets in arguments", "Pod shows-a-secret-in-an-argument"),
    ("secrets in arguments", "Pod shows-a-secret-after-an-option"),
    ("secrets in other places", "ConfigMap notes"),
    ("network policies", "Pod talks-to-everybody"),
    ("TLS", "Service open"),
    ("TLS", "Ingress bare"),
]


def namespace(enforced: str | None = "restricted") -> Manifest:
    labels = {f"{POD_SECURITY}/enforce": enforced, **OWNED, RUN: "run-1"}
    return manifest(A_NAMESPACE, NAMESPACE, None, labels=labels)


def kube(**given: Any) -> RecordedKube:
    return RecordedKube(namespace(), programs=lambda *_: RecordedStreams(), **given)


def kube_with(*objects: Manifest) -> RecordedKube:
    return RecordedKube(namespace(), *objects, programs=lambda *_: RecordedStreams())


def with_faults() -> RecordedKube:
    own = kube(rights={READS_SECRETS})
    planted(Team(own, NAMESPACE))
    for found in own.objects.values():
        # What the API server and a controller add to what they are given.
        if found["kind"] == "Pod" and found["spec"].get("automountServiceAccountToken"):
            token = {"projected": {"sources": [{"serviceAccountToken": {"path": "token"}}]}}
            found["spec"] = {**found["spec"], "volumes": [token]}
        if found["kind"] == "Secret":
            found["type"] = "Opaque"
            found["data"] = {key: base64.b64encode(text.encode()).decode() for key, text in found["stringData"].items()}
    return own


def without_faults(*rights: tuple[str, str, str], **spec: Any) -> RecordedKube:
    """A namespace with one pod that keeps every rule but for its account's `rights` and what its `spec` says."""
    own = kube(rights=set(rights))
    for each in FAULTS["objects"][:2]:
        Team(own, NAMESPACE).apply(each)
    Team(own, NAMESPACE).apply({"apiVersion": "v1", "kind": "Pod", **GOOD, "spec": {**GOOD["spec"], **spec}})
    return own


def rows(*pairs: tuple[str, str]) -> list[dict[str, str]]:
    return [{"rule": rule, "of": who} for rule, who in pairs]


def test_each_planted_fault_is_found_and_nothing_else(record: Record) -> None:
    audit = NamespaceAudit.of(with_faults(), NAMESPACE)
    audit.must_find(rows(*ROWS))
    assert record.level is Level.ADMITTED
    assert audit.trouble and "findings" in audit.trouble
    for wrong in (ROWS[1:], [*ROWS, ("TLS", "Service other")], []):
        with pytest.raises(CheckFailed, match="does not find"):
            audit.must_find(rows(*wrong))
    with pytest.raises(CheckFailed, match="Pod may-run-as-root: container main may run as root"):
        audit.must_be_clean()


@pytest.mark.parametrize(
    ("verb", "resource"),
    [
        ("get", "secrets"), ("list", "secrets"), ("watch", "secrets"), ("create", "pods/exec"),
        ("create", "pods/attach"), ("patch", "pods/ephemeralcontainers"), ("create", "serviceaccounts/token"),
        ("create", "rolebindings.rbac.authorization.k8s.io"), ("bind", "roles.rbac.authorization.k8s.io"),
        ("escalate", "roles.rbac.authorization.k8s.io"), ("impersonate", "users"),
    ],
)  # fmt: skip
def test_each_right_that_no_program_needs_is_named(verb: str, resource: str) -> None:
    name = GOOD["spec"]["serviceAccountName"]
    own = without_faults((f"system:serviceaccount:{NAMESPACE}:{name}", verb, resource))
    assert NamespaceAudit.of(own, NAMESPACE).findings == [
        ("rights of accounts", f"ServiceAccount {name}", f"it may {verb} {resource}")
    ]


def test_the_page_shows_none_of_the_planted_secrets(record: Record) -> None:
    audit = NamespaceAudit.of(with_faults(), NAMESPACE)
    audit.must_not_repeat(secrets())
    assert record.level is Level.ADMITTED
    objects = str({name: part for name, part in FAULTS.items() if name != "secrets"})
    assert all(each in objects for each in secrets())


def test_a_page_that_shows_a_secret_is_seen(record: Record) -> None:
    found = [("secrets in variables", "Pod careless", f"its value is {secrets()[1]}")]
    with pytest.raises(CheckFailed, match="shows planted secrets itself: number 2"):
        NamespaceAudit(NAMESPACE, found, ["careless"], [], {}).must_not_repeat(secrets())
    with pytest.raises(CheckFailed, match="2 secrets and 0 findings that could show one"):
        NamespaceAudit(NAMESPACE, [], ["careless"], [], {}).must_not_repeat(secrets())
    with pytest.raises(CheckFailed, match="There are 0 secrets"):
        NamespaceAudit(NAMESPACE, found, ["careless"], [], {}).must_not_repeat([])
    assert not record.proofs


def test_a_namespace_without_faults_is_clean(record: Record) -> None:
    audit = NamespaceAudit.of(without_faults(), NAMESPACE)
    audit.must_be_clean()
    assert record.level is Level.ADMITTED
    assert audit.trouble is None
    with pytest.raises(CheckFailed, match="has no pod"):
        NamespaceAudit.of(kube(), NAMESPACE).must_be_clean()
    with pytest.raises(SparkproofError, match="There is no namespace elsewhere"):
        NamespaceAudit.of(kube(), "elsewhere")


def container(**changed: Any) -> list[Manifest]:
    (own,) = GOOD["spec"]["containers"]
    return [{**own, **changed}]


CONTEXT = GOOD["spec"]["containers"][0]["securityContext"]


@pytest.mark.parametrize(
    ("spec", "finding"),
    [
        ({"containers": container(securityContext={**CONTEXT, "privileged": True})}, "is privileged"),
        ({"containers": container(securityContext={**CONTEXT, "runAsUser": 0})}, "may run as root"),
        ({"containers": container(securityContext={**CONTEXT, "allowPrivilegeEscalation": None})}, "may gain rights"),
        ({"containers": container(securityContext={**CONTEXT, "seccompProfile": {}})}, "any system call"),
        ({"containers": container(securityContext={**CONTEXT, "capabilities": {}})}, "does not drop ALL"),
        ({"hostNetwork": True}, "it uses hostNetwork"),
        ({"containers": container(image="registry:5000/tool")}, "neither a digest nor a tag"),
        ({"containers": container(image="tool:latest")}, "neither a digest nor a tag"),
        ({"initContainers": container(image="tool")}, "neither a digest nor a tag"),
        ({"containers": container(env=[{"name": "API_KEY", "value": "abc"}])}, "API_KEY of main has its value"),
        ({"containers": container(env=[{"name": "STORE", "value": "db://ada:abc@x"}])}, "STORE of main is a URL with"),
        ({"containers": container(command=["run", "--password=abc"])}, "an argument like password=..."),
        ({"containers": container(command=["run", "token=abc"])}, "an argument like token=..."),
        ({"containers": container(command=["sh", "-c", "run --secret: 'abc'"])}, "an argument like secret: '..."),
        ({"containers": container(args=["--api-key", "abc"])}, "an argument like --api-key ..."),
        ({"containers": container(args=["-password abc"])}, "an argument like -password ..."),
        ({"containers": container(args=["db://ada:abc@x"])}, "an argument like a URL with a password"),
    ],
)
def test_a_pod_that_breaks_one_rule_is_named(spec: dict[str, Any], finding: str) -> None:
    audit = NamespaceAudit.of(without_faults(**spec), NAMESPACE)
    assert len(audit.findings) == 1
    assert finding in audit.findings[0][2]
    assert "abc" not in audit.page


def test_what_a_container_says_wins_over_what_its_pod_says() -> None:
    rooted = container(securityContext={**CONTEXT, "runAsNonRoot": False})
    audit = NamespaceAudit.of(without_faults(securityContext={"runAsNonRoot": True}, containers=rooted), NAMESPACE)
    assert [finding for _, _, finding in audit.findings] == ["container main may run as root"]


@pytest.mark.parametrize(
    "spec",
    [
        {"containers": container(image="tool@sha256:0123")},
        {
            "containers": container(
                env=[{"name": "TOKEN_FILE", "value": "/run/token"}, {"name": "SECRETS", "value": "true"}]
            )
        },
        {"containers": container(env=[{"name": "PASSWORD", "valueFrom": {"secretKeyRef": {"key": "b"}}}])},
        {"containers": container(command=["run", "--password=$PASSWORD", "--token-file=/run/token", "s3://a:b"])},
        {"containers": container(args=["--password", "$(PASSWORD)", "--token", "/run/token", "--secret", "--quiet"])},
        {"containers": container(args=["echo a secret that nobody knows", "--token"])},
        {"containers": container(env=[{"name": "STORE", "value": "db://$(USER):$(PASSWORD)@x"}])},
    ],
)
def test_what_is_right_is_not_named(spec: dict[str, Any]) -> None:
    assert NamespaceAudit.of(without_faults(**spec), NAMESPACE).findings == []


def test_the_page_names_rules_findings_and_images() -> None:
    own = without_faults(hostPID=True)
    own.objects[("Pod", NAMESPACE, "keeps-every-rule")]["status"] = {
        "containerStatuses": [{"name": "main", "image": "registry.example/tool:1", "imageID": "x@sha256:77"}]
    }
    page = NamespaceAudit.of(own, NAMESPACE).page
    assert "1 findings in 1 pods" in page
    assert "## the node\n- Pod keeps-every-rule: it uses hostPID" in page
    assert "| registry.example/tool:1 | sha256:77 |" in page


@pytest.mark.parametrize(
    ("selector", "chosen"),
    [
        ({}, True),
        ({"matchLabels": {"app": "a"}}, True),
        ({"matchLabels": {"app": "b"}}, False),
        ({"matchExpressions": [{"key": "app", "operator": "In", "values": ["a"]}]}, True),
        ({"matchExpressions": [{"key": "app", "operator": "In", "values": ["b"]}]}, False),
        ({"matchExpressions": [{"key": "role", "operator": "In", "values": ["a"]}]}, False),
        ({"matchExpressions": [{"key": "app", "operator": "NotIn", "values": ["a"]}]}, False),
        (
            {
                "matchExpressions": [
                    {"key": "app", "operator": "Exists"},
                    {"key": "app", "operator": "In", "values": ["b"]},
                ]
            },
            False,
        ),
        ({"matchExpressions": [{"key": "app", "operator": "Exists"}]}, True),
        ({"matchExpressions": [{"key": "app", "operator": "DoesNotExist"}]}, False),
    ],
)
def test_selectors_choose_as_the_api_says(selector: Manifest, chosen: bool) -> None:
    assert selects(selector, {"app": "a"}) is chosen


def test_each_host_of_an_entrance_needs_a_certificate_of_its_own() -> None:
    def ingress(*covered: str) -> Manifest:
        rules = [{"host": "a.example"}, {"host": "b.example"}]
        return manifest(INGRESS, "shared", spec={"rules": rules, "tls": [{"hosts": list(covered)}]})

    found = [
        about
        for covered in (("a.example", "b.example"), ("a.example",), ())
        for rule, _, about in NamespaceAudit.of(kube_with(ingress(*covered)), NAMESPACE).findings
        if rule == "TLS"
    ]
    assert found == ["b.example without a certificate", "a.example, b.example without a certificate"]


def refuse(asked: Manifest) -> Refused | None:
    open_outside = asked["kind"] == "Service" and asked["spec"].get("type") == "NodePort"
    return Refused("apply", 422, "ValidatingAdmissionPolicy x denied it") if open_outside else None


def test_the_houses_rules_reach_one_namespace_and_go() -> None:
    own = kube(refuse=refuse)
    rules = HouseRules.enforce(Team(own, NAMESPACE))
    about = ("pods", "services", "spark-applications")
    assert own.names(ADMISSION_POLICY.name) == [f"house-rules-for-{what}-{NAMESPACE}" for what in about]
    for binding in own.list(ADMISSION_POLICY_BINDING):
        chosen = binding["spec"]["matchResources"]["namespaceSelector"]["matchLabels"]
        assert chosen == {"sparkproof.dev/house-rules": NAMESPACE}
        assert binding["spec"]["policyName"] == binding["metadata"]["name"]
        assert binding["metadata"]["labels"][RUN] == "run-1"
    rules.lift()
    assert own.names(ADMISSION_POLICY.name) == own.names(ADMISSION_POLICY_BINDING.name) == []


def test_policies_of_a_killed_run_are_swept() -> None:
    own = kube(refuse=refuse)
    HouseRules.enforce(Team(own, NAMESPACE))
    assert house_rules.sweep(own, run="run-2") == []
    assert len(house_rules.sweep(own, run="run-1")) == 6
    assert own.names(ADMISSION_POLICY.name) == []
