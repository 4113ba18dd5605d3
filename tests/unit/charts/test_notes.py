"""What helm says after an installation leads to what was installed."""

from typing import Any

import pytest

from tests.support.rendering import CHART, template

ICEBERG = (CHART / "presets/iceberg-values.yaml",)
UNSEEN = "The History Server shows event logs, and this release's drivers write none: set eventLog.enabled."


@pytest.mark.parametrize(("release", "values"), [("spark", {}), ("lake", {"connect": {"port": 15010}})])
def test_the_notes_lead_to_the_server_and_to_the_client_that_are_there(release: str, values: dict[str, Any]) -> None:
    made = template(values, release=release)
    (port,) = made.get("Service", f"{release}-connect")["spec"]["ports"]
    server = made.get("Service", f"{release}-connect")["metadata"]
    assert f"sc://{server['name']}.{server['namespace']}.svc:{port['port']} once its pod is ready" in made.notes
    client = made.get("Deployment", f"{release}-client")["metadata"]
    asked = f"--namespace {client['namespace']} --stdin --tty deployment/{client['name']} -- pyspark"
    assert f"kubectl exec {asked}" in made.notes


def test_who_has_no_server_or_client_is_led_to_none() -> None:
    alone = {"connect": {"enabled": False}, "client": {"enabled": False}, "submit": {"enabled": True}}
    notes = template(alone).notes
    assert "has no Connect server; submit applications" in notes
    assert "sc://" not in notes and "kubectl exec" not in notes


@pytest.mark.parametrize("logs", [True, False])
def test_a_history_without_logs_is_told(logs: bool) -> None:
    assert (UNSEEN in template({"eventLog": {"enabled": logs}}, ICEBERG).notes) is not logs
