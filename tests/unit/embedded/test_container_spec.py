"""What every container on the node starts from: all that the runtime says, and a word to Java on few cores."""

import pytest

from sparkproof.embedded import container_spec

RUNTIMES = {"ociVersion": "1.0.2", "process": {"cwd": "/", "env": ["A=1"]}, "linux": {"namespaces": []}}


@pytest.mark.parametrize(("cores", "words"), [(2, 1), (3, 1), (4, 0)])
def test_java_is_told_to_compile_quickly_on_few_cores(cores: int, words: int) -> None:
    told = container_spec.told(RUNTIMES, cores)
    assert told["process"]["env"] == ["A=1", *["JDK_JAVA_OPTIONS=-XX:TieredStopAtLevel=1"] * words]
    assert {**told, "process": {**told["process"], "env": ["A=1"]}} == RUNTIMES


def test_a_runtime_that_says_nothing_of_variables_is_told_as_well() -> None:
    assert len(container_spec.told({"process": {}}, 1)["process"]["env"]) == 1
