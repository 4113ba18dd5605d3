"""Runs of behave on a real cluster, and credentials of users who may do there only what a test lets them."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import yaml
from kubernetes import client, config

from sparkproof.kube.client import Kube

ROOT = Path(__file__).resolve().parents[2]
Behave = Callable[..., subprocess.Popen[str]]
# What makes the steps of another project reach the embedded cluster, as those of the suite do.
ON_A_CLUSTER = """
from sparkproof.cluster import target
from sparkproof.run import Plan
from sparkproof.suite.suite import Suite

suite = Suite()

def prepare(selected):
    suite.reach(())

def remark(reason):
    return target.remark(suite.settings.cluster, reason)

plan = Plan(check=lambda features, config: None, prepare=prepare, remark=remark)

def before_all(context):
    context.suite = suite
    suite.begin()

def after_all(context):
    suite.end()
"""
_AN_HOUR = client.AuthenticationV1TokenRequest(spec=client.V1TokenRequestSpec(audiences=[], expiration_seconds=3600))


def kubeconfig_of(kube: Kube, account: str, namespace: str, folder: Path) -> Path:
    """Create a service account, and write a kubeconfig whose one context has its name and its token."""
    metadata = {"name": account, "namespace": namespace}
    kube.apply({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata})
    api = client.CoreV1Api(config.new_client_from_config(str(kube.kubeconfig)))
    token = api.create_namespaced_service_account_token(account, namespace, _AN_HOUR)
    assert token.status is not None
    admin = yaml.safe_load(kube.kubeconfig.read_text())
    admin["users"] = [{"name": account, "user": {"token": token.status.token}}]
    admin["current-context"] = account
    admin["contexts"] = [{"name": account, "context": {"cluster": admin["clusters"][0]["name"], "user": account}}]
    path = folder / f"kubeconfig-{account}"
    path.write_text(yaml.safe_dump(admin))
    return path
