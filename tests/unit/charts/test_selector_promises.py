"""Selectors: one that an expression narrows, and a list of peers or ports that is empty, are found."""

from collections.abc import Callable
from copy import deepcopy
from functools import cache
from typing import Any

import pytest

from sparkproof.charts import promises, renderings
from sparkproof.charts.promises import View
from tests.support.rendering import ALL

NETWORK = "the network denies all but what components need of each other"
PODS = "there are as many pods as values say, replaced one way"
DRAINS = "a drain takes workers one after another, and a server with its sessions only where values let it"
METRICS = "a Prometheus looks for each program's metrics where they are, and once"
NARROWER = [{"key": "app.kubernetes.io/version", "operator": "DoesNotExist"}]


@cache
def everything() -> View:
    return renderings.rendered(renderings.with_everything([chart for chart in ALL if "4.1" in chart.name]))[-1].view


def changed(kind: str, component: str, change: Callable[[Any], object]) -> View:
    """The rendering of everything with one change of the spec of a component's object."""
    found = deepcopy(everything())
    of = [each for each in found.kind(kind) if each["metadata"]["labels"]["app.kubernetes.io/component"] == component]
    change(of[0]["spec"])
    return found


def narrow(spec: Any) -> None:
    spec[next(name for name in ("podSelector", "selector") if name in spec)]["matchExpressions"] = NARROWER


@pytest.mark.parametrize(
    ("promise", "kind", "component", "cause"),
    [
        (NETWORK, "NetworkPolicy", "network-policy", "the policy of network-policy is about {'matchExpressions'"),
        (NETWORK, "NetworkPolicy", "connect", "the policy of connect is about {'matchExpressions'"),
        (PODS, "Deployment", "client", "Deployment of client selects {'matchExpressions'"),
        (PODS, "StatefulSet", "connect", "StatefulSet of connect selects {'matchExpressions'"),
        (DRAINS, "PodDisruptionBudget", "connect", "the disruption budget of connect selects {'matchExpressions'"),
        (METRICS, "ServiceMonitor", "connect", "ServiceMonitor of connect selects by ['matchExpressions'] too"),
        (METRICS, "PodMonitor", "driver", "PodMonitor of driver selects by ['matchExpressions'] too"),
    ],
)
def test_a_selector_that_an_expression_narrows_is_found(promise: str, kind: str, component: str, cause: str) -> None:
    assert list(promises.named(promise).breaches(everything())) == []
    (breach,) = promises.named(promise).breaches(changed(kind, component, narrow))
    assert breach.replace("'matchLabels'", "").startswith(cause.split("{")[0])
    assert "matchExpressions" in breach


def test_a_peer_that_an_expression_narrows_is_found() -> None:
    def change(spec: Any) -> None:
        for rule in spec["ingress"]:
            for peer in rule["from"]:
                peer.get("podSelector", {})["matchExpressions"] = NARROWER

    found = list(promises.named(NETWORK).breaches(changed("NetworkPolicy", "connect", change)))
    assert any("connect may receive, with client, at no port; expected ['15002']" in each for each in found)


@pytest.mark.parametrize(
    ("direction", "rule", "cause"),
    [
        ("ingress", {"from": [], "ports": [{"protocol": "TCP", "port": 15002}]}, "may receive, with {}, at ['15002']"),
        ("ingress", {"ports": [{"protocol": "TCP", "port": 15002}]}, "may receive, with {}, at ['15002']"),
        ("ingress", {}, "may receive, with {}, at ['']"),
        ("egress", {"to": [], "ports": [{"protocol": "TCP", "port": 443}]}, "may send, with {}, at ['443']"),
        ("egress", {"to": []}, "may send, with {}, at ['']"),
    ],
)
def test_a_rule_without_peers_lets_anybody_and_is_found(direction: str, rule: Any, cause: str) -> None:
    view = changed("NetworkPolicy", "connect", lambda spec: spec[direction].append(rule))
    (breach,) = promises.named(NETWORK).breaches(view)
    assert breach == f"connect {cause}; expected none"


def test_ports_that_are_none_are_all_and_are_found() -> None:
    view = changed("NetworkPolicy", "connect", lambda spec: spec["ingress"][0].update(ports=[]))
    (breach,) = promises.named(NETWORK).breaches(view)
    assert "connect may receive, with " in breach and "at ['']; expected [" in breach
