"""The error that a refused statement raises."""


class PySparkException(Exception):
    """A refusal, in the server's words."""
