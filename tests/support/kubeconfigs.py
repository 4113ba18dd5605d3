"""Kubeconfigs for tests."""

from pathlib import Path

import yaml


def kubeconfig(path: Path, server: str) -> Path:
    """Write a kubeconfig with the contexts staging and production (the current one) of `server`; return its path."""
    path.write_text(
        yaml.safe_dump(
            {
                "apiVersion": "v1",
                "kind": "Config",
                "current-context": "production",
                "clusters": [{"name": "c", "cluster": {"server": server}}],
                "users": [{"name": "u", "user": {"token": "t"}}],
                "contexts": [
                    {"name": name, "context": {"cluster": "c", "user": "u"}} for name in ("staging", "production")
                ],
            }
        )
    )
    return path
