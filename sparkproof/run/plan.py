"""The project's part in a run, all of it optional: an environment.py may define `plan = Plan(...)`."""

import functools
import os
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath

from behave.configuration import Configuration
from behave.model import Feature, Scenario

from sparkproof.core.resources import NOTHING, Isolation, Reservation, Resources


@dataclass(frozen=True)
class About:
    """The subject of a run, for the verdict and the report: the cluster in words, versions by name.

    `artifacts` says what was tested, by name: the digest of a folder, the reference of an image. `commit` is that of
    the criteria, and `changed` are the files that differ from it. `broken_promises` are sentences on what this
    environment promised and lacks: each one fails the run.
    """

    cluster: str = ""
    versions: Mapping[str, str] = field(default_factory=dict)
    artifacts: Mapping[str, str] = field(default_factory=dict)
    commit: str = ""
    changed: Sequence[str] = ()
    broken_promises: Sequence[str] = ()
    remarks: Sequence[str] = ()


def area(scenario: Scenario) -> str:
    """Return the folder that the feature file stands in: `features/iceberg/time_travel.feature` is iceberg."""
    return _folder(scenario.filename)


@functools.cache
def _folder(filename: str) -> str:
    return PurePath(filename).parent.name or "features"


def narrow(config: Configuration, tags: Sequence[str]) -> None:
    """Let a run select only scenarios that carry all of `tags`, beside what --tags asks for."""
    asked = [config.tags] if isinstance(config.tags, str) else list(config.tags or [])
    if tags:
        config.setup_tag_expression([*filter(None, asked), *tags])


def _anything(_features: Sequence[Feature], _config: Configuration) -> None:
    """Every tag and every selection is fine."""


@dataclass(frozen=True)
class Plan:
    """A project's part in a run.

    `check` may refuse the parsed features or the configuration by raising UsageError before anything runs, a dry run
    included. `prepare` gets the selected scenarios of a run that is about to begin, for long work that shows its
    progress.
    `reservation` is what a scenario holds of the cluster, `isolation` who may run beside it. `capacity` is what the
    cluster has for the run's scenarios, including what they hold themselves (None: no limit); it is called before the
    first one starts and every few seconds of a parallel run. `there` is called as often: the names of what is there now
    of what scenarios share, so that those come first that need nothing else (None: nobody can tell). `make_room` is
    called as often, beside the run: with what has to be free for the next scenario, what runs included, and with the
    names of what that one shares, if a worker has had nothing to do for a minute because it waits for room; with
    nothing otherwise. `limit` is the seconds after which a scenario is ended, whatever -D timeout allows (0: no limit
    of its own). `group` names the group of a scenario in the summary, `version` the version of the product that it is
    about ("": none). `run` is the id of the run.
    `about` is called once, after the last scenario.
    `transient` is True for an error of the infrastructure, which is worth one more attempt. `remark` gets the reason of
    a scenario that has just gone wrong, and returns what is to be added to it ("": nothing), such as a full disk.
    """

    allure: bool = False
    junit: bool = False
    check: Callable[[Sequence[Feature], Configuration], None] = _anything
    prepare: Callable[[Sequence[Scenario]], None] = lambda _scenarios: None
    run: str = field(default_factory=lambda: os.urandom(4).hex())
    group: Callable[[Scenario], str] = area
    version: Callable[[Scenario], str] = lambda _scenario: ""
    about: Callable[[], About] = About
    reservation: Callable[[Scenario], Reservation] = lambda _scenario: NOTHING
    capacity: Callable[[], Resources | None] = lambda: None
    there: Callable[[], Collection[str] | None] = lambda: None
    make_room: Callable[[Resources, Collection[str]], None] = lambda _wanted, _shared: None
    limit: Callable[[Scenario], float] = lambda _scenario: 0.0
    isolation: Callable[[Scenario], Isolation] = lambda _scenario: Isolation.PARALLEL
    transient: Callable[[BaseException], bool] = lambda error: isinstance(error, ConnectionError)
    remark: Callable[[str], str] = lambda _reason: ""
