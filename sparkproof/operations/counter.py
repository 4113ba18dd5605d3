"""The counter of an ingest: who asks it with which key, what they are told, and how often KEDA asks."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sparkproof.core import evidence, timeouts
from sparkproof.core.errors import CheckFailed, SparkproofError
from sparkproof.core.evidence import Level
from sparkproof.core.wait import eventually
from sparkproof.kube.objects import POD
from sparkproof.kube.places import last_words
from sparkproof.spark.platform import Platform
from sparkproof.spark.workloads import Workloads, scale

_NAME = "ingest-counter"
_WITH_THE_KEY = "with the key"
# What those who ask bring; the key itself is in the counter's own environment, and leaves it nowhere.
ASKING = {"without a key": "", "with another key": "Bearer another", _WITH_THE_KEY: "Bearer $"}
_ASK = """
import json, os, sys, urllib.error, urllib.request
headers = {"Authorization": sys.argv[1].replace("$", os.environ["LANDING_KEY"])} if sys.argv[1] else {}
try:
    reply = urllib.request.urlopen(urllib.request.Request("http://127.0.0.1:8080/", headers=headers), timeout=10)
except urllib.error.HTTPError as refused:
    reply = refused
print(json.dumps({"status": reply.status, "body": json.load(reply)}))
"""


@dataclass(frozen=True)
class CounterReply(evidence.Brought):
    """The reply to somebody who asked how many objects there are; `asks` says with which key."""

    asks: str
    status: int
    body: Mapping[str, Any]

    @property
    def trouble(self) -> str | None:
        """The refusal."""
        return None if self.status == 200 else f"Who asked {self.asks} got {self.status}: {self.body.get('reason')}"

    def must_tell(self, count: int) -> None:
        """Check that it tells this number of objects."""
        evidence.look_at(self)
        if self.status != 200 or self.body.get("objects") != count:
            raise CheckFailed(f"Who asked {self.asks} was not told {count} objects, but got {self.status}: {self.body}")
        evidence.prove(Level.EXECUTED, f"Who asked {self.asks} was told {count} objects")

    def must_be_refused(self, reason: str) -> None:
        """Check that it tells no number, because of the key."""
        evidence.look_at(self)
        if self.status != 401 or "objects" in self.body:
            raise CheckFailed(f"Who asked {self.asks} had to be refused, and got {self.status}: {self.body}")
        if reason not in (self.body.get("reason") or ""):
            raise CheckFailed(f"Who asked {self.asks} was refused, but not because of {reason!r}: {self.body}")
        evidence.prove(Level.EXECUTED, f"Who asked {self.asks} got {self.status}: {self.body['reason']}")


@dataclass(frozen=True)
class Counter:
    """The counter of the release of these workloads."""

    workloads: Workloads

    @classmethod
    def of(cls, platform: Platform) -> "Counter":
        """Return the counter of a platform."""
        return cls(platform.workloads)

    def ask(self, asks: str) -> CounterReply:
        """Ask for the number of objects, in one of the ways of ASKING."""
        program = self.workloads.place(_NAME).exec(["python3", "-c", _ASK, ASKING[asks]])
        try:
            reply = json.loads(program.finish(timeouts.API_CALL))
        except ValueError:
            raise SparkproofError(f"The counter does not answer: {last_words(program)}") from None
        return CounterReply(asks, reply["status"], reply["body"])

    def await_asking(self, times: int) -> None:
        """Wait until somebody else has asked so often, with the key: that is KEDA."""
        before, own = self._asked, 0

        def since() -> int:
            nonlocal own
            own += 1
            return self._asked - before - own

        asked = eventually(
            f"{times} questions of KEDA to the counter", since, lambda count: count >= times, within_s=timeouts.INGEST
        )
        evidence.attach("questions with the key, beside our own", str(asked))

    def stop(self) -> None:
        """Have no counter, and wait until there is none."""
        pods = self.workloads.pods_of(_NAME)
        scale(self.workloads, _NAME, 0)
        for pod in pods:
            name = pod["metadata"]["name"]
            self.workloads.kube.must_be_gone(POD, name, self.workloads.namespace, within_s=timeouts.POD_READY)

    def start(self) -> None:
        """Have the counter again, and wait until it is ready."""
        scale(self.workloads, _NAME, 1)
        self.workloads.must_be_ready()

    @property
    def _asked(self) -> int:
        """The number of questions with the key, this one too."""
        reply = self.ask(_WITH_THE_KEY)
        evidence.look_at(reply)
        if "asked" not in reply.body:
            raise CheckFailed(f"The counter does not say how often it was asked: {reply.status}, {reply.body}")
        return int(reply.body["asked"])
