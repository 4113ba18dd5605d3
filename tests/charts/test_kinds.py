"""Kinds of object that many components have: network policies, monitors, budgets, and the pods of `helm test`."""

from collections.abc import Iterator, Mapping
from typing import Any

from rendering import Rendering, template

COMPONENT = "app.kubernetes.io/component"
GUARDED = {"networkPolicy": {"enabled": True}}
WATCHED = {"monitoring": {"enabled": True}}
Edge = tuple[str, str, int]


def policies(rendering: Rendering) -> dict[str, Any]:
    """The network policies' specs by the component that they are about; that of all pods under ""."""
    found = [each["spec"] for each in rendering.objects if each["kind"] == "NetworkPolicy"]
    return {spec["podSelector"]["matchLabels"].get(COMPONENT, ""): spec for spec in found}


def edges(specs: Mapping[str, Any], direction: str, side: str) -> Iterator[Edge]:
    """The (caller, called, port) inside the release that policies allow in a direction."""
    for component, spec in specs.items():
        for rule in spec.get(direction, []):
            for peer in rule[side]:
                other = peer.get("podSelector", {}).get("matchLabels", {}).get(COMPONENT)
                for port in rule["ports"] if other else ():
                    pair = (component, other) if direction == "egress" else (other, component)
                    yield *pair, port["port"]


def test_without_network_policies_there_are_none() -> None:
    assert policies(template()) == {}


def test_all_traffic_of_the_release_is_denied_but_what_a_policy_allows() -> None:
    everything = policies(template(GUARDED))[""]
    assert everything["policyTypes"] == ["Ingress", "Egress"]
    assert not {"ingress", "egress"} & set(everything)
    assert set(everything["podSelector"]["matchLabels"]) == {"app.kubernetes.io/name", "app.kubernetes.io/instance"}


def test_what_one_may_send_another_may_receive() -> None:
    specs = policies(template(GUARDED))
    sent, received = set(edges(specs, "egress", "to")), set(edges(specs, "ingress", "from"))
    assert sent == received
    assert ("client", "connect", 15002) in sent
    assert not [edge for edge in sent if edge[0] == "client" and edge[1] != "connect"]


def test_every_pod_has_a_policy_of_its_own() -> None:
    rendering = template(GUARDED)
    assert set(policies(rendering)) == {"", *rendering.pods, "test"}


def test_policies_name_ports_that_containers_open() -> None:
    rendering = template(GUARDED)
    opened = {
        (component, port["containerPort"])
        for component, pod in rendering.pods.items()
        for container in pod["spec"]["containers"]
        for port in container.get("ports", [])
    }
    # Spark opens the executors' one port itself, where this setting says.
    opened.add(("executor", int(rendering.configuration["spark.blockManager.port"])))
    called = {(called, port) for _, called, port in edges(policies(rendering), "ingress", "from")}
    assert called <= opened


def test_only_the_driver_and_tests_call_the_api_server() -> None:
    specs = policies(template(GUARDED | {"networkPolicy": {"enabled": True, "apiServer": {"cidr": "192.0.2.1/32"}}}))
    calling = {
        component
        for component, spec in specs.items()
        for rule in spec.get("egress", [])
        if {"ipBlock": {"cidr": "192.0.2.1/32"}} in rule["to"]
    }
    assert calling == {"connect", "test"}


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


def test_monitors_ask_where_programs_tell_their_metrics() -> None:
    rendering = template(WATCHED)
    monitor = rendering.get("ServiceMonitor", "spark-connect")["spec"]
    services = [
        each["spec"]
        for each in rendering.objects
        if each["kind"] == "Service"
        and monitor["selector"]["matchLabels"].items() <= each["metadata"]["labels"].items()
    ]
    offered = {port["name"] for service in services for port in service["ports"]}
    assert {endpoint["port"] for endpoint in monitor["endpoints"]} <= offered
    paths = {endpoint["path"] for endpoint in monitor["endpoints"]}
    settings = rendering.configuration
    assert paths == {
        settings["spark.metrics.conf.*.sink.prometheusServlet.path"] + "/",
        "/metrics/executors/prometheus",
    }
    assert settings["spark.ui.prometheus.enabled"] == "true"


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


def test_each_component_is_used_by_one_test_and_refuses_another() -> None:
    rendering = template()
    expected = {
        f"spark-test-{component}-{does}" for component in (*rendering.pods, "warehouse") for does in ("uses", "denied")
    }
    assert set(pods_of_tests(rendering)) == expected


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


def test_only_those_test_pods_have_a_token_that_are_to_be_denied() -> None:
    for name, pod in pods_of_tests(template()).items():
        assert not pod["spec"]["automountServiceAccountToken"] or name.endswith("-denied")
