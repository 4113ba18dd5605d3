"""The errors of requests to the API server: it refused the request, or it did not answer."""

from sparkproof.core.errors import SparkproofError


class Refused(SparkproofError):
    """The API server refused a request; `code` is the HTTP status, `message` its words."""

    def __init__(self, doing: str, code: int, message: str) -> None:
        self.code, self.message = code, message
        super().__init__(f"The API server refused to {doing} ({code}): {message}")


class Unreachable(SparkproofError):
    """The API server did not answer."""
