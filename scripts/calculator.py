"""What the calculators beside this file are given: sizes, numbers, and answers of Spark's REST interface."""

import argparse
import json
import re
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

_SIZE = re.compile(r"(\d+(?:\.\d+)?)([kmgt]?)(?:i?b)?", re.IGNORECASE)
_FACTORS = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40}


class Impossible(Exception):
    """Nothing can be calculated, for the reason that this gives."""


def size(text: str) -> int:
    """Return the bytes of a size such as "56g", "512m" or "1.5t"."""
    match = _SIZE.fullmatch(text.strip())
    if not match or not float(match[1]):
        raise argparse.ArgumentTypeError(f"{text!r} is no size; write 56g, 512m or 1.5t")
    return int(float(match[1]) * _FACTORS[match[2].lower()])


def positive(text: str) -> int:
    """Return a whole number above 0."""
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number above 0")
    return int(text)


def read(source: str) -> Any:
    """Return the JSON of a file or a URL; raises Impossible."""
    try:
        if source.startswith(("http://", "https://")):
            with urllib.request.urlopen(source, timeout=60) as answer:
                return json.load(answer)
        return json.loads(Path(source).read_text())
    except (OSError, ValueError, urllib.error.URLError) as wrong:
        raise Impossible(f"{source} could not be read: {wrong}.") from None


def in_history(history: str, application: str | None) -> str:
    """Return the URL under which a History Server has an application; raises Impossible when none is named."""
    if not application:
        raise Impossible("--history needs --application, the id of the application that is to be looked at.")
    return f"{history.rstrip('/')}/api/v1/applications/{application}"
