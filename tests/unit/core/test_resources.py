"""Each amount that a cluster lacks is named, GPUs as well as cores and memory."""

import pytest

from sparkproof.core.resources import Resources


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        (Resources(cpu=2, memory=2**31, gpus=1), ""),
        (Resources(cpu=2.5), "2.5 cores (there are 2 cores)"),
        (Resources(memory=3 * 2**30), "3 GiB of memory (there are 2 GiB of memory)"),
        (Resources(gpus=2), "2 GPUs (there are 1 GPUs)"),
        (Resources(cpu=3, gpus=2), "3 cores (there are 2 cores) and 2 GPUs (there are 1 GPUs)"),
    ],
)
def test_what_is_lacking_is_said_with_what_there_is(wanted: Resources, words: str) -> None:
    assert wanted.lacks(Resources(cpu=2, memory=2**31, gpus=1)) == words
