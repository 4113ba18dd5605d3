"""A rendering as promises look at it: objects by kind, pods by component, settings, and the values behind them."""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import yaml

from sparkproof.charts.cases import Case
from sparkproof.charts.values import Values
from sparkproof.kube import objects

Object = Mapping[str, Any]
COMPONENT = "app.kubernetes.io/component"
DEFAULTS = "spark-defaults.conf"
# Drivers and executors are pods that Spark makes; the charts give their templates.
OF_SPARK = ("driver", "executor")
# Charts cut a release's name after so many characters.
_NAME_AT_MOST = 39
_WORKLOADS = ("StatefulSet", "Deployment", "Job", "CronJob", "ScaledJob")


@dataclass(frozen=True)
class Pod:
    """A pod of a platform; `where` names what makes it, `tests` the component that a pod of `helm test` is about."""

    component: str
    where: str
    metadata: Object
    spec: Object
    owner: Object
    tests: str = ""

    @property
    def containers(self) -> list[Object]:
        """All containers, those that run first among them."""
        return [*self.spec.get("initContainers", ()), *self.spec.get("containers", ())]

    @property
    def main(self) -> Object:
        """The container that does the pod's work."""
        return next(iter(self.spec.get("containers", ())), {})

    @property
    def secrets(self) -> set[str]:
        """The names of the Secrets whose values the pod is given, in variables or files."""
        return {each.partition("/")[0] for each in objects.secrets(self.spec)}

    @property
    def ports(self) -> dict[str, Any]:
        """The ports that the containers open, by name."""
        return {each.get("name", ""): each.get("containerPort") for each in self.main.get("ports", ())}


@dataclass(frozen=True)
class View:
    """What a case renders to. `objects` are parsed down to the settings and the pods that ConfigMaps hold.

    `digests` has a digest of each ConfigMap's data, by its name.
    """

    case: Case
    objects: Sequence[Object]
    digests: Mapping[str, str]

    @classmethod
    def of(cls, case: Case, objects: Sequence[Object]) -> "View":
        """Look at the objects of a rendering."""
        configs = [each for each in objects if each["kind"] == "ConfigMap"]
        digests = {each["metadata"]["name"]: _digest(each["data"]) for each in configs}
        return cls(case, [_parsed(each) for each in objects], digests)

    @property
    def values(self) -> Values:
        return self.case.effective

    @property
    def name(self) -> str:
        """What the names of the release's objects begin with: its own name, short enough for what Spark adds."""
        return self.case.release[:_NAME_AT_MOST].removesuffix("-")

    @property
    def standalone(self) -> bool:
        """True where executors run in the workers of a standalone cluster."""
        return "master" in self.case.chart.values

    def kind(self, *kinds: str) -> list[Object]:
        """The objects of these kinds."""
        return [each for each in self.objects if each.get("kind") in kinds]

    def of_component(self, component: str) -> Values:
        """The values of a component: those of history-server stand under historyServer."""
        shared = {"hive-schema": "hive-metastore", "ingest-counter": "ingest"}
        first, *others = shared.get(component, component).split("-")
        return dict(self.values.get(first + "".join(map(str.capitalize, others)), {}))

    def enabled(self, component: str) -> bool:
        """Return True if the platform has the component."""
        if component == "bucket" and not (self.store["enabled"] or self.store["endpoint"]):
            return False
        if component in OF_SPARK and self.standalone:
            return False
        values = self.of_component("submit" if component == "driver" else component)
        return bool(values) and values.get("enabled", True)

    @property
    def executes_on_gpus(self) -> bool:
        """Return True if executors have GPUs; to explain what a GPU would do, RAPIDS needs none."""
        return bool(self.values["gpu"]["enabled"] and self.values["gpu"]["mode"] == "execute")

    @property
    def submits_by_airflow(self) -> bool:
        """Return True if Airflow's tasks may submit applications, as the submitting pod does."""
        return self.enabled("airflow") and self.values["airflow"]["startsPods"] and self.enabled("submit")

    @property
    def tracking(self) -> list[str]:
        """The components whose pods have MLflow's client; RAPIDS' image, which submits where GPUs are, has none."""
        if not self.enabled("mlflow"):
            return []
        return ["client"] if self.values["gpu"]["enabled"] else ["client", "submit"]

    @property
    def store(self) -> Values:
        return self.of_component("object-store")

    @cached_property
    def pods(self) -> list[Pod]:
        """All pods that come of the platform, those of `helm test` and the templates of Spark's own among them."""
        return list(self._pods())

    def _pods(self) -> Iterator[Pod]:
        for each in self.objects:
            kind, metadata = each.get("kind"), each.get("metadata", {})
            if kind in _WORKLOADS:
                spec = each.get("spec", {})
                template = objects.job_of(spec).get("template", {})
                yield self._pod(f"{kind} {metadata.get('name')}", template, each)
            elif kind == "Pod":
                yield self._pod(f"helm test {metadata.get('name')}", each, each)
            elif kind == "ConfigMap":
                for file, inner in each.get("data", {}).items():
                    if file.endswith("-pod.yaml") and isinstance(inner, dict):
                        yield self._pod(f"{file} of {metadata.get('name')}", inner, each)

    def _pod(self, where: str, template: Object, owner: Object) -> Pod:
        metadata = template.get("metadata", {})
        component = str(metadata.get("labels", {}).get(COMPONENT))
        tests = ""
        if where.startswith("helm test"):
            found = re.search(r"-test-(.+)-(?:uses|denied)$", where)
            tests = found[1] if found else "nothing"
        return Pod(component, where, metadata, template.get("spec", {}), owner, tests)

    @property
    def running(self) -> list[Pod]:
        """The pods of the platform without those of `helm test`."""
        return [pod for pod in self.pods if not pod.tests]

    def pods_of(self, component: str) -> list[Pod]:
        """The pods of a component; several where two ConfigMaps hold the template of one."""
        return [pod for pod in self.running if pod.component == component]

    @property
    def of_executors(self) -> list[Pod]:
        """What executors run in: workers, or pods of their own."""
        return self.pods_of("worker" if self.standalone else "executor")

    def service(self, component: str) -> Object:
        """The Service by which others find a component, or {}."""
        found = (
            each
            for each in self.kind("Service")
            if component_of(each) == component and each.get("spec", {}).get("clusterIP") != "None"
        )
        return next(found, {})

    def address(self, component: str) -> str:
        """HOST:PORT at which others find a component."""
        service = self.service(component)
        ports = [each.get("port") for each in service.get("spec", {}).get("ports", ())]
        return f"{service.get('metadata', {}).get('name')}.{self.case.namespace}.svc:{ports[0] if ports else None}"

    @cached_property
    def settings(self) -> dict[str, dict[str, str]]:
        """Spark's settings by the component that reads them."""
        return {
            component_of(each): each["data"][DEFAULTS]
            for each in self.kind("ConfigMap")
            if DEFAULTS in each.get("data", {})
        }

    @property
    def of_drivers(self) -> dict[str, dict[str, str]]:
        """The settings of who runs users' programs: the Connect server, and who submits."""
        return {component: found for component, found in self.settings.items() if component in ("connect", "submit")}


def component_of(found: Object) -> str:
    """The component that an object's label names."""
    return str(found.get("metadata", {}).get("labels", {}).get(COMPONENT))


def environment(container: Object) -> dict[str, Any]:
    """The variables of a container by name: a text, or what it is taken from."""
    return {each.get("name", ""): each.get("value", each.get("valueFrom", "")) for each in container.get("env", ())}


def differences(where: str, found: Mapping[str, Any], wanted: Mapping[str, Any]) -> Iterator[str]:
    """Yield a line for each key of `wanted` that is not there, or has another value."""
    for key, value in wanted.items():
        if key not in found:
            yield f"{where}: {key} is missing; expected {value!r}"
        elif found[key] != value:
            yield f"{where}: {key} is {found[key]!r}; expected {value!r}"


def field(found: Any, path: str) -> str:
    """The text of the field at a path of words, whose numbers are places in lists; "" where it is missing."""
    for key in path.split(" "):
        if isinstance(found, list):
            found = found[int(key)] if int(key) < len(found) else None
        else:
            found = found.get(key) if isinstance(found, Mapping) else None
    return "" if found is None else str(found)


def _parsed(found: Object) -> Object:
    if found["kind"] != "ConfigMap":
        return found
    return {**found, "data": {file: _content(file, text) for file, text in found["data"].items()}}


def _content(file: str, text: str) -> Any:
    if file == DEFAULTS:
        settings = (line.partition("=") for line in text.splitlines())
        return {name: value for name, _, value in settings}
    return yaml.load(text, Loader=yaml.CSafeLoader) if file.endswith("-pod.yaml") else text


def _digest(data: Mapping[str, str]) -> str:
    """The digest as the charts make it, of the JSON text in Go's form."""
    text = json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    for sign in "<>&":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return hashlib.sha256(text.encode()).hexdigest()
