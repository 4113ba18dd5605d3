"""Loads programs of the images and scripts, which are no modules of a package, as modules."""

import importlib.util
import sys
from pathlib import Path
from typing import Any

from sparkproof.build.recipes import DOCKER


def program(path: str | Path) -> Any:
    """The program at `path`, from docker/ where that is relative, newly loaded as a module."""
    file = DOCKER / path
    spec = importlib.util.spec_from_file_location(file.stem, file)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    # A dataclass of the module looks its annotations up there.
    sys.modules[file.stem] = module
    try:
        spec.loader.exec_module(module)
    finally:
        del sys.modules[file.stem]
    return module
