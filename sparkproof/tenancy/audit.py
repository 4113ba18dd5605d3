"""The security audit of a namespace, whoever installed what is in it: findings by rule, and what was looked at."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from sparkproof.core import evidence
from sparkproof.core.errors import CheckFailed, SparkproofError
from sparkproof.core.evidence import Level
from sparkproof.kube.client import Kube
from sparkproof.kube.objects import NAMESPACE
from sparkproof.tenancy import audit_pods
from sparkproof.tenancy.account import Account
from sparkproof.tenancy.audit_pods import Finding
from sparkproof.tenancy.inventory import Inventory
from sparkproof.tenancy.secret_scan import SecretScan
from sparkproof.tenancy.team import Team

# What no program of a platform needs, and with which it could get at what is not its own.
_DANGEROUS = (
    ("get", "secrets"),
    ("list", "secrets"),
    ("watch", "secrets"),
    ("create", "pods/exec"),
    ("create", "pods/attach"),
    ("patch", "pods/ephemeralcontainers"),
    ("create", "serviceaccounts/token"),
    ("create", "rolebindings.rbac.authorization.k8s.io"),
    ("bind", "roles.rbac.authorization.k8s.io"),
    ("escalate", "roles.rbac.authorization.k8s.io"),
    ("impersonate", "users"),
)
_OPEN_SERVICES = ("NodePort", "LoadBalancer")
_LIMITS = (
    "What programs send each other within the cluster is not looked at: Spark's own settings say if it is encrypted.",
    "Who may change the namespace itself is not looked at, nor are the images' contents.",
)


def _pod_security(found: Inventory) -> Iterator[Finding]:
    if found.enforced != "restricted":
        yield "Pod Security", "the namespace", f"it enforces {found.enforced or 'nothing'}, not restricted"


def _rights(found: Inventory) -> Iterator[Finding]:
    for name in found.accounts:
        account = Account(found.kube, found.namespace, name)
        may = [f"{verb} {resource}" for verb, resource in _DANGEROUS if account.may(verb, resource)]
        if may:
            yield "rights of accounts", f"ServiceAccount {name}", f"it may {', '.join(may)}"


def _policies(found: Inventory) -> Iterator[Finding]:
    for pod in found.pods:
        for direction in ("Ingress", "Egress"):
            if not found.is_isolated(pod, direction):
                yield "network policies", f"Pod {pod['metadata']['name']}", f"no policy limits its {direction.lower()}"


def _entrances(found: Inventory) -> Iterator[Finding]:
    for each in found.services:
        if each["spec"].get("type") in _OPEN_SERVICES:
            about = f"it is open outside the cluster as {each['spec']['type']}, and nothing asks for TLS there"
            yield "TLS", f"Service {each['metadata']['name']}", about
    for each in found.ingresses:
        covered = {host for tls in each["spec"].get("tls") or [] for host in tls.get("hosts") or []}
        bare = [rule.get("host", "every host") for rule in each["spec"].get("rules") or []]
        if missing := [host for host in bare if host not in covered]:
            yield "TLS", f"Ingress {each['metadata']['name']}", f"{', '.join(missing)} without a certificate"


def _secrets(found: Inventory) -> Iterator[Finding]:
    scan = SecretScan.look(Team(found.kube, found.namespace))
    for each in scan.found:
        secret, _, where = each.partition(" in ")
        yield "secrets in other places", where, f"the value of Secret {secret} can be read there"


RULES: Sequence[Callable[[Inventory], Iterable[Finding]]] = (
    _pod_security,
    audit_pods.accounts,
    audit_pods.tokens,
    _rights,
    audit_pods.privileges,
    audit_pods.capabilities,
    audit_pods.host,
    audit_pods.images,
    audit_pods.environment,
    audit_pods.arguments,
    _secrets,
    _policies,
    _entrances,
)


@dataclass(frozen=True)
class NamespaceAudit(evidence.Brought):
    """The findings of an audit, and what was looked at: pods, accounts, and the images with their digests."""

    namespace: str
    findings: Sequence[Finding]
    pods: Sequence[str]
    accounts: Sequence[str]
    images: Mapping[str, str]

    @classmethod
    def of(cls, kube: Kube, namespace: str) -> "NamespaceAudit":
        """Audit a namespace; raises SparkproofError when there is none of this name."""
        if kube.get(NAMESPACE, namespace) is None:
            raise SparkproofError(f"There is no namespace {namespace} on this cluster: look for its name.")
        found = Inventory.of(kube, namespace)
        findings = sorted({finding for rule in RULES for finding in rule(found)})
        names = [pod["metadata"]["name"] for pod in found.pods]
        return cls(namespace, findings, names, found.accounts, found.images)

    @property
    def trouble(self) -> str | None:
        """The number of findings."""
        return f"The audit of {self.namespace} has {len(self.findings)} findings" if self.findings else None

    @property
    def to_read(self) -> str | None:
        """An audit was made."""
        return f"{self.namespace} was audited"

    @property
    def page(self) -> str:
        """The audit on one page, in Markdown."""
        rules = sorted({rule for rule, _, _ in self.findings})
        lines = [f"# Security audit of {self.namespace}", ""]
        lines += [f"{len(self.findings)} findings in {len(self.pods)} pods of {len(self.accounts)} accounts.", ""]
        for rule in rules:
            lines += [f"## {rule}", *(f"- {who}: {what}" for own, who, what in self.findings if own == rule), ""]
        lines += ["## Images", "| image | digest of what runs |", "| --- | --- |"]
        lines += [f"| {image} | {digest or 'not known'} |" for image, digest in sorted(self.images.items())]
        return "\n".join([*lines, "", "## What this audit does not say", *(f"- {each}" for each in _LIMITS), ""])

    def evidence(self) -> None:
        """Keep the page."""
        evidence.attach(f"security audit of {self.namespace}", self.page, "text/markdown")

    def must_be_clean(self) -> None:
        """Check that there were pods to look at, and no findings."""
        evidence.look_at(self)
        self.evidence()
        if not self.pods:
            raise CheckFailed(f"{self.namespace} has no pod, so there was nothing to audit.")
        if self.findings:
            raise CheckFailed(f"The audit of {self.namespace} found {'; '.join(map(': '.join, self.findings))}.")
        evidence.prove(Level.ADMITTED, f"The audit of {len(self.pods)} pods of {self.namespace} found nothing")

    def must_find(self, wanted: Iterable[Mapping[str, str]]) -> None:
        """Check that each row ({"rule": ..., "of": "Pod careless"}, or "Pod *-exec-*") is found, and nothing else."""
        evidence.look_at(self)
        self.evidence()
        rows = {(row["rule"], row["of"]) for row in wanted}
        found = {(rule, who) for rule, who, _ in self.findings}
        missing = [row for row in sorted(rows) if not any(_is(each, row) for each in found)]
        more = [each for each in sorted(found) if not any(_is(each, row) for row in rows)]
        if not rows or missing or more:
            raise CheckFailed(f"The audit of {self.namespace} does not find {missing}, and finds {more} as well.")
        evidence.prove(Level.ADMITTED, f"The audit of {self.namespace} found each of {len(rows)} faults")

    def must_not_repeat(self, secrets: Sequence[str]) -> None:
        """Check that the page of an audit that has findings shows none of these secrets."""
        evidence.look_at(self)
        if not secrets or not self.findings:
            raise CheckFailed(
                f"There are {len(secrets)} secrets and {len(self.findings)} findings that could show one."
            )
        if told := [number for number, each in enumerate(secrets, 1) if each in self.page]:
            numbers = ", ".join(map(str, told))
            raise CheckFailed(
                f"The page of the audit of {self.namespace} shows planted secrets itself: number {numbers}."
            )
        evidence.prove(
            Level.ADMITTED, f"The page of the audit of {self.namespace} shows none of {len(secrets)} planted secrets"
        )


def _is(found: tuple[str, str], row: tuple[str, str]) -> bool:
    return found[0] == row[0] and fnmatchcase(found[1], row[1])
