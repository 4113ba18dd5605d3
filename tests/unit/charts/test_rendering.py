"""What the charts make of their presets, without a cluster."""

import re
from collections.abc import Mapping
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
import yaml

from sparkproof.build import images
from sparkproof.charts import answers, cases, parts, renderings
from sparkproof.charts.renderings import Case, everything_on
from sparkproof.charts.values import merged
from tests.support.rendering import ALL, CASES, CHARTS, PRESETS, Rendering, rendered, template


@pytest.fixture(params=range(len(CASES)), ids=[str(case) for case in CASES])
def rendering(request: pytest.FixtureRequest) -> Rendering:
    number: int = request.param
    return rendered()[number]


# The components that a preset adds.
ADDED = {
    "iceberg": {
        "object-store", "bucket", "postgres", "hive-schema", "hive-metastore", "rest-catalog", "history-server",
    },
    "backup": {"backup", "object-store", "bucket", "postgres"},
    "mlflow": {"mlflow", "object-store", "bucket", "postgres"},
    "airflow": {"airflow", "postgres"},
}  # fmt: skip


def expected_pods(case: Case) -> set[str]:
    """The components that have pods where nothing more is asked for than these presets."""
    sparks = {"connect", "client", *({"master", "worker"} if "master" in case.chart.values else {"executor"})}
    return sparks.union(*(ADDED.get(preset.name.removesuffix("-values.yaml"), set()) for preset in case.presets))


def test_the_same_values_render_the_same_twice() -> None:
    again = [answer["text"] for answer in answers.fresh(CASES, "-text")]
    assert again == [each.text for each in rendered()]


def test_a_component_has_one_template_and_each_object_that_it_lists_is_rendered() -> None:
    rendered: dict[str, set[str]] = {}
    follows = {"worker": {"autoscaling": {"follows": "applications"}}}
    everything = [(chart, everything_on(chart)) for chart in ALL]
    everything += [(chart, merged(values, follows)) for chart, values in everything if "worker" in chart.values]
    for chart, values in everything:
        for source, objects in template(values, chart=chart.folder).files.items():
            rendered.setdefault(source.rpartition("/")[2], set()).update(map(listed_as, objects))
    listed: dict[str, set[str]] = {}
    for path in (CHARTS / "spark-common" / "shared" / "templates").glob("*.yaml"):
        lists = re.findall(r'"objects" \(list([^)]+)\)', path.read_text())
        listed[path.name] = set(re.findall(r'"(\w+)', " ".join(lists)))
    assert rendered == listed


def listed_as(found: Mapping[str, Any]) -> str:
    """The way in which a component's template lists an object."""
    kind = str(found["kind"])
    if kind == "Pod":
        return "tests"
    named = {"headless": "headlessService", "dashboards": "dashboards"}
    return named.get(found["metadata"]["name"].rpartition("-")[2], kind[0].lower() + kind[1:])


def test_every_pod_meets_pod_security_restricted(rendering: Rendering) -> None:
    assert set(rendering.pods) == expected_pods(rendering.case)
    for pod in rendering.pods.values():
        spec = pod["spec"]
        assert spec["securityContext"]["runAsNonRoot"] is True
        assert spec["securityContext"]["runAsUser"] == 185
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert not {"hostNetwork", "hostPID", "hostIPC"} & set(spec)
        allowed = {"emptyDir", "configMap", "persistentVolumeClaim", "projected", "secret"}
        assert all(allowed & set(volume) for volume in spec["volumes"])
        for container in [*spec.get("initContainers", []), *spec["containers"]]:
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }
            assert not any("hostPort" in port for port in container.get("ports", []))


def test_only_a_driver_whose_executors_are_pods_speaks_to_the_api_server(rendering: Rendering) -> None:
    drivers = {"connect"} & rendering.pods.keys() if "executor" in rendering.pods else set()
    mounted = {name for name, pod in rendering.pods.items() if pod["spec"]["automountServiceAccountToken"] is not False}
    assert mounted == drivers
    assert {pod["spec"]["serviceAccountName"] for pod in rendering.pods.values()} == {
        f"spark-{component}" for component in rendering.pods
    }
    rules = [rule for each in rendering.objects if each["kind"] == "Role" for rule in each["rules"]]
    verbs = ["create", "get", "list", "watch", "delete", "deletecollection"]
    assert rules == [{"apiGroups": [""], "resources": ["pods"], "verbs": verbs} for _ in drivers]
    bindings = [each["subjects"] for each in rendering.objects if each["kind"] == "RoleBinding"]
    assert bindings == [
        [{"kind": "ServiceAccount", "name": f"spark-{driver}", "namespace": "team"}] for driver in drivers
    ]


def test_every_pod_fits_into_a_namespace_with_a_quota(rendering: Rendering) -> None:
    for component in set(rendering.pods) - {"executor"}:
        for container in rendering.pods[component]["spec"]["containers"]:
            assert set(container["resources"]["requests"]) >= {"cpu", "memory"}
            assert set(container["resources"]["limits"]) >= {"cpu", "memory"}
    if "executor" in rendering.pods:
        wanted = {f"spark.kubernetes.executor.{bound}.cores" for bound in ("request", "limit")}
        assert wanted | {"spark.executor.memory", "spark.executor.memoryOverhead"} <= set(rendering.configuration)


def test_every_object_says_what_it_belongs_to() -> None:
    rendering = template({"commonLabels": {"team": "data"}})
    for labels in [each["metadata"]["labels"] for each in rendering.objects]:
        assert labels["app.kubernetes.io/managed-by"] == "Helm"
        assert labels["helm.sh/chart"].startswith("spark-4.1-")
    for labels in [each["metadata"]["labels"] for each in [*rendering.objects, *rendering.pods.values()]]:
        assert labels["app.kubernetes.io/name"] == labels["app.kubernetes.io/instance"] == "spark"
        assert labels["app.kubernetes.io/version"] == "4.1.1"
        assert labels["team"] == "data"


def test_what_selects_pods_never_changes() -> None:
    changed = template({"commonLabels": {"team": "data"}, "connect": {"podLabels": {"tier": "gold"}}})
    for rendering in (template(), changed):
        for each in rendering.objects:
            selector = (
                each["spec"].get("selector") if each["kind"] in ("Service", "StatefulSet", "Deployment") else None
            )
            if selector:
                names = set(selector.get("matchLabels", selector))
                assert names == {f"app.kubernetes.io/{name}" for name in ("name", "instance", "component")}


def test_the_drivers_name_and_ports_are_those_that_executors_are_told(rendering: Rendering) -> None:
    server = rendering.get("StatefulSet", "spark-connect")
    headless = rendering.get("Service", server["spec"]["serviceName"])
    settings = rendering.configuration
    assert headless["spec"]["clusterIP"] == "None"
    assert headless["spec"]["publishNotReadyAddresses"] is True
    if "executor" in rendering.pods:
        assert settings["spark.kubernetes.driver.pod.name"] == "spark-connect-0"
    assert settings["spark.driver.host"] == f"spark-connect-0.{headless['metadata']['name']}.team.svc"
    ports = {str(port["port"]) for port in headless["spec"]["ports"]}
    assert {settings[f"spark.{port}.port"] for port in ("driver", "driver.blockManager", "ui")} == ports
    client = rendering.pods["client"]["spec"]["containers"][0]["env"]
    service = rendering.get("Service", "spark-connect")["spec"]["ports"][0]["port"]
    assert {"name": "SPARK_REMOTE", "value": f"sc://spark-connect:{service}"} in client
    assert settings["spark.connect.grpc.binding.port"] == str(service)


@pytest.mark.parametrize("gpu", [False, True])
def test_all_pods_run_the_image_that_this_checkout_builds(gpu: bool) -> None:
    rendering = template({"gpu": {"enabled": gpu}})
    reference = images.spark_recipe("4.1.1", gpu=gpu).reference
    found = {each["image"] for name in ("connect", "client") for each in rendering.pods[name]["spec"]["containers"]}
    found.add(rendering.configuration["spark.kubernetes.container.image"])
    assert found == {reference}, f"write {reference.rpartition(':')[2]} into charts/spark-4.1/versions.yaml"


def test_executors_ask_for_a_gpu_only_when_they_are_to_have_one() -> None:
    plain, gpu = (template({"gpu": {"enabled": enabled}, "executor": {"cores": 4}}) for enabled in (False, True))
    assert not re.search(r"gpu|rapids", plain.text)
    wanted = {"amount": "1", "vendor": "nvidia.com", "discoveryScript": "/opt/sparkproof/gpu-discovery.sh"}
    assert {name: gpu.configuration[f"spark.executor.resource.gpu.{name}"] for name in wanted} == wanted
    assert float(gpu.configuration["spark.task.resource.gpu.amount"]) * 4 == 1
    assert gpu.configuration["spark.plugins"] == "com.nvidia.spark.SQLPlugin"


def test_a_change_of_spark_settings_restarts_the_server() -> None:
    before, after = (
        template({"sparkConf": {"spark.ui.retainedJobs": count}}).pods["connect"]["metadata"]["annotations"]
        for count in ("5", "6")
    )
    assert before != after


def test_without_iceberg_nothing_of_it_is_left() -> None:
    rendering = template({"iceberg": {"catalogs": {"hadoop": {"enabled": False}}}, "warehouse": {"enabled": False}})
    assert "iceberg" not in rendering.text
    assert "warehouse" not in rendering.text


def test_sparks_own_session_catalog_is_left_alone(rendering: Rendering) -> None:
    assert not [name for name in rendering.configuration if name.startswith("spark.sql.catalog.spark_catalog")]
    assert "spark.sql.defaultCatalog" not in rendering.configuration


# A Service's name is a label of DNS, and a Job's one of its pods. A StatefulSet's pods have its name and a hash of 11
# signs in a label, and a CronJob's Jobs its name and 11 signs. Other names may be as long as a name of DNS.
LONGEST = {"Service": 63, "Job": 63, "StatefulSet": 52, "CronJob": 52}


def test_a_long_release_name_stays_within_what_kubernetes_allows() -> None:
    found = renderings.rendered(cases.with_a_long_name(ALL))
    assert len(found) == len(ALL)
    for each in (own for rendering in found for own in rendering.objects):
        assert len(each["metadata"]["name"]) <= LONGEST.get(each["kind"], 253), each["metadata"]["name"]


def test_templates_depend_on_nothing_but_values() -> None:
    words = re.compile(r"\b(lookup|now|rand\w+|uuidv4|gen\w+Cert|genPrivateKey|htpasswd|bcrypt)\b")
    templates = [path for chart in CHARTS.iterdir() for path in (chart / "templates").rglob("*.*")]
    assert len(templates) > 20
    assert not [path.name for path in templates if words.search(path.read_text())]


def test_what_is_put_together_from_parts_is_up_to_date() -> None:
    stale = [str(path) for path, text in parts.files() if not path.is_file() or path.read_text() != text]
    assert stale == [], "run `make charts`"
    assert parts.leftovers() == [], "run `make charts`"


def test_no_file_of_the_charts_is_a_link() -> None:
    """Artifacts of Flux leave links out, and what they stood for is then missing without a word."""
    assert [path for path in CHARTS.rglob("*") if path.is_symlink()] == []


def test_each_preset_of_each_chart_is_in_the_table() -> None:
    rows = [line.split("|") for line in (CHARTS / "README.md").read_text().splitlines() if line.startswith("| `")]
    told = {row[1].strip(" `"): row[2].split(", ") for row in rows}
    for preset in CHARTS.glob("*/presets/*.yaml"):
        named = {name.strip() for name in told[preset.name]}
        assert {"all", preset.parts[-3].removeprefix("spark-")} & named, f"{preset.parts[-3]}/{preset.name}"


PAIRS = [pair for chart in CHARTS.iterdir() for pair in combinations(sorted(chart.glob("presets/*.yaml")), 2)]


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: "+".join(f"{each.parts[-3]}/{each.stem}" for each in pair))
def test_presets_combine_in_any_order(pair: tuple[Path, Path]) -> None:
    """Helm lays values over each other key by key: the order matters only where both set a key, each differently."""
    one, other = (dict(renderings.leaves(yaml.safe_load(preset.read_text()))) for preset in pair)
    assert {key: (one[key], other[key]) for key in one.keys() & other.keys() if one[key] != other[key]} == {}


def test_all_presets_together_render_the_same_in_two_orders() -> None:
    assert template(presets=PRESETS).text == template(presets=PRESETS[::-1]).text
