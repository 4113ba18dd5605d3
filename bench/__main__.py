"""`python -m bench [NAME ...]`: run all or the named measurements of bench/, print the figures and the promises.

Exit with 1 if a promise is not kept. Each module has `measure()`, which yields Figures.
"""

import importlib
import pkgutil
import sys
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

import bench
from bench.figure import Figure

_NOT_MEASUREMENTS = ("__main__", "figure", "kept")


def names() -> list[str]:
    """Return the names of the modules that measure something."""
    found = (module.name for module in pkgutil.iter_modules(bench.__path__) if not module.name.startswith("_"))
    return sorted(name for name in found if name not in _NOT_MEASUREMENTS)


def main(wanted: Sequence[str]) -> int:
    """Run these measurements; return 0 if every promise is kept, 1 if not, 2 for an unknown name."""
    if unknown := sorted(set(wanted) - set(names())):
        print(f"Unknown measurement: {', '.join(unknown)}. Known measurements: {', '.join(names())}.", file=sys.stderr)
        return 2
    table = Table("measured", "value", "promised at most", "", "how", title="Sparkproof's promises of speed and size")
    broken = 0
    for name in wanted or names():
        for figure in importlib.import_module(f"bench.{name}").measure():
            table.add_row(*row(figure))
            broken += not figure.kept
            print(f"{figure.what}: {figure.value:.3g} {figure.unit}", file=sys.stderr, flush=True)
    Console(width=None if sys.stdout.isatty() else 160).print(table)
    return 1 if broken else 0


def row(figure: Figure) -> list[str]:
    """Return a figure as a row of the table."""
    promised = "" if figure.limit is None else f"{figure.limit:g} {figure.unit}"
    kept = "" if figure.limit is None else "kept" if figure.kept else "NOT KEPT"
    return [figure.what, f"{figure.value:.3g} {figure.unit}", promised, kept, figure.how]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
