"""The pods of a platform: the account that each runs as, whether it has the account's token, and its Secrets."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sparkproof.core import evidence
from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level
from sparkproof.kube.labels import COMPONENT, SPARK_ROLE
from sparkproof.kube.objects import SERVICE_ACCOUNT, Manifest, secrets
from sparkproof.spark.executors import Executors
from sparkproof.spark.platform import Platform


@dataclass(frozen=True)
class Carrier:
    """What a pod carries: the component of its account, the account's token, and Secrets ("postgres/jdbc").

    A Secret that is mounted as a whole stands there without a key.
    """

    account: str
    token: bool
    secrets: frozenset[str]

    def __str__(self) -> str:
        token = "its token" if self.token else "no token"
        return f"the account {self.account} with {token} and {', '.join(sorted(self.secrets)) or 'no Secret'}"


@dataclass(frozen=True)
class Carriers:
    """What the pods of each component carry; those of Jobs and tests, which end, are left out."""

    by_component: Mapping[str, frozenset[Carrier]]

    @classmethod
    def of(cls, platform: Platform) -> "Carriers":
        """Look at the pods that are meant to stay, and at the executors, of which there is at least one."""
        executor, workloads = Executors.of(platform).one(), platform.workloads
        accounts = {found["metadata"]["name"]: found for found in workloads.of_kind(SERVICE_ACCOUNT)}
        found: dict[str, set[Carrier]] = defaultdict(set)
        for pod in [executor, *workloads.staying, *workloads.executors]:
            labels, name = pod["metadata"]["labels"], pod["spec"].get("serviceAccountName", "default")
            account = accounts[name]["metadata"]["labels"][COMPONENT] if name in accounts else name
            component = labels.get(COMPONENT) or labels[SPARK_ROLE]
            found[component].add(Carrier(account, _has_token(pod), frozenset(secrets(pod["spec"]))))
        return cls({component: frozenset(carriers) for component, carriers in found.items()})

    def must_be_just(self, wanted: Iterable[Mapping[str, str]]) -> None:
        """Check that every component's pods carry what its row says, and that every component has a row.

        A row is {"component": ..., "account": ..., "token": "yes" or "no", "secrets": "object-store, postgres/jdbc"};
        a Secret without a key stands for all its keys.
        """
        rows = {row["component"]: row for row in wanted}
        wrong = [f"no pod of {component} runs" for component in sorted(rows.keys() - self.by_component.keys())]
        for component, carriers in sorted(self.by_component.items()):
            if component not in rows:
                wrong.append(f"{component} was not expected, and runs as {'; '.join(map(str, carriers))}")
                continue
            wrong += [f"{component} runs as {carrier}" for carrier in carriers if not _is(carrier, rows[component])]
        if wrong or not rows:
            raise CheckFailed(f"The platform's pods do not carry what they should: {'; '.join(wrong) or 'no row'}.")
        evidence.prove(
            Level.EXECUTED,
            f"The pods of {', '.join(sorted(rows))} carry just the expected accounts, tokens and Secrets",
            carriers={component: sorted(map(str, own)) for component, own in self.by_component.items()},
        )


def _is(carrier: Carrier, row: Mapping[str, str]) -> bool:
    asked = {each.strip() for each in row["secrets"].split(",")} - {""}
    unasked = {each for each in carrier.secrets if not {each, each.partition("/")[0]} & asked}
    missing = {each for each in asked if not any(each in (own, own.partition("/")[0]) for own in carrier.secrets)}
    same = (carrier.account, "yes" if carrier.token else "no") == (row["account"], row["token"])
    return same and not unasked and not missing


def _has_token(pod: Manifest) -> bool:
    """Return True if the API server, or the pod's own manifest, gave the pod a token of its account."""
    sources = (
        source
        for volume in pod["spec"].get("volumes") or []
        for source in volume.get("projected", {}).get("sources", [])
    )
    return any("serviceAccountToken" in source for source in sources)
