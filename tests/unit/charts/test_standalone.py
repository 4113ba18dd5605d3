"""The chart of a standalone cluster: who finds the master how, what is off, and how many workers there are."""

import re
from typing import Any

import pytest

from tests.support.rendering import CHARTS, Rendering, template

PRESETS = sorted((CHARTS / "spark-standalone" / "presets").glob("*-values.yaml"))
MASTER = "spark://spark-master.team.svc:7077"


def standalone(values: dict[str, Any] | None = None) -> Rendering:
    return template({"submit": {"enabled": True}, **(values or {})}, chart="spark-standalone")


def settings(rendering: Rendering, component: str) -> dict[str, str]:
    text = rendering.get("ConfigMap", f"spark-{component}")["data"]["spark-defaults.conf"]
    return dict(line.split("=", 1) for line in text.splitlines())


def workload(rendering: Rendering, component: str) -> dict[str, Any]:
    return dict(rendering.get("StatefulSet", f"spark-{component}")["spec"])


def container(rendering: Rendering, component: str) -> dict[str, Any]:
    return dict(workload(rendering, component)["template"]["spec"]["containers"][0])


def test_nobody_has_any_right_on_the_cluster() -> None:
    rendering = standalone()
    assert not [each for each in rendering.objects if each["kind"] in ("Role", "RoleBinding")]
    pods = [each["spec"]["template"] for each in rendering.objects if each["kind"] in ("StatefulSet", "Deployment")]
    assert {pod["spec"]["automountServiceAccountToken"] for pod in pods} == {False}


def test_all_find_the_master_by_its_service() -> None:
    rendering = standalone()
    ports = {port["name"]: port["port"] for port in rendering.get("Service", "spark-master")["spec"]["ports"]}
    assert f"spark://spark-master.team.svc:{ports['cluster']}" == MASTER
    assert {settings(rendering, component)["spark.master"] for component in ("connect", "submit")} == {MASTER}
    assert container(rendering, "worker")["args"][-1] == MASTER
    for component in ("connect", "worker"):
        waits = workload(rendering, component)["template"]["spec"]["initContainers"][0]["args"]
        assert "master spark-master.team.svc;" in waits[-1]


def test_nobody_submits_by_rest() -> None:
    rendering = standalone()
    assert {settings(rendering, name)["spark.master.rest.enabled"] for name in ("master", "submit")} == {"false"}
    served = [each for each in rendering.objects if each["kind"] != "Pod"]
    assert not re.search(r"\b6066\b", str(served))


@pytest.mark.parametrize("kept", [True, False])
def test_what_the_master_knows_is_kept_where_it_is_asked_to_be(kept: bool) -> None:
    rendering = standalone({"master": {"persistence": {"enabled": kept}}})
    volumes = workload(rendering, "master")["template"]["spec"]["volumes"]
    state = next(volume for volume in volumes if volume["name"] == "state")
    mount = next(each for each in container(rendering, "master")["volumeMounts"] if each["name"] == "state")
    assert settings(rendering, "master")["spark.deploy.recoveryDirectory"] == mount["mountPath"]
    assert ("persistentVolumeClaim" in state) is kept
    claims = {each["metadata"]["name"] for each in rendering.objects if each["kind"] == "PersistentVolumeClaim"}
    assert ("spark-master" in claims) is kept


def test_workers_are_as_many_as_they_are_told_or_as_their_autoscaler_finds_right() -> None:
    assert workload(standalone({"worker": {"replicas": 5}}), "worker")["replicas"] == 5
    scaled = standalone({"worker": {"autoscaling": {"enabled": True, "maxReplicas": 9}}})
    assert "replicas" not in workload(scaled, "worker")
    autoscaler = scaled.get("HorizontalPodAutoscaler", "spark-worker")["spec"]
    assert autoscaler["scaleTargetRef"] == {"apiVersion": "apps/v1", "kind": "StatefulSet", "name": "spark-worker"}
    assert autoscaler["maxReplicas"] == 9


def test_an_executor_fits_into_a_worker() -> None:
    rendering = standalone()
    arguments = container(rendering, "worker")["args"]
    for option, setting in (("--cores", "spark.executor.cores"), ("--memory", "spark.executor.memory")):
        assert settings(rendering, "connect")[setting] == arguments[arguments.index(option) + 1]


def test_without_dynamic_allocation_an_application_takes_no_more_than_its_executors() -> None:
    fixed = {
        "dynamicAllocation": {"enabled": False},
        "executor": {"cores": 2, "instances": 3},
        "worker": {"cores": 2},
    }
    assert settings(standalone(fixed), "connect")["spark.cores.max"] == "6"
    assert "spark.cores.max" not in settings(standalone(), "connect")


def test_a_worker_is_told_before_it_goes_and_has_time() -> None:
    worker = workload(standalone({"worker": {"terminationGracePeriodSeconds": 77}}), "worker")["template"]["spec"]
    assert worker["terminationGracePeriodSeconds"] == 77
    hook = worker["containers"][0]["lifecycle"]["preStop"]["exec"]["command"]
    assert hook == ["/opt/sparkproof/decommission.py"]


def test_workers_have_a_gpu_each_where_executors_are_to_have_one() -> None:
    rendering = standalone({"gpu": {"enabled": True}})
    assert container(rendering, "worker")["resources"]["limits"]["nvidia.com/gpu"] == 1
    assert settings(rendering, "worker")["spark.worker.resource.gpu.amount"] == "1"
    assert "nvidia" not in str(container(standalone(), "worker"))


# RAPIDS is for one of the versions only, and the charts refuse the others.
VERSIONS_AND_PRESETS = [
    (version, presets)
    for version in ("3.5.7", "3.5.8", "4.1.0", "4.1.1")
    for presets in [(), *((preset,) for preset in PRESETS)]
    if version == "4.1.1" or not any(preset.name == "gpu-values.yaml" for preset in presets)
]


@pytest.mark.parametrize(("version", "presets"), VERSIONS_AND_PRESETS, ids=str)
def test_every_version_and_preset_renders(version: str, presets: Any) -> None:
    rendering = template({"sparkVersion": version}, presets, chart="spark-standalone")
    images = {container(rendering, component)["image"] for component in ("master", "worker", "connect")}
    assert len(images) == 1
    assert f"spark:{version}-" in images.pop()
