"""The kubeconfig file: its contexts, a client of one of them, and the error for a file that cannot be used."""

import functools
import os
from pathlib import Path

import yaml
from kubernetes import client, config
from kubernetes.config import kube_config

from sparkproof.core.errors import UsageError
from sparkproof.kube import plugins


def contexts(kubeconfig: Path) -> list[str]:
    """Return the names of the contexts that the file has; raises UsageError when it cannot be read."""
    try:
        # A file without contexts, or with something else in their place, has none of the wanted name.
        return [entry["name"] for entry in yaml.safe_load(kubeconfig.read_text())["contexts"]]
    except (OSError, yaml.YAMLError, TypeError, KeyError) as wrong:
        raise unusable(kubeconfig, wrong) from None


def new_client(kubeconfig: Path, context: str | None) -> client.ApiClient:
    """Return a client with the context's credentials; raises UsageError when the file is not usable.

    What the file embeds of keys and certificates goes to files in memory, which end with the process and those that it
    forks. The library would write it to the temporary folder, where a process that is killed leaves it.
    """
    if hasattr(os, "memfd_create"):
        kube_config._create_temp_file_with_content = _file_in_memory
    plugins.watch()
    try:
        made: client.ApiClient = config.new_client_from_config(str(kubeconfig), context=context)
        return made
    except (config.ConfigException, ValueError, TypeError, KeyError, OSError) as wrong:
        raise unusable(kubeconfig, wrong) from None


def _file_in_memory(content: str | bytes, temp_file_path: str | None = None, force_recreate: bool = False) -> str:  # noqa: ARG001
    return _held(content if isinstance(content, bytes) else content.encode())


@functools.cache
def _held(content: bytes) -> str:
    """Return the path of a file in memory with this content, as this process and those that it forks see it."""
    descriptor = os.memfd_create("credentials")
    os.write(descriptor, content)
    return f"/proc/self/fd/{descriptor}"


def unusable(kubeconfig: Path, wrong: Exception) -> UsageError:
    """Return the error that says why the file cannot be used."""
    words = {KeyError: f"it has no {wrong}", TypeError: "it is no kubeconfig"}.get(
        type(wrong), " ".join(str(wrong).split())
    )
    return UsageError(f"The kubeconfig {kubeconfig} cannot be used: {words}. Give another with -D kubeconfig=FILE.")
