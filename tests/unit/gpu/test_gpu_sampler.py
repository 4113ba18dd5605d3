"""The program that samples GPUs in a pod: what it tells of a library that has two, and where there is none."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import IO

import pytest

from sparkproof.gpu import samples
from sparkproof.gpu.samples import Sample, Sampler
from tests.support.recorded import RecordedStreams

PROGRAM = Path(samples.__file__).with_name("sampler.py")
# A library in NVML's place: two GPUs whose utilisation rises with each look.
TWO_GPUS = """
from types import SimpleNamespace
looks = [0, 0]
def nvmlInit(): pass
def nvmlDeviceGetCount(): return 2
def nvmlDeviceGetHandleByIndex(index): return index
def nvmlDeviceGetName(gpu): return f"GPU {gpu}"
def nvmlDeviceGetUtilizationRates(gpu):
    looks[gpu] += 1
    return SimpleNamespace(gpu=looks[gpu])
def nvmlDeviceGetMemoryInfo(gpu): return SimpleNamespace(used=2**30)
"""


class Process:
    """The sampler as a process of this machine, spoken to in lines of JSON."""

    def __init__(self, library: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-uc", PROGRAM.read_text()], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.told = self.ask(library)

    def ask(self, line: str) -> object:
        to, back = _streams(self.process)
        to.write(json.dumps(line) + "\n")
        to.flush()
        return json.loads(back.readline())


@pytest.fixture
def sampler() -> Iterator[Process]:
    started = Process(TWO_GPUS)
    yield started
    started.process.kill()
    started.process.wait()


def test_it_names_the_gpus_and_gives_each_sample_once(sampler: Process) -> None:
    assert sampler.told == {"gpus": ["GPU 0", "GPU 1"]}
    time.sleep(0.6)
    first = sampler.ask("")
    time.sleep(0.3)
    second = sampler.ask("")
    assert isinstance(first, list) and isinstance(second, list)
    for gpu in (0, 1):
        seen = [sample["utilisation"] for sample in first + second if sample["gpu"] == gpu]
        assert seen == [*range(1, len(seen) + 1)]
        assert len(seen) >= 3, f"nobody looks at GPU {gpu}"
    at = [sample["at_s"] for sample in first + second if sample["gpu"] == 0]
    assert min(later - sooner for sooner, later in pairwise(at)) > 0.09, "at most ten times a second"
    assert all(sample["memory"] == 2**30 for sample in first)


def test_it_ends_with_its_standard_input(sampler: Process) -> None:
    to, _ = _streams(sampler.process)
    to.close()
    assert sampler.process.wait(timeout=10) == 0


@pytest.mark.skipif(Path("/dev/nvidiactl").exists(), reason="this machine has an NVIDIA GPU")
def test_where_there_is_no_driver_it_says_so_in_nvmls_words() -> None:
    found = find_spec("pynvml")
    assert found and found.origin
    told = Process(Path(found.origin).read_text()).told
    assert isinstance(told, dict) and "NVML Shared Library Not Found" in told["error"]


def _streams(process: "subprocess.Popen[str]") -> tuple[IO[str], IO[str]]:
    assert process.stdin and process.stdout
    return process.stdin, process.stdout


def test_an_idle_gpu_is_none_that_has_just_worked() -> None:
    """What was sampled before, and for a second more, may still show the work."""
    kept = [json.dumps([vars(Sample(0.0, 0, 90, 1))] * 40)]
    idle = [json.dumps([vars(Sample(1.0, 0, use, 1))] * 10) for use in (50, 3, 2)]
    sampler = Sampler(RecordedStreams(*kept, *idle), "exec-1", ("GPU 0",))
    assert [sample.utilisation for sample in sampler.take_idle()] == [3] * 10
