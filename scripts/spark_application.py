#!/usr/bin/env python3
"""Completes a SparkApplication with what a platform says of submitted applications, and prints it as JSON.

Kubeflow's Spark Operator submits from its own pod, where it does not see a platform's settings. They are read from the
standard input, as `kubectl get configmap RELEASE-submit --output json` prints them: Spark's settings, and the pods of
drivers and executors with their accounts, Secrets and labels. What the SparkApplication says itself wins. Needs PyYAML.
"""

import argparse
import json
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

# What the operator says itself: where it submits, and the templates that it writes.
THE_OPERATORS = re.compile(
    r"spark\.(master|kubernetes\.namespace|kubernetes\.(driver|executor)\.podTemplate(File|ContainerName))"
)
VERSION = "app.kubernetes.io/version"


def main() -> None:
    """Read the SparkApplication that is named and the platform's ConfigMap, and print the completed object."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("application", type=Path, help="a file with a SparkApplication")
    file = parser.parse_args().application
    try:
        json.dump(completed(yaml.safe_load(file.read_text()), json.load(sys.stdin)), sys.stdout, indent=2)
    except json.JSONDecodeError:
        sys.exit("The standard input is no JSON: give it `kubectl get configmap RELEASE-submit --output json`.")
    except KeyError as missing:
        sys.exit(
            f"{missing} is missing: give a SparkApplication, and the ConfigMap RELEASE-submit of a chart's release."
        )


def completed(application: Mapping[str, Any], platform: Mapping[str, Any]) -> dict[str, Any]:
    """Return the SparkApplication with the settings and pods of the platform's ConfigMap, and in its namespace."""
    said, own = platform["data"], application["spec"]
    templates = {role: template(yaml.safe_load(said[f"{role}-pod.yaml"]), role) for role in ("driver", "executor")}
    spec = {
        "sparkVersion": templates["driver"]["metadata"]["labels"][VERSION],
        **own,
        "sparkConf": settings(said["spark-defaults.conf"]) | (own.get("sparkConf") or {}),
        **{role: {"template": made, **(own.get(role) or {})} for role, made in templates.items()},
    }
    metadata = {**application["metadata"], "namespace": platform["metadata"]["namespace"]}
    return {**application, "metadata": metadata, "spec": spec}


def settings(properties: str) -> dict[str, str]:
    """Return Spark's settings of a properties file, in which a backslash stands as two, but for the operator's own."""
    lines = (line.partition("=") for line in properties.splitlines() if "=" in line)
    return {name: value.replace("\\\\", "\\") for name, _, value in lines if not THE_OPERATORS.fullmatch(name)}


def template(pod: Mapping[str, Any], role: str) -> dict[str, Any]:
    """Return the pod with its first container by the name by which the operator looks for it."""
    first, *others = pod["spec"]["containers"]
    containers = [{**first, "name": f"spark-kubernetes-{role}"}, *others]
    return {"metadata": pod["metadata"], "spec": {**pod["spec"], "containers": containers}}


if __name__ == "__main__":
    main()
