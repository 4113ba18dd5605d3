"""Kinds of object that many components have: network policies, monitors, budgets, and the pods of `helm test`."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.rendering import CHART, CHARTS, Rendering, template

COMPONENT = "app.kubernetes.io/component"
STANDALONE = CHARTS / "spark-standalone"
EVERYTHING = {
    "submit": {"enabled": True},
    "jupyter": {"enabled": True, "authentication": {"existingSecret": "token"}},
    **yaml.safe_load((CHART / "presets" / "iceberg-values.yaml").read_text()),
}
GUARDED = {"networkPolicy": {"enabled": True}, **EVERYTHING}
WATCHED = {"monitoring": {"enabled": True}, **EVERYTHING}
every_chart = pytest.mark.parametrize("chart", [CHART, STANDALONE], ids=lambda chart: chart.name)
Edge = tuple[str, str, int]


def policies(rendering: Rendering) -> dict[str, Any]:
    """The network policies' specs by the component that they are about; that of all pods under ""."""
    found = [each["spec"] for each in rendering.objects if each["kind"] == "NetworkPolicy"]
    return {spec["podSelector"]["matchLabels"].get(COMPONENT, ""): spec for spec in found}


def edges(specs: Mapping[str, Any], direction: str, side: str) -> Iterator[Edge]:
    """The (caller, called, port) inside the release that policies allow in a direction; port 0 is a range."""
    for component, spec in specs.items():
        for rule in spec.get(direction, []):
            for peer in rule[side]:
                other = peer.get("podSelector", {}).get("matchLabels", {}).get(COMPONENT)
                for port in rule["ports"] if other else ():
                    pair = (component, other) if direction == "egress" else (other, component)
                    yield *pair, 0 if "endPort" in port else port["port"]


def test_without_network_policies_there_are_none() -> None:
    assert policies(template()) == {}


@every_chart
def test_all_traffic_of_the_release_is_denied_but_what_a_policy_allows(chart: Path) -> None:
    everything = policies(template(GUARDED, chart=chart))[""]
    assert everything["policyTypes"] == ["Ingress", "Egress"]
    assert not {"ingress", "egress"} & set(everything)
    assert set(everything["podSelector"]["matchLabels"]) == {"app.kubernetes.io/name", "app.kubernetes.io/instance"}


@every_chart
def test_what_one_may_send_another_may_receive(chart: Path) -> None:
    specs = policies(template(GUARDED, chart=chart))
    sent, received = set(edges(specs, "egress", "to")), set(edges(specs, "ingress", "from"))
    assert sent == received
    assert ("client", "connect", 15002) in sent
    assert not [edge for edge in sent if edge[0] == "client" and edge[1] != "connect"]


@every_chart
def test_every_pod_has_a_policy_of_its_own(chart: Path) -> None:
    rendering = template(GUARDED, chart=chart)
    assert set(policies(rendering)) == {"", *rendering.pods, "test"}


@every_chart
def test_policies_name_ports_that_containers_open(chart: Path) -> None:
    rendering = template(GUARDED, chart=chart)
    opened = {
        (component, port["containerPort"])
        for component, pod in rendering.pods.items()
        for container in pod["spec"]["containers"]
        for port in container.get("ports", [])
    }
    # Spark opens those of executors and submitted drivers itself, where settings or its own defaults say.
    opened |= {("executor", 7079), ("driver", 7078), ("driver", 7079)}
    called = {(called, port) for _, called, port in edges(policies(rendering), "ingress", "from") if port}
    assert called <= opened
    if chart == CHART:
        assert rendering.configuration["spark.blockManager.port"] == "7079"


def test_only_drivers_and_tests_call_the_api_server() -> None:
    narrow = {"enabled": True, "apiServer": {"cidrs": ["192.0.2.1/32"]}}
    specs = policies(template({**EVERYTHING, "networkPolicy": narrow}))
    calling = {
        component
        for component, spec in specs.items()
        for rule in spec.get("egress", [])
        if {"ipBlock": {"cidr": "192.0.2.1/32"}} in rule["to"]
    }
    assert calling == {"connect", "driver", "submit", "test"}


def test_who_is_let_in_from_outside_reaches_only_what_is_for_them() -> None:
    users, prometheus = ({"namespaceSelector": {"matchLabels": {"is": name}}} for name in ("users", "prometheus"))
    outside = {"enabled": True, "users": [users], "prometheus": [prometheus]}
    specs = policies(template({"networkPolicy": outside}))
    let_in = {
        (component, rule["from"][0]["namespaceSelector"]["matchLabels"]["is"], port["port"])
        for component, spec in specs.items()
        for rule in spec.get("ingress", [])
        for port in rule["ports"]
        if "namespaceSelector" in rule["from"][0]
    }
    assert let_in == {("connect", "users", 15002), ("connect", "prometheus", 4040)}


def test_a_component_that_is_off_has_no_policy_and_is_in_none() -> None:
    rendering = template({"networkPolicy": {"enabled": True}, "client": {"enabled": False}})
    specs = policies(rendering)
    assert "client" not in specs
    assert not [edge for edge in edges(specs, "ingress", "from") if "client" in edge]


@every_chart
def test_monitors_ask_at_ports_that_there_are(chart: Path) -> None:
    rendering = template(WATCHED, chart=chart)
    services = [each for each in rendering.objects if each["kind"] == "Service"]
    for monitor in (each for each in rendering.objects if each["kind"] == "ServiceMonitor"):
        wanted = monitor["spec"]["selector"]["matchLabels"].items()
        selected = [each["spec"] for each in services if wanted <= each["metadata"]["labels"].items()]
        offered = [port["name"] for service in selected for port in service["ports"]]
        asked = {endpoint["port"] for endpoint in monitor["spec"]["endpoints"]}
        # Of two Services that have it, Prometheus would ask both, and count everything twice.
        assert {port: offered.count(port) for port in asked} == dict.fromkeys(asked, 1)
    for monitor in (each for each in rendering.objects if each["kind"] == "PodMonitor"):
        component = monitor["spec"]["selector"]["matchLabels"][COMPONENT]
        ports = [port for each in rendering.pods[component]["spec"]["containers"] for port in each.get("ports", [])]
        # The interface of a submitted driver has the name that Spark gives it.
        opened = {port["name"] for port in ports} or {"spark-ui"}
        assert {endpoint["port"] for endpoint in monitor["spec"]["podMetricsEndpoints"]} <= opened


def test_metrics_are_where_monitors_ask() -> None:
    rendering = template(WATCHED)
    paths = {each["path"] for each in rendering.get("ServiceMonitor", "spark-connect")["spec"]["endpoints"]}
    settings = rendering.configuration
    assert paths == {
        settings["spark.metrics.conf.*.sink.prometheusServlet.path"] + "/",
        "/metrics/executors/prometheus",
    }
    assert settings["spark.ui.prometheus.enabled"] == "true"
    master = template(WATCHED, chart=STANDALONE).get("ServiceMonitor", "spark-master")["spec"]["endpoints"]
    told = template(WATCHED, chart=STANDALONE).get("ConfigMap", "spark-master")["data"]["spark-defaults.conf"]
    assert all(endpoint["path"].rstrip("/") in told for endpoint in master)


def test_a_drain_takes_no_server_and_one_worker_at_once() -> None:
    objects = template(EVERYTHING, chart=STANDALONE).objects
    budgets = {each["metadata"]["name"]: each["spec"] for each in objects if each["kind"] == "PodDisruptionBudget"}
    assert {name: spec["maxUnavailable"] for name, spec in budgets.items()} == {"spark-connect": 0, "spark-worker": 1}
    without = template({"connect": {"podDisruptionBudget": {"enabled": False}}}).objects
    assert not [each for each in without if each["kind"] == "PodDisruptionBudget"]


def test_a_user_may_let_an_autoscaler_move_a_server() -> None:
    annotations = {"karpenter.sh/do-not-disrupt": "false"}
    own = template({"connect": {"podAnnotations": annotations}}).get("StatefulSet", "spark-connect")
    found = own["spec"]["template"]["metadata"]["annotations"]
    assert found["karpenter.sh/do-not-disrupt"] == "false"
    assert found["cluster-autoscaler.kubernetes.io/safe-to-evict"] == "false"


def test_without_monitoring_nothing_of_it_is_left() -> None:
    assert "metrics" not in template().text
    unwatched = template({"monitoring": {"enabled": True, "monitors": {"enabled": False}}})
    assert not [each for each in unwatched.objects if each["kind"] == "ServiceMonitor"]
    assert unwatched.configuration["spark.ui.prometheus.enabled"] == "true"


def pods_of_tests(rendering: Rendering) -> dict[str, Any]:
    return {
        each["metadata"]["name"]: each
        for each in rendering.objects
        if each["metadata"].get("annotations", {}).get("helm.sh/hook") == "test"
    }


@every_chart
def test_each_component_is_used_by_one_test_and_refuses_another(chart: Path) -> None:
    rendering = template(EVERYTHING, chart=chart)
    jobs = {each["metadata"]["labels"][COMPONENT] for each in rendering.objects if each["kind"] == "Job"}
    components = {*rendering.pods, "warehouse"} - jobs
    expected = {f"spark-test-{component}-{does}" for component in components for does in ("uses", "denied")}
    # A submitted driver is used by who submits.
    assert set(pods_of_tests(rendering)) == expected - {"spark-test-driver-uses"}


def test_test_pods_are_nobodys_backends_and_meet_restricted() -> None:
    rendering = template()
    selectors = [each["spec"]["selector"] for each in rendering.objects if each["kind"] == "Service"]
    for pod in pods_of_tests(rendering).values():
        assert not [selector for selector in selectors if selector.items() <= pod["metadata"]["labels"].items()]
        assert pod["spec"]["securityContext"]["runAsNonRoot"] is True
        assert pod["spec"]["restartPolicy"] == "Never"
        for container in pod["spec"]["containers"]:
            assert container["securityContext"]["readOnlyRootFilesystem"] is True
            assert set(container["resources"]["limits"]) == {"cpu", "memory"}


def test_only_those_test_pods_have_a_token_that_are_to_be_denied_or_submit() -> None:
    for name, pod in pods_of_tests(template(EVERYTHING)).items():
        assert not pod["spec"]["automountServiceAccountToken"] or name.endswith(("-denied", "-submit-uses"))
