"""The rights of service accounts, as the API server itself reports them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sparkproof.core import evidence
from sparkproof.core.aside import together
from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level
from sparkproof.kube.client import Kube
from sparkproof.kube.labels import COMPONENT, OWNED
from sparkproof.kube.objects import ROLE_BINDING, SERVICE_ACCOUNT, Manifest
from sparkproof.spark.executors import Executors
from sparkproof.spark.platform import Platform
from sparkproof.tenancy.team import Team

# Actions that no list of resources shows: with them an account can act as another or give itself more rights.
_UNLISTED = (
    ("impersonate", "serviceaccounts"),
    ("impersonate", "users"),
    ("impersonate", "groups"),
    ("bind", "roles.rbac.authorization.k8s.io"),
    ("bind", "clusterroles.rbac.authorization.k8s.io"),
    ("escalate", "roles.rbac.authorization.k8s.io"),
)
_AT_ONCE = 8
# An account that does not exist, in a namespace that no platform uses: what it may, every account of the cluster may.
_NOBODY = "sparkproof-nobody"
_ELSEWHERE = "default"
_CLUSTER = ""

Action = tuple[str, str]


@dataclass(frozen=True)
class Account:
    """A service account of a namespace."""

    kube: Kube
    namespace: str
    name: str

    @classmethod
    def of(cls, platform: Platform, role: str) -> "Account":
        """Return the account that the pod of the platform's "driver" or of an "executor" runs as."""
        workloads = platform.workloads
        pod = workloads.pod("connect") if role == "driver" else Executors.of(platform).one()
        return cls(workloads.kube, workloads.namespace, pod["spec"]["serviceAccountName"])

    @property
    def user(self) -> str:
        """The name by which the API server knows the account."""
        return f"system:serviceaccount:{self.namespace}:{self.name}"

    @property
    def rights(self) -> frozenset[Action]:
        """Every (verb, resource) that is allowed to the account; the server is asked about each one that it knows."""
        asked = [*self.kube.actions(), *_UNLISTED]
        allowed = together(lambda action: self.may(*action), asked, at_once=_AT_ONCE)
        return frozenset(action for action, may in zip(asked, allowed, strict=True) if may)

    @property
    def groups(self) -> Sequence[str]:
        """The groups that the API server counts the account among."""
        return ("system:serviceaccounts", f"system:serviceaccounts:{self.namespace}", "system:authenticated")

    def may(self, verb: str, resource: str, namespace: str | None = None) -> bool:
        """True if the account may `verb` a `resource` ("pods/exec", "deployments.apps") in its namespace.

        Another namespace may be named; an empty one stands for the whole cluster.
        """
        where = self.namespace if namespace is None else namespace
        return self.kube.can_i(self.user, verb, resource, where, groups=self.groups)

    def beyond(self, rights: Iterable[Action]) -> frozenset[str]:
        """Return what reaches beyond the account's namespace: which of its `rights` hold in the whole cluster, and the
        RoleBindings of other namespaces that name it or the accounts of its namespace.
        """
        cluster = (
            f"{verb} {resource} in the whole cluster" for verb, resource in rights if self.may(verb, resource, _CLUSTER)
        )
        bindings = (found for found in self.kube.list(ROLE_BINDING) if self._is_named_in(found))
        elsewhere = (
            f"what RoleBinding {found['metadata']['name']} gives in {found['metadata']['namespace']}"
            for found in bindings
            if found["metadata"]["namespace"] != self.namespace
        )
        return frozenset([*cluster, *elsewhere])

    def _is_named_in(self, binding: Manifest) -> bool:
        here = binding["metadata"]["namespace"]
        for subject in binding.get("subjects") or []:
            if subject["kind"] == "ServiceAccount":
                if (subject.get("namespace", here), subject["name"]) == (self.namespace, self.name):
                    return True
            elif subject["name"] in (self.user, self.groups[1]):
                return True
        return False

    def grant(self, verb: str, resource: str) -> None:
        """Let the account `verb` a core `resource` ("list", "secrets") in its namespace."""
        metadata = {"name": "granted", "namespace": self.namespace, "labels": OWNED}
        api = "rbac.authorization.k8s.io"
        rules = [{"apiGroups": [""], "resources": [resource], "verbs": [verb]}]
        self.kube.apply({"apiVersion": f"{api}/v1", "kind": "Role", "metadata": metadata, "rules": rules})
        self.kube.apply(
            {
                "apiVersion": f"{api}/v1",
                "kind": "RoleBinding",
                "metadata": metadata,
                "roleRef": {"apiGroup": api, "kind": "Role", "name": metadata["name"]},
                "subjects": [{"kind": "ServiceAccount", "name": self.name, "namespace": self.namespace}],
            }
        )

    def must_be_allowed(self, actions: Iterable[Mapping[str, str]]) -> None:
        """Check that each action ({"verb": ..., "resource": ...}) is allowed."""
        self._must(True, actions)

    def must_be_denied(self, actions: Iterable[Mapping[str, str]]) -> None:
        """Check that none of the actions is allowed."""
        self._must(False, actions)

    def _must(self, allowed: bool, actions: Iterable[Mapping[str, str]]) -> None:
        pairs = [(action["verb"], action["resource"]) for action in actions]
        if not pairs:
            raise CheckFailed(f"No action is named, so nothing was asked about {self.user}.")
        asked = {f"{verb} {resource}": self.may(verb, resource) for verb, resource in pairs}
        wrong = [action for action, answer in asked.items() if answer is not allowed]
        if wrong:
            raise CheckFailed(f"{self.user} may {'not ' if allowed else ''}{', '.join(wrong)} in {self.namespace}.")
        may = "may" if allowed else "may not"
        evidence.prove(Level.ADMITTED, f"{self.user} {may} {', '.join(asked)}", access_reviews=asked)


@dataclass(frozen=True)
class Accounts:
    """The rights of a platform's service accounts, by the component that runs as each of them.

    `everybody` are the rights of an account that was granted nothing and is of another namespace; `beyond` is what
    reaches beyond the platform's namespace.
    """

    rights: Mapping[str, frozenset[Action]]
    everybody: frozenset[Action]
    beyond: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, platform: Platform) -> "Accounts":
        """Ask for the rights of each service account of the platform, by the component that its label names."""
        workloads = platform.workloads
        accounts: dict[str, Account] = {}
        for each in (found["metadata"] for found in workloads.of_kind(SERVICE_ACCOUNT)):
            component = each["labels"][COMPONENT]
            # A second account of a component has a name of its own here, so that no table overlooks it.
            name = f"{component} {each['name']}" if component in accounts else component
            accounts[name] = Account(workloads.kube, workloads.namespace, each["name"])
        if not accounts:
            raise CheckFailed(f"The platform in {workloads.namespace} has no service account.")
        return cls.ask(accounts)

    @classmethod
    def ask(cls, accounts: Mapping[str, Account]) -> "Accounts":
        """Ask the API server for the rights of each account, by its component."""
        one = next(iter(accounts.values()))
        everybody = Account(one.kube, _ELSEWHERE, _NOBODY).rights
        rights = {component: account.rights for component, account in accounts.items()}
        beyond = {name: account.beyond(rights[name] - everybody) for name, account in accounts.items()}
        return cls(rights, everybody, beyond)

    def must_have_just(self, wanted: Iterable[Mapping[str, str]]) -> None:
        """Check that each row's account ({"account": ..., "may": "get, list", "with": "pods"}) may do that.

        All other rights of an account must be rights of everybody; this also holds for accounts without rows. None of
        its own rights may reach beyond its namespace.
        """
        rows = [
            (row["account"], verb.strip(), resource.strip())
            for row in wanted
            for verb in row["may"].split(",")
            for resource in row["with"].split(",")
        ]
        given = {name: {(verb, of) for account, verb, of in rows if account == name} for name in self.rights}
        missing = {name: sorted(given[name] - rights) for name, rights in self.rights.items() if given[name] - rights}
        more = {
            name: sorted(rights - given[name] - self.everybody)
            for name, rights in self.rights.items()
            if rights - given[name] - self.everybody
        }
        beyond = {name: sorted(own) for name, own in self.beyond.items() if own}
        unknown = sorted({account for account, _, _ in rows} - self.rights.keys())
        if missing or more or unknown or beyond:
            faults = [f"rights are missing: {missing}"] * bool(missing)
            faults += [f"there are more rights: {more}"] * bool(more)
            faults += [f"there are rights beyond the namespace: {beyond}"] * bool(beyond)
            faults += [f"there is no account of {', '.join(unknown)}"] * bool(unknown)
            raise CheckFailed(f"The platform's accounts do not have the expected rights: {'; '.join(faults)}.")
        evidence.prove(
            Level.ADMITTED,
            f"{', '.join(sorted(self.rights))} have just the expected rights",
            rights={name: sorted(map(" ".join, rights)) for name, rights in self.rights.items()},
            what_everybody_may=sorted(map(" ".join, self.everybody)),
        )


def give_own(team: Team, account: str, secret: str) -> None:
    """Give a team an account and a Secret of these names; no other team gets them."""
    team.apply({"apiVersion": SERVICE_ACCOUNT.api_version, "kind": SERVICE_ACCOUNT.name, "metadata": {"name": account}})
    team.keep_secret(secret, ["gold"])
