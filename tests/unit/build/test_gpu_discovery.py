"""The discovery script tells Spark which GPUs a container has, whoever made them, from what each machine shows."""

import json
import subprocess
from pathlib import Path

import pytest

from sparkproof.build.recipes import DOCKER

SCRIPT = DOCKER.parent / "scripts" / "gpu-discovery.sh"
AMD, INTEL, ASPEED = "0x1002", "0x8086", "0x1a03"
# What nvidia-smi 5xx prints for --query-gpu=index --format=csv,noheader, and when there is no driver.
TWO_NVIDIA = "0\n1"
NO_DRIVER = (
    "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver. "
    "Make sure that the latest NVIDIA driver is installed and running."
)
NO_DEVICES = "No devices were found"


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """The root of a machine without any GPU, with only a shell's own programs on its PATH."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "cat").symlink_to("/bin/cat")
    return tmp_path


def has_nvidia_smi(machine: Path, printed: str, exit_code: int) -> None:
    program = machine / "bin" / "nvidia-smi"
    program.write_text(f"#!/bin/bash\ncat <<'END'\n{printed}\nEND\nexit {exit_code}\n")
    program.chmod(0o755)


def has_cards(machine: Path, *vendors: str, given: int | None = None) -> None:
    """Cards as sysfs shows them, all of the machine's; a container was given the render nodes of the first `given`."""
    (machine / "dev" / "dri").mkdir(parents=True)
    for number, vendor in enumerate(vendors):
        device = machine / "sys" / "class" / "drm" / f"renderD{128 + number}" / "device"
        device.mkdir(parents=True)
        (device / "vendor").write_text(f"{vendor}\n")
        if given is None or number < given:
            (machine / "dev" / "dri" / f"renderD{128 + number}").touch()


def discover(machine: Path) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": str(machine / "bin")}
    command = ["/bin/bash", str(SCRIPT), str(machine)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def must_be(found: subprocess.CompletedProcess[str], vendor: str, addresses: list[str]) -> None:
    assert found.returncode == 0, found.stderr
    assert json.loads(found.stdout) == {"name": "gpu", "addresses": addresses}
    assert found.stderr == f"gpu-discovery: {vendor}: {len(addresses)}\n"


def test_nvidias_are_those_that_nvidia_smi_lists(machine: Path) -> None:
    has_nvidia_smi(machine, TWO_NVIDIA, 0)
    must_be(discover(machine), "NVIDIA", ["0", "1"])


def test_nvidias_go_before_the_graphics_of_the_processor(machine: Path) -> None:
    has_nvidia_smi(machine, "0", 0)
    has_cards(machine, INTEL)
    must_be(discover(machine), "NVIDIA", ["0"])


def test_amds_are_counted_from_nought(machine: Path) -> None:
    has_cards(machine, ASPEED, AMD, AMD)
    must_be(discover(machine), "AMD", ["0", "1"])


def test_intels_are_counted_from_nought(machine: Path) -> None:
    has_cards(machine, INTEL)
    must_be(discover(machine), "Intel", ["0"])


def test_a_card_of_the_machine_that_the_container_was_not_given_is_not_counted(machine: Path) -> None:
    has_cards(machine, AMD, AMD, AMD, given=1)
    must_be(discover(machine), "AMD", ["0"])


@pytest.mark.parametrize(("printed", "exit_code"), [(NO_DRIVER, 9), (NO_DEVICES, 6), (NO_DEVICES, 0)])
def test_an_nvidia_smi_that_finds_none_leaves_the_others(machine: Path, printed: str, exit_code: int) -> None:
    has_nvidia_smi(machine, printed, exit_code)
    has_cards(machine, AMD)
    must_be(discover(machine), "AMD", ["0"])


def test_without_a_gpu_it_fails_with_a_sentence(machine: Path) -> None:
    has_cards(machine, ASPEED)
    found = discover(machine)
    assert (found.returncode, found.stdout) == (1, "")
    assert found.stderr.startswith("gpu-discovery: no GPU: there is no nvidia-smi, and no render node")


def test_without_a_gpu_it_says_what_nvidia_smi_said(machine: Path) -> None:
    has_nvidia_smi(machine, NO_DRIVER, 9)
    found = discover(machine)
    assert (found.returncode, found.stdout) == (1, "")
    assert NO_DRIVER in found.stderr
