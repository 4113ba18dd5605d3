"""Submission from a pod: what the submitting pod and a driver may do, and where both find their programs."""

from typing import Any

import yaml

from tests.support.rendering import Rendering, template

VERBS = ["create", "get", "list", "watch", "delete", "deletecollection"]
EXECUTORS = {"apiGroups": [""], "resources": ["pods"], "verbs": VERBS}


def submission(values: dict[str, Any] | None = None) -> Rendering:
    return template({"submit": {"enabled": True, "applications": "programs"}, **(values or {})})


def pods(rendering: Rendering) -> dict[str, dict[str, Any]]:
    """The specs of the submitting pod, and of the driver as its template has it."""
    driver = yaml.safe_load(rendering.get("ConfigMap", "spark-submit")["data"]["driver-pod.yaml"])
    submitting = rendering.get("Deployment", "spark-submit")["spec"]["template"]
    return {"driver": driver["spec"], "submit": submitting["spec"]}


def test_without_submission_nothing_of_it_is_left() -> None:
    rendering = template()
    assert not [each for each in rendering.objects if each["metadata"]["name"] in ("spark-submit", "spark-driver")]


def test_a_driver_may_manage_executors_and_the_submitting_pod_makes_drivers_besides() -> None:
    rendering = submission()
    assert rendering.get("Role", "spark-driver")["rules"] == [EXECUTORS]
    drivers = {"apiGroups": [""], "resources": ["configmaps", "services"], "verbs": ["create", "patch"]}
    assert rendering.get("Role", "spark-submit")["rules"] == [EXECUTORS, drivers]
    for name, pod in pods(rendering).items():
        assert pod["serviceAccountName"] == f"spark-{name}"
        assert pod["automountServiceAccountToken"] is True


def test_drivers_run_under_their_own_account_from_their_template() -> None:
    configuration = submission().get("ConfigMap", "spark-submit")["data"]["spark-defaults.conf"]
    settings = dict(line.split("=", 1) for line in configuration.splitlines())
    assert settings["spark.kubernetes.authenticate.driver.serviceAccountName"] == "spark-driver"
    assert settings["spark.kubernetes.driver.podTemplateFile"] == "/opt/spark/conf/driver-pod.yaml"
    # The submission program names it anew each time.
    assert "spark.kubernetes.driver.pod.name" not in settings


def test_driver_and_submitting_pod_find_programs_and_tables_in_one_place() -> None:
    for pod in pods(submission()).values():
        mounts = {each["name"]: each["mountPath"] for each in pod["containers"][0]["volumeMounts"]}
        assert (mounts["applications"], mounts["warehouse"]) == ("/opt/spark/applications", "/warehouse")
        volumes = {each["name"]: each for each in pod["volumes"]}
        assert volumes["applications"]["configMap"] == {"name": "programs"}
    for pod in pods(submission({"submit": {"enabled": True}})).values():
        assert "applications" not in str(pod)


def test_a_drivers_pod_meets_pod_security_restricted() -> None:
    driver = pods(submission())["driver"]
    assert driver["securityContext"]["runAsNonRoot"] is True
    assert driver["containers"][0]["securityContext"]["readOnlyRootFilesystem"] is True
