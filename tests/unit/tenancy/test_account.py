"""What accounts may do: one right too many or too few is seen, and so is a question that nobody asked."""

from collections.abc import Sequence
from typing import Any

import pytest

from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level, Record
from sparkproof.kube.labels import COMPONENT
from sparkproof.kube.objects import ROLE_BINDING, SECRET, SERVICE_ACCOUNT, Manifest
from sparkproof.tenancy.account import Account, Accounts, give_own
from sparkproof.tenancy.team import Team
from tests.support.recorded import NAMESPACE, RecordedKube, RecordedPlatform, executor, manifest, pod

PODS = {"verb": "create", "resource": "pods"}
SECRETS = {"verb": "get", "resource": "secrets"}
DRIVER = f"system:serviceaccount:{NAMESPACE}:spark-driver"
KNOWN = [("create", "pods"), ("get", "pods"), ("get", "secrets"), ("create", "reviews")]


def account(*rights: tuple[str, str], **kube: Any) -> Account:
    recorded = RecordedKube(rights={(DRIVER, *right) for right in rights}, **kube)
    return Account(recorded, NAMESPACE, "spark-driver")


def test_what_is_allowed_and_what_is_denied_are_proved(record: Record) -> None:
    driver = account(("create", "pods"))
    driver.must_be_allowed([PODS])
    driver.must_be_denied([SECRETS])
    assert [proof.seen for proof in record.proofs] == [f"{DRIVER} may create pods", f"{DRIVER} may not get secrets"]
    assert record.level is Level.ADMITTED
    assert [each.name for each in record.items] == ["access reviews"] * 2
    assert b"create pods" in record.items[0].content


def test_a_right_that_lacks_is_named(record: Record) -> None:
    with pytest.raises(CheckFailed, match=f"{DRIVER} may not get secrets in team"):
        account(("create", "pods")).must_be_allowed([PODS, SECRETS])
    assert not record.proofs


def test_a_right_too_many_is_named(record: Record) -> None:
    with pytest.raises(CheckFailed, match=f"{DRIVER} may get secrets in team"):
        account(("get", "secrets")).must_be_denied([PODS, SECRETS])
    assert not record.proofs


def test_what_its_groups_may_it_may(record: Record) -> None:
    with pytest.raises(CheckFailed, match="may get secrets"):
        account(everybody={("get", "secrets")}).must_be_denied([SECRETS])
    assert not record.proofs


def test_no_action_is_no_question(record: Record) -> None:
    driver = account()
    for check in (driver.must_be_allowed, driver.must_be_denied):
        with pytest.raises(CheckFailed, match="No action is named"):
            check([])
    assert not record.proofs


def test_a_right_is_given_to_this_account_in_its_namespace() -> None:
    driver = account()
    driver.grant("list", "secrets")
    assert isinstance(driver.kube, RecordedKube)
    role, binding = driver.kube.objects.values()
    assert role["rules"] == [{"apiGroups": [""], "resources": ["secrets"], "verbs": ["list"]}]
    assert binding["subjects"] == [{"kind": "ServiceAccount", "name": "spark-driver", "namespace": NAMESPACE}]


def test_the_account_is_that_of_the_pod() -> None:
    kube = RecordedKube(
        pod("spark-connect-0", "connect", spec={"serviceAccountName": "spark-driver"}),
        executor(spec={"serviceAccountName": "spark-executor"}),
    )
    platform = RecordedPlatform(kube)
    assert [Account.of(platform, role).name for role in ("driver", "executor")] == ["spark-driver", "spark-executor"]


NEEDED = [{"account": "driver", "may": "create, get", "with": "pods"}]


def accounts(
    rights: set[tuple[str, str, str]], *components: str, bindings: Sequence[Manifest] = (), **kube: Any
) -> Accounts:
    """The accounts of a platform with these components, of which one may be there twice."""
    made = [
        manifest(SERVICE_ACCOUNT, f"spark-{component}{number or ''}", labels={COMPONENT: component})
        for number, component in enumerate(components)
    ]
    server = RecordedKube(*made, *bindings, rights=rights, everybody={("create", "reviews")}, known=KNOWN, **kube)
    return Accounts.of(RecordedPlatform(server))


NEEDS = {(DRIVER, "create", "pods"), (DRIVER, "get", "pods")}


def test_accounts_that_may_what_they_need_and_no_more_are_proved(record: Record) -> None:
    found = accounts(NEEDS, "driver", "executor")
    found.must_have_just(NEEDED)
    assert found.rights["executor"] == {("create", "reviews")} == found.everybody
    assert record.level is Level.ADMITTED
    assert record.proofs[0].seen == "driver, executor have just the expected rights"
    assert [each.name for each in record.items] == ["rights", "what everybody may"]
    both = accounts({(DRIVER, "get", "pods"), (DRIVER, "get", "secrets")}, "driver")
    both.must_have_just([{"account": "driver", "may": "get", "with": "pods, secrets"}])


@pytest.mark.parametrize(
    ("rights", "components", "words"),
    [
        ({(DRIVER, "get", "pods")}, ("driver",), r"rights are missing: {'driver': \[\('create', 'pods'\)\]}"),
        (
            {*NEEDS, (DRIVER, "get", "secrets")},
            ("driver",),
            r"more rights: {'driver': .*'get', 'secrets'",
        ),
        (
            {*NEEDS, (f"system:serviceaccount:{NAMESPACE}:spark-executor1", "get", "secrets")},
            ("driver", "executor"),
            r"there are more rights: {'executor': \[\('get', 'secrets'\)\]}",
        ),
        (
            {*NEEDS, (f"system:serviceaccount:{NAMESPACE}:spark-driver1", "get", "secrets")},
            ("driver", "driver"),
            r"there are more rights: {'driver spark-driver1': \[\('get', 'secrets'\)\]}",
        ),
        (set(), ("executor",), "there is no account of driver"),
        (
            {
                *NEEDS,
                *(
                    (f"system:serviceaccount:{NAMESPACE}:{who}", "get", "secrets")
                    for who in ("default", "spark-driver")
                ),
            },
            ("driver",),
            "there are more rights",
        ),
    ],
    ids=["too little", "too much", "without a row", "second of a component", "no such account", "given to the default"],
)
def test_accounts_that_are_not_as_they_should_be_are_named(
    rights: set[tuple[str, str, str]], components: tuple[str, ...], words: str, record: Record
) -> None:
    with pytest.raises(CheckFailed, match=words):
        accounts(rights, *components).must_have_just(NEEDED)
    assert not record.proofs


def test_a_platform_without_accounts_proves_nothing() -> None:
    with pytest.raises(CheckFailed, match="has no service account"):
        Accounts.of(RecordedPlatform())


@pytest.mark.parametrize(
    ("verb", "resource"),
    [
        ("impersonate", "serviceaccounts"),
        ("impersonate", "users"),
        ("impersonate", "groups"),
        ("bind", "roles.rbac.authorization.k8s.io"),
        ("bind", "clusterroles.rbac.authorization.k8s.io"),
        ("escalate", "roles.rbac.authorization.k8s.io"),
    ],
)
def test_a_right_that_no_list_shows_is_asked_for_too(verb: str, resource: str) -> None:
    found = accounts({*NEEDS, (DRIVER, verb, resource)}, "driver")
    with pytest.raises(CheckFailed, match=f"more rights: {{'driver': .*'{verb}', '{resource}'"):
        found.must_have_just(NEEDED)


OWN = f"system:serviceaccounts:{NAMESPACE}"


@pytest.mark.parametrize("group", [OWN, "system:serviceaccounts", "system:authenticated"])
def test_what_is_given_to_all_accounts_of_the_namespace_is_given_to_each(group: str, record: Record) -> None:
    found = accounts({*NEEDS, (group, "get", "secrets")}, "driver", "executor")
    with pytest.raises(CheckFailed, match=r"more rights: {'driver': .*'get', 'secrets'.*'executor': .*'get'"):
        found.must_have_just(NEEDED)
    assert not record.proofs


def test_what_every_account_of_the_cluster_may_is_nothing_that_the_platform_gave() -> None:
    found = accounts(NEEDS, "driver", cluster_wide={("system:serviceaccounts", "get", "secrets")})
    found.must_have_just(NEEDED)
    assert found.everybody == {("create", "reviews"), ("get", "secrets")}


def test_a_right_that_holds_in_the_whole_cluster_is_named(record: Record) -> None:
    found = accounts(NEEDS, "driver", cluster_wide={(DRIVER, "create", "pods")})
    with pytest.raises(CheckFailed, match=r"beyond the namespace: {'driver': \['create pods in the whole cluster'\]}"):
        found.must_have_just(NEEDED)
    assert not record.proofs


def binding(where: str, kind: str, name: str, **subject: str) -> Manifest:
    return manifest(ROLE_BINDING, "peeks", where, subjects=[{"kind": kind, "name": name, **subject}])


@pytest.mark.parametrize(
    "found",
    [
        binding("other", "ServiceAccount", "spark-driver", namespace=NAMESPACE),
        binding("other", "User", DRIVER),
        binding("other", "Group", OWN),
    ],
    ids=["the account", "by its user's name", "its group"],
)
def test_what_a_binding_of_another_namespace_gives_is_named(found: Manifest, record: Record) -> None:
    with pytest.raises(CheckFailed, match="'what RoleBinding peeks gives in other'"):
        accounts(NEEDS, "driver", bindings=[found]).must_have_just(NEEDED)
    assert not record.proofs


@pytest.mark.parametrize(
    "found",
    [
        binding(NAMESPACE, "ServiceAccount", "spark-driver"),
        binding("other", "ServiceAccount", "spark-driver"),
        binding("other", "ServiceAccount", "another", namespace=NAMESPACE),
        binding("other", "Group", "system:serviceaccounts:other"),
        manifest(ROLE_BINDING, "empty", "other"),
    ],
    ids=["of its own", "of another's account", "for another", "for others", "for nobody"],
)
def test_a_binding_that_is_none_of_its_own_is_not_named(found: Manifest) -> None:
    accounts(NEEDS, "driver", bindings=[found]).must_have_just(NEEDED)


def test_a_team_has_an_account_and_a_secret_of_its_own() -> None:
    kube = RecordedKube()
    give_own(Team(kube, "other"), "treasurer", "treasure")
    assert kube.get(SERVICE_ACCOUNT, "treasurer", "other")
    assert (kube.get(SECRET, "treasure", "other") or {})["data"].keys() == {"gold"}
    assert kube.get(SECRET, "treasure", NAMESPACE) is None
