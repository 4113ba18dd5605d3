"""What is put into the copy of behave's self-tests: the status of each scenario in a file, and its working folder."""

import json
import os
import re
from pathlib import Path
from typing import Any

from behave.formatter.base import Formatter

EACH = "COMPARED_FOLDER_FOR_EACH"


class Statuses(Formatter):  # type: ignore[misc]
    """Writes the status of every scenario, by its place and name, when the run has ended."""

    name = "statuses"

    def __init__(self, stream_opener: Any, config: Any) -> None:
        super().__init__(stream_opener, config)
        self._features: list[Any] = []

    def feature(self, feature: Any) -> None:
        self._features.append(feature)

    def close(self) -> None:
        scenarios = (scenario for feature in self._features for scenario in feature.walk_scenarios())
        found = {f"{scenario.location} {scenario.name}": scenario.status.name for scenario in scenarios}
        json.dump(found, self.open())
        self.close_stream()


def work_folder(context: Any, shared: str) -> str:
    """The working folder of a scenario: the one that all share, or one for each scenario beside it."""
    folder = str(Path(shared).resolve())
    return folder if EACH not in os.environ else folder + re.sub(r"\W+", "_", str(context.scenario.location))
