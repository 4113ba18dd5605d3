"""NVML's samples of a GPU's utilisation and memory, taken in the executor's pod."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from sparkproof.core import timeouts
from sparkproof.core.errors import SparkproofError
from sparkproof.core.wait import eventually
from sparkproof.kube.places import Place, Streams, last_words

_SAMPLER = Path(__file__).with_name("sampler.py")
# Samples of each GPU in one second.
_PER_SECOND = 10


class NoGpu(SparkproofError):
    """NVML shows no GPU in an executor that should have one."""


@dataclass(frozen=True)
class Sample:
    """One sample of one GPU of a pod, at `at_s` seconds of the pod's clock.

    `utilisation` is the percentage of the last moments (up to a second) in which a kernel ran. `memory` is the number
    of bytes in use on the card by all processes. Source: nvmlUtilization_t and nvmlMemory_t in NVML's reference.
    """

    at_s: float
    gpu: int
    utilisation: int
    memory: int


@dataclass
class Sampler:
    """The process beside an executor that samples its GPUs; `gpus` are their names."""

    channel: Streams
    place: str
    gpus: tuple[str, ...] = field(default=())

    @classmethod
    def beside(cls, place: Place) -> "Sampler":
        """Start a sampler where an executor runs; raise NoGpu with NVML's own message."""
        sampler = cls(place.exec(["python3", "-uc", _SAMPLER.read_text()]), place.name)
        reply = sampler._ask(_pynvml())
        if "error" in reply or not reply["gpus"]:
            sampler.close()
            raise NoGpu(f"NVML shows no GPU in {place.name}: {reply.get('error', 'it has none')}")
        sampler.gpus = tuple(reply["gpus"])
        return sampler

    def take(self) -> list[Sample]:
        """Return the samples since the last call, oldest first."""
        return [Sample(**each) for each in self._ask("")]

    def take_idle(self) -> list[Sample]:
        """Return the samples of one second in which the GPUs have no work.

        The samples of the second before are dropped, since NVML's average may still include earlier work there.
        """
        self.take()
        seen: list[Sample] = []
        eventually(
            f"two seconds of samples in {self.place}",
            lambda: seen.__iadd__(self.take()),
            lambda samples: len(samples) >= 2 * _PER_SECOND * len(self.gpus),
            within_s=timeouts.SAMPLES,
        )
        return seen[-_PER_SECOND * len(self.gpus) :]

    def close(self) -> None:
        """End the process."""
        self.channel.close()

    def _ask(self, line: str) -> Any:
        self.channel.write_line(json.dumps(line))
        answer = self.channel.read_line(timeouts.SAMPLES)
        if answer is None:
            raise SparkproofError(f"The sampler in {self.place} gave no answer: {last_words(self.channel)}")
        return json.loads(answer)


def is_busier(busy: Sequence[Sample], idle: Sequence[Sample]) -> bool:
    """Return True if the mean utilisation of the samples is above the highest utilisation of the idle samples.

    Small work keeps a large GPU busy for a few percent of the time only, so many single samples show nothing: a query
    on a hundred thousand rows, repeated, used 0 to 3 % of an H200 and of an H100.
    """
    line = max(sample.utilisation for sample in idle)
    return sum(sample.utilisation for sample in busy) > line * len(busy)


def _pynvml() -> str:
    """Return the source of the installed pynvml."""
    found = find_spec("pynvml")
    assert found and found.origin
    return Path(found.origin).read_text()
