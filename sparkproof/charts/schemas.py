"""JSON schemas of the objects of Kubernetes, the Prometheus operator and KEDA, made from their pinned sources."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from sparkproof.build import programs
from sparkproof.core import cache
from sparkproof.core.progress import doing

Schema = dict[str, Any]
_KUBERNETES = "k8s.io/kubernetes"
# Where the sources of what adds kinds to Kubernetes define those that charts use.
_ADDED = {
    "github.com/prometheus-operator/prometheus-operator": (
        "example/prometheus-operator-crd/*monitors.yaml",
        "example/prometheus-operator-crd/*_prometheusrules.yaml",
    ),
    "github.com/kedacore/keda/v2": (
        "config/crd/bases/keda.sh_scaled*.yaml",
        "config/crd/bases/keda.sh_triggerauthentications.yaml",
    ),
}
_OBJECT_META = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"
_LISTS = ("allOf", "anyOf", "oneOf")


def pattern() -> str:
    """The place of each kind's schema, as kubeconform takes it; a schema knows its kind's own fields and no others.

    They are written into the cache once for each version. Raises process.CommandFailed when the sources cannot be had.
    """
    pins = (f"{path} {version}" for path, version in _versions().items())
    folder = cache.entry("schemas", cache.digest(Path(__file__), *pins), _write)
    return f"{folder}/{{{{ .ResourceKind }}}}{{{{ .KindSuffix }}}}.json"


def of() -> str:
    """What the schemas are those of, for people."""
    return f"Kubernetes {_versions()[_KUBERNETES]}"


def _versions() -> Mapping[str, str]:
    return {path: programs.pinned(path) for path in (_KUBERNETES, *_ADDED)}


def _write(folder: Path) -> None:
    with doing(f"writing the schemas of {of()}"):
        for name, schema in (*_of_kubernetes(), *_of_what_is_added()):
            (folder / f"{name}.json").write_text(json.dumps(schema))


def _of_kubernetes() -> Iterator[tuple[str, Schema]]:
    for path in sorted(_openapi().glob("api*_openapi.json")):
        known = _known(path)
        for schema in known.values():
            if len(kinds := schema.get("x-kubernetes-group-version-kind", [])) == 1:
                yield _name(**kinds[0]), _complete(_strict(schema), known)


def _of_what_is_added() -> Iterator[tuple[str, Schema]]:
    metadata = _known(_openapi() / "api__v1_openapi.json")
    places = ((programs.sources(module), pattern) for module, patterns in _ADDED.items() for pattern in patterns)
    for path in sorted(path for folder, pattern in places for path in folder.glob(pattern)):
        definition = yaml.safe_load(path.read_text())["spec"]
        for version in definition["versions"]:
            schema = _strict(version["schema"]["openAPIV3Schema"])
            schema["properties"]["metadata"] = {"$ref": f"#/definitions/{_OBJECT_META}"}
            name = _name(definition["group"], version["name"], definition["names"]["kind"])
            yield name, _complete(schema, metadata)


def _openapi() -> Path:
    return programs.sources(_KUBERNETES) / "api/openapi-spec/v3"


def _known(path: Path) -> Mapping[str, Schema]:
    return dict(json.loads(path.read_text()).get("components", {}).get("schemas", {}))


def _name(group: str, version: str, kind: str) -> str:
    """The file's name as kubeconform looks for it: service-v1, deployment-apps-v1, servicemonitor-monitoring-v1."""
    return "-".join(filter(None, [kind, group.partition(".")[0], version])).lower()


def _complete(schema: Schema, known: Mapping[str, Schema]) -> Schema:
    """The schema with every definition that it refers to, directly or not."""
    definitions: dict[str, Schema] = {}
    wanted = _references(schema)
    while wanted:
        definitions |= {name: _strict(known[name]) for name in wanted}
        wanted = _references(definitions) - set(definitions)
    return {**schema, "definitions": definitions}


def _references(schema: Schema) -> set[str]:
    return set(re.findall(r'"#/definitions/([^"]+)"', json.dumps(schema)))


def _strict(schema: Schema) -> Schema:
    """An OpenAPI schema as a JSON schema that refuses fields it does not list, without what only people read."""
    made: Schema = {}
    for keyword, value in schema.items():
        if keyword == "properties":
            made[keyword] = {name: _strict(each) for name, each in value.items()}
        elif keyword in _LISTS:
            made[keyword] = [_strict(each) for each in value]
        elif keyword in ("items", "additionalProperties") and isinstance(value, dict):
            made[keyword] = _strict(value)
        elif keyword == "$ref":
            made[keyword] = value.replace("#/components/schemas/", "#/definitions/")
        elif keyword not in ("description", "default") and not keyword.startswith("x-"):
            made[keyword] = value
    if "properties" in schema and not schema.get("x-kubernetes-preserve-unknown-fields"):
        made.setdefault("additionalProperties", False)
    return made
