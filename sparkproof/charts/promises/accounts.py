"""Promises of accounts: who runs as which, who has a token, and what each may do."""

from collections.abc import Iterator
from typing import Any

from sparkproof.charts.promises.promise import promise
from sparkproof.charts.promises.view import Pod, View, component_of

_PODS = {
    "apiGroups": [""],
    "resources": ["pods"],
    "verbs": ["create", "get", "list", "watch", "delete", "deletecollection"],
}
_SUBMISSION = {"apiGroups": [""], "resources": ["configmaps", "services"], "verbs": ["create", "patch"]}
_LOGS = {"apiGroups": [""], "resources": ["pods/log"], "verbs": ["get"]}
_EVENTS = {"apiGroups": [""], "resources": ["events"], "verbs": ["list"]}


@promise("each pod runs as the account of its own component")
def _accounts(view: View) -> Iterator[str]:
    accounts = {component_of(each): each["metadata"].get("name") for each in view.kind("ServiceAccount")}
    for pod in view.pods:
        wanted = accounts.get(_account_of(pod), f"an account of {_account_of(pod)}")
        if pod.spec.get("serviceAccountName") != wanted:
            yield f"{pod.where} runs as {pod.spec.get('serviceAccountName')}; expected {wanted}"


def _account_of(pod: Pod) -> str:
    return pod.tests if _asks_as_another(pod) else pod.component


def _asks_as_another(pod: Pod) -> bool:
    """Return True for a pod of `helm test` that works with the account of what it tests."""
    return pod.main.get("name") == "account" or (pod.tests == "submit" and pod.where.endswith("-uses"))


@promise("only who starts pods has a token for the API server")
def _tokens(view: View) -> Iterator[str]:
    for pod in view.pods:
        submits = pod.tests == "submit" and pod.where.endswith("-uses") and not view.standalone
        wanted = submits or pod.component in _rules(view) or pod.main.get("name") == "account"
        if pod.spec.get("automountServiceAccountToken") is not wanted:
            given = pod.spec.get("automountServiceAccountToken")
            yield f"{pod.where} has {'no ' if wanted else 'a '}token: automountServiceAccountToken is {given}"


@promise("an account brings no token to a pod that does not ask for one")
def _default_tokens(view: View) -> Iterator[str]:
    for each in view.kind("ServiceAccount"):
        if each.get("automountServiceAccountToken") is not False:
            yield f"the account {each['metadata'].get('name')} brings a token to every pod that runs as it"


@promise("an account may do what drivers do to executors, and nothing more")
def _rights(view: View) -> Iterator[str]:
    wanted = {name: rules for name, rules in _rules(view).items() if view.enabled(name)}
    roles = {component_of(each): each for each in view.kind("Role")}
    bindings = {component_of(each): each for each in view.kind("RoleBinding")}
    for kind, found in {"Role": roles, "RoleBinding": bindings}.items():
        if set(found) != set(wanted):
            yield f"there is a {kind} of {sorted(found)}; expected {sorted(wanted)}"
    for component, rules in wanted.items():
        name = f"{view.name}-{component}"
        allowed = roles.get(component, {}).get("rules")
        if allowed != rules:
            yield f"the Role of {component} allows {allowed}; expected {rules}"
        bound = bindings.get(component, {})
        subject = {"kind": "ServiceAccount", "name": name, "namespace": view.case.namespace}
        if bound.get("subjects") != [subject]:
            yield f"the rights of {component} are given to {bound.get('subjects')}"
        role = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": name}
        if bound.get("roleRef") != role:
            yield f"the rights of {component} are those of {bound.get('roleRef')}"


def _rules(view: View) -> dict[str, list[Any]]:
    """The rules of each component that starts pods: drivers do where executors are pods, and Airflow where it may."""
    drivers = {} if view.standalone else {"connect": [_PODS], "driver": [_PODS], "submit": [_PODS, _SUBMISSION]}
    if not view.values["airflow"]["startsPods"]:
        return drivers
    submission = [_SUBMISSION] if view.submits_by_airflow and not view.standalone else []
    return {**drivers, "airflow": [_PODS, _LOGS, _EVENTS, *submission]}


@promise("submitted drivers and their executors run as accounts of their own")
def _of_spark(view: View) -> Iterator[str]:
    for component, settings in ({} if view.standalone else view.of_drivers).items():
        for whose in ("executor", *(["driver"] if component == "submit" else [])):
            name = f"spark.kubernetes.authenticate.{whose}.serviceAccountName"
            if settings.get(name) != f"{view.name}-{whose}":
                yield f"{component}: {name} is {settings.get(name)}; expected {view.name}-{whose}"
