"""The errors of requests to the API server: it refused the request, or it did not answer."""

import json
from typing import Any

import pydantic
import urllib3
from kubernetes.client.exceptions import ApiException
from kubernetes.dynamic.exceptions import DynamicApiError, ResourceNotFoundError

from sparkproof.core.errors import SparkproofError

# What the client library raises for a request that got no answer, a refusal, or an answer that it cannot read.
FAILURES = (
    ApiException, DynamicApiError, ResourceNotFoundError, urllib3.exceptions.HTTPError, OSError, json.JSONDecodeError,
    pydantic.ValidationError,
)  # fmt: skip
_SHOWN = 80


class Refused(SparkproofError):
    """The API server refused a request; `code` is the HTTP status, `message` its words."""

    def __init__(self, doing: str, code: int, message: str) -> None:
        self.code, self.message = code, message
        super().__init__(f"The API server refused to {doing} ({code}): {message}")


class Unreachable(SparkproofError):
    """The API server did not answer."""


def of_request(failed: Exception, doing: str, host: str) -> SparkproofError:
    """Return the error for one of FAILURES of a request to `doing` something to the API server at `host`."""
    if isinstance(failed, ApiException | DynamicApiError):
        return Refused(doing, int(failed.status or 0), message_of(failed))
    if isinstance(failed, ResourceNotFoundError):
        return Refused(doing, 404, str(failed))
    if isinstance(failed, json.JSONDecodeError | pydantic.ValidationError):
        answer = failed.doc if isinstance(failed, json.JSONDecodeError) else failed.errors()[0]["input"]
        said = f"; it says {answer[:_SHOWN]!r}" if isinstance(answer, str) else ""
        return Unreachable(f"What answers at {host} is no API server{said}.")
    return Unreachable(f"The API server at {host} does not answer: {root_of(failed)}.")


def message_of(refused: Any) -> str:
    """Return the API server's message in the client's exception, with the causes that it does not name itself."""
    try:
        status = json.loads(refused.body)
        message = str(status["message"])
        causes = [str(cause["message"]) for cause in (status.get("details") or {}).get("causes", ())]
        return " ".join([message, *(cause for cause in causes if cause not in message)])
    except (ValueError, TypeError, KeyError):
        return str(refused.reason or refused.body)


def root_of(error: BaseException) -> str:
    """Return the words of the innermost reason of an error of the connection."""
    reason = getattr(error, "reason", None)
    return root_of(reason) if isinstance(reason, BaseException) else str(error).rstrip(".")
