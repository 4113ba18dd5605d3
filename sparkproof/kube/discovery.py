"""The resources that an API server serves, as the server says itself."""

from collections.abc import Sequence
from typing import Any

from kubernetes import client, dynamic
from kubernetes.dynamic.resource import ResourceList

# By itself the client keeps what it learnt in /tmp under the server's address, for good: the kinds of a cluster that is
# gone are then those of the next one at this address. In a place that cannot be, nothing is kept.
_NOWHERE = "/dev/null/nothing"


def connect(api: client.ApiClient) -> Any:
    """Return a client for every kind that the API server behind `api` serves; the server is asked."""
    return dynamic.DynamicClient(api, cache_file=_NOWHERE)


def served(connected: Any, *, preferred: bool = False) -> Sequence[Any]:
    """Return the resources as they are served now, since kinds come and go while a cluster runs.

    With `preferred`, each comes in the version that the server prefers.
    """
    connected.resources.invalidate_cache()
    found = connected.resources.search(**({"preferred": True} if preferred else {}))
    # The client also has a kind for the list of each kind.
    return [each for each in found if not isinstance(each, ResourceList)]
