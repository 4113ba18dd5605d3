"""What all tests start from."""

import signal

import pytest

# A shell starts its background jobs with Ctrl-C ignored, and so would be whatever the tests start and interrupt.
signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--unseen", action="store_true", help="only those sabotages that tests/sabotage/seen.yaml does not show killed"
    )
