"""The errors of requests to the API server: it refused the request, or it did not answer."""

import json
from typing import Any

from sparkproof.core.errors import SparkproofError


class Refused(SparkproofError):
    """The API server refused a request; `code` is the HTTP status, `message` its words."""

    def __init__(self, doing: str, code: int, message: str) -> None:
        self.code, self.message = code, message
        super().__init__(f"The API server refused to {doing} ({code}): {message}")


class Unreachable(SparkproofError):
    """The API server did not answer."""


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
