"""Carries what a project says to allure-behave's own formatter from a worker to the parent, where the formatter is."""

import pickle
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sparkproof.run.faces import sendable
from sparkproof.run.outcome import readable


def divert(record: Callable[[tuple[str, Any]], None]) -> None:
    """Let a worker `record` the calls of `allure` that formatters of this process would take, if there are such."""
    listener = sys.modules.get("allure_behave.listener")
    if listener is None:
        return
    import allure_commons

    manager = allure_commons.plugin_manager
    own = [plugin for plugin in manager.get_plugins() if isinstance(plugin, listener.AllureListener)]
    for plugin in own:
        manager.unregister(plugin)
    if own:
        manager.register(_recording(record))


def repeat(name: str, given: dict[str, Any]) -> None:
    """Make a recorded call in the parent."""
    import allure_commons

    manager, listener = allure_commons.plugin_manager, sys.modules["allure_behave.listener"].AllureListener
    others = [plugin for plugin in manager.get_plugins() if not isinstance(plugin, listener)]
    manager.subset_hook_caller(name, others)(**given)


def _recording(keep: Callable[[tuple[str, Any]], None]) -> object:
    import allure_commons

    known = frozenset(sys.modules)  # as the parent has them

    def crosses(value: Any) -> bool:
        """Return True for a plain value, or one whose class the parent has and which can be copied."""
        if sendable(value):
            return True
        kind = value if isinstance(value, type) else type(value)
        try:
            return kind.__module__ in known and pickle.loads(pickle.dumps(value)) is not None
        except Exception:  # an error or a parameter of the project's own class
            return False

    def record(call: str, **given: Any) -> None:
        given = {key: value if crosses(value) else readable(value) for key, value in given.items()}
        keep(("allure", (call, given)))

    class Recording:
        """Takes the calls that a step or a hook makes."""

        @allure_commons.hookimpl
        def attach_data(self, body: Any, name: Any, attachment_type: Any, extension: Any) -> None:
            record("attach_data", body=body, name=name, attachment_type=attachment_type, extension=extension)

        @allure_commons.hookimpl
        def attach_file(self, source: str, name: Any, attachment_type: Any, extension: Any) -> None:
            # The file may be gone when the parent comes to it.
            self.attach_data(Path(source).read_bytes(), name, attachment_type, extension)

        @allure_commons.hookimpl
        def add_title(self, test_title: Any) -> None:
            record("add_title", test_title=test_title)

        @allure_commons.hookimpl
        def add_description(self, test_description: Any) -> None:
            record("add_description", test_description=test_description)

        @allure_commons.hookimpl
        def add_link(self, url: Any, link_type: Any, name: Any) -> None:
            record("add_link", url=url, link_type=link_type, name=name)

        @allure_commons.hookimpl
        def add_label(self, label_type: Any, labels: Any) -> None:
            record("add_label", label_type=label_type, labels=labels)

        @allure_commons.hookimpl
        def start_step(self, uuid: Any, title: Any, params: Any) -> None:
            record("start_step", uuid=uuid, title=title, params=params)

        @allure_commons.hookimpl
        def stop_step(self, uuid: Any, exc_type: Any, exc_val: Any) -> None:
            record("stop_step", uuid=uuid, exc_type=_known_kind(exc_type, known), exc_val=exc_val, exc_tb=None)

    return Recording()


def _known_kind(kind: Any, known: frozenset[str]) -> Any:
    """The class of an error, or the nearest of its bases that the parent has."""
    return kind and next(base for base in kind.__mro__ if base.__module__ in known)
