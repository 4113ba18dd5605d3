"""The kubeconfig file: its contexts, and the error for a file that cannot be used."""

from pathlib import Path

import yaml

from sparkproof.core.errors import UsageError


def contexts(kubeconfig: Path) -> list[str]:
    """Return the names of the contexts that the file has; raises UsageError when it cannot be read."""
    try:
        # A file without contexts, or with something else in their place, has none of the wanted name.
        return [entry["name"] for entry in yaml.safe_load(kubeconfig.read_text())["contexts"]]
    except (OSError, yaml.YAMLError, TypeError, KeyError) as wrong:
        raise unusable(kubeconfig, wrong) from None


def unusable(kubeconfig: Path, wrong: Exception) -> UsageError:
    """Return the error that says why the file cannot be used."""
    words = {KeyError: f"it has no {wrong}", TypeError: "it is no kubeconfig"}.get(
        type(wrong), " ".join(str(wrong).split())
    )
    return UsageError(f"The kubeconfig {kubeconfig} cannot be used: {words}. Give another with -D kubeconfig=FILE.")
