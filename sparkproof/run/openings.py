"""Opens and closes features and rules on the workers: their hooks run there, also where no scenario is selected."""

from collections.abc import Collection
from typing import Any

from sparkproof.run.feature_tally import FeatureTally
from sparkproof.run.messages import Opened
from sparkproof.run.replay import Replay
from sparkproof.run.worker_handle import WorkerHandle
from sparkproof.run.worker_pool import WorkerPool

# Hooks that can see how the scenarios of a feature or rule have ended.
_ON_THE_WAY_OUT = frozenset(("after_feature", "after_rule", "after_tag"))


class Openings:
    """The features that are open on the workers of `pool`."""

    def __init__(self, pool: WorkerPool, features: FeatureTally, replay: Replay, hooks: Collection[str]) -> None:
        self._pool = pool
        self._features = features
        self._replay = replay
        self._known = features.known
        self._tells = not _ON_THE_WAY_OUT.isdisjoint(hooks)

    def opened(self, worker: WorkerHandle, opened: Opened) -> None:
        """Note that a worker has run the first hooks of a feature or rule."""
        self._replay.opened[opened.entity].append(opened)
        if self._features.has_scenarios(opened.entity):
            worker.features.add(opened.entity)

    def closed(self, worker: WorkerHandle, closed: Opened) -> None:
        """Note that a worker has run the last hooks of a feature or rule."""
        self._replay.closed[closed.entity].append(closed)
        # At its end a worker closes by itself what is still open in a run that was stopped.
        worker.features.discard(closed.entity)
        worker.closing.discard(closed.entity)

    def visit(self, worker: WorkerHandle, feature: int) -> None:
        """Let a worker run the hooks of a feature and its rules where no scenario runs: behave runs them as well."""
        worker.visiting.add(feature)
        orders = self._features.visits(self._features.entities[feature])
        self._pool.send(worker, [*orders, ("visited", feature)])

    def visited(self, worker: WorkerHandle, feature: int) -> None:
        """Close a feature whose hooks have run, unless they added scenarios to it."""
        worker.visiting.discard(feature)
        worker.features.add(feature)
        if self._features.has_ended(feature):
            self._close(feature)

    def end_one(self, index: int) -> None:
        """Count the scenario number `index` as ended; after the last one, close its feature wherever it is open."""
        feature = self._features.feature(index)
        if not self._features.end_one(feature):
            return
        worker = next((one for one in self._pool if feature in one.features), None)
        if worker is not None and self._features.visits(self._features.entities[feature]):
            self.visit(worker, feature)
        else:
            self._close(feature)

    def _close(self, feature: int) -> None:
        orders: list[tuple[Any, ...]] = list(self._features.closings(feature))
        if self._tells:
            ended = self._replay.statuses(self._features.entities[feature], self._known)
            orders.insert(0, ("ended", feature, ended))
        for worker in self._pool:
            if feature in worker.features:
                worker.features.remove(feature)
                worker.closing.add(feature)
                self._pool.send(worker, orders)
