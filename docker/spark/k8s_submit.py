#!/usr/bin/python3 -I
"""spark-submit on Kubernetes, from this pod and with spark-submit's arguments; ends with the application's exit code.

In client mode the driver runs here, and this pod owns its executors. In cluster mode the driver gets a pod of its own,
whose exit code is asked from the API server, since spark-submit ends with 0 however that pod ended. That pod belongs to
what this one belongs to, and so goes with the platform.
"""

import argparse
import json
import os
import ssl
import subprocess
import sys
import tempfile
import urllib.request
import uuid
from pathlib import Path
from typing import Any

ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
# The name that the chart's template of a driver's pod gives its container.
CONTAINER = "driver"
PATIENCE_S = 20


def main(arguments: list[str]) -> None:
    """Submit, wait for the end, and leave with the application's exit code."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--deploy-mode", default="client")
    cluster = parser.parse_known_args(arguments)[0].deploy_mode == "cluster"
    this = os.environ["POD_NAME"]
    driver = f"driver-{uuid.uuid4().hex[:12]}" if cluster else this
    submit = [f"{os.environ['SPARK_HOME']}/bin/spark-submit", "--conf", f"spark.kubernetes.driver.pod.name={driver}"]
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as template:
        if cluster:
            template.write(owned(Path(os.environ["SPARK_HOME"], "conf", "driver-pod.yaml").read_text(), pod(this)))
            template.flush()
            submit += ["--conf", f"spark.kubernetes.driver.podTemplateFile={template.name}"]
        submitted = subprocess.run([*submit, *arguments], check=False)
    sys.exit(submitted.returncode or (exit_code(driver) if cluster else 0))


def owned(template: str, this: Any) -> str:
    """The template of a driver's pod, with the owner that `this` pod has; it is the owner itself where it has none."""
    own = {"apiVersion": "v1", "kind": "Pod", "name": this["metadata"]["name"], "uid": this["metadata"]["uid"]}
    owner, *_ = this["metadata"].get("ownerReferences") or [own]
    reference = {key: owner[key] for key in own}
    return template.replace("\nmetadata:\n", f"\nmetadata:\n  ownerReferences: {json.dumps([reference])}\n", 1)


def exit_code(driver: str) -> int:
    """The exit code of the driver in a pod; 0 for one that nobody waited for."""
    containers = pod(driver)["status"]["containerStatuses"]
    ended = next(container["state"].get("terminated") for container in containers if container["name"] == CONTAINER)
    return int(ended["exitCode"]) if ended else 0


def pod(name: str) -> Any:
    """The pod of this name in this pod's namespace, as the API server has it."""
    url = f"https://kubernetes.default.svc/api/v1/namespaces/{(ACCOUNT / 'namespace').read_text()}/pods/{name}"
    asked = urllib.request.Request(url, headers={"Authorization": f"Bearer {(ACCOUNT / 'token').read_text()}"})
    trust = ssl.create_default_context(cafile=str(ACCOUNT / "ca.crt"))
    with urllib.request.urlopen(asked, context=trust, timeout=PATIENCE_S) as answer:
        return json.load(answer)


if __name__ == "__main__":
    main(sys.argv[1:])
