"""Promises of the platform: sentences that hold for each rendering of each chart, whatever its presets."""

from sparkproof.charts.promises import (
    accounts,
    backups,
    catalogs,
    closed,
    defaults,
    drivers,
    ingest,
    monitoring,
    network,
    pods,
    presets,
    programs,
    services,
    storage,
    tests,
    workloads,
)
from sparkproof.charts.promises.promise import Promise, every, named
from sparkproof.charts.promises.view import View

# Each module adds its promises to the list when it is imported.
SUBJECTS = (
    accounts,
    backups,
    catalogs,
    closed,
    defaults,
    drivers,
    ingest,
    monitoring,
    network,
    pods,
    presets,
    programs,
    services,
    storage,
    tests,
    workloads,
)
__all__ = ["SUBJECTS", "Promise", "View", "every", "named"]
