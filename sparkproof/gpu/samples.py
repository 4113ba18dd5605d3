"""What the hardware shows of a GPU at work: NVML's samples of utilisation and memory, taken in the executor's pod."""

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
# A second of samples, ten times in which each GPU was looked at.
_LOOKS = 10


class NoGpu(SparkproofError):
    """NVML shows no GPU where an executor should have one."""


@dataclass(frozen=True)
class Sample:
    """One look at one of a pod's GPUs, at `at_s` seconds of the pod's clock.

    `utilisation` is the percentage of the last moments (up to a second) in which a kernel ran, `memory` the bytes in
    use on the card, by whomever. Source: nvmlUtilization_t and nvmlMemory_t in NVML's reference.
    """

    at_s: float
    gpu: int
    utilisation: int
    memory: int


@dataclass
class Sampler:
    """The process beside an executor that looks at its GPUs; `gpus` are their names."""

    channel: Streams
    place: str
    gpus: tuple[str, ...] = field(default=())

    @classmethod
    def beside(cls, place: Place) -> "Sampler":
        """Start to sample where an executor runs; raises NoGpu with NVML's own words."""
        sampler = cls(place.exec(["python3", "-uc", _SAMPLER.read_text()]), place.name)
        told = sampler._ask(_pynvml())
        if "error" in told or not told["gpus"]:
            sampler.close()
            raise NoGpu(f"NVML shows no GPU in {place.name}: {told.get('error', 'it has none')}")
        sampler.gpus = tuple(told["gpus"])
        return sampler

    def take(self) -> list[Sample]:
        """The samples since the last call, oldest first."""
        return [Sample(**each) for each in self._ask("")]

    def rest(self) -> list[Sample]:
        """A second of samples, while nobody has anything computed.

        A second passes first, over which NVML's average may still be one with earlier work.
        """
        self.take()
        seen: list[Sample] = []
        eventually(
            f"two seconds of samples in {self.place}",
            lambda: seen.__iadd__(self.take()),
            lambda samples: len(samples) >= 2 * _LOOKS * len(self.gpus),
            within_s=timeouts.SAMPLES,
        )
        return seen[-_LOOKS * len(self.gpus) :]

    def close(self) -> None:
        """End the process."""
        self.channel.close()

    def _ask(self, line: str) -> Any:
        self.channel.write_line(json.dumps(line))
        answer = self.channel.read_line(timeouts.SAMPLES)
        if answer is None:
            raise SparkproofError(f"The sampler in {self.place} gave no answer: {last_words(self.channel)}")
        return json.loads(answer)


def busier(busy: Sequence[Sample], idle: Sequence[Sample]) -> bool:
    """Whether the samples show, on average, a utilisation above the highest that the idle ones show.

    Small work keeps a large GPU busy for a few percent of the time, so that many single samples show nothing: a
    hundred thousand rows, again and again, had 0 to 3 % of an H200.
    """
    line = max(sample.utilisation for sample in idle)
    return sum(sample.utilisation for sample in busy) > line * len(busy)


def _pynvml() -> str:
    """The source of the installed pynvml."""
    found = find_spec("pynvml")
    assert found and found.origin
    return Path(found.origin).read_text()
