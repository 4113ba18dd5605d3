"""Asks the embedded cluster's API server whether it is ready, without any client library, which is quick."""

import contextlib
import http.client
import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass

from sparkproof.core import timeouts
from sparkproof.embedded.layout import Layout

READY = "ok"


@dataclass(frozen=True)
class Running:
    """The record of a cluster that came up: its API server's port on the loopback address, its version.

    `official` is True if its Kubernetes is the one that its makers publish, and was not built here.
    """

    port: int
    kubernetes: str
    official: bool = False

    def as_json(self) -> Mapping[str, object]:
        # Earlier versions of Sparkproof know the first two only.
        return {"port": self.port, "kubernetes": self.kubernetes, **({"official": True} if self.official else {})}


def running(places: Layout) -> Running | None:
    """Return the record that `up` wrote; None if the cluster has not come up, or has been taken down."""
    try:
        return Running(**json.loads(places.running.read_text()))
    except (OSError, ValueError, TypeError):
        return None


def readiness(places: Layout, port: int, address: str = "127.0.0.1") -> str:
    """Return the API server's own answer on its readiness: READY, or what it lacks."""
    authority = places.kubernetes / "pki" / "ca.crt"
    try:
        context = ssl.create_default_context(cafile=str(authority))
        connection = http.client.HTTPSConnection(address, port, timeout=timeouts.API_CALL, context=context)
        with contextlib.closing(connection):
            connection.request("GET", "/readyz")
            return connection.getresponse().read().decode(errors="replace")
    except (OSError, http.client.HTTPException) as refused:
        return f"{type(refused).__name__}: {refused}"
