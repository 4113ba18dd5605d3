"""Projects whose scenarios fail, hang, print, and kill what runs them."""

from collections import Counter
from pathlib import Path

from tests.support.projects import ledger

STEPS = """
import ctypes, os, signal, subprocess, time
@step("it passes")
def passes(context):
    print("a line")
@step("it fails")
def fails(context):
    assert False, "2 rows came"
@step("it kills its worker")
def kills(context):
    os.kill(os.getpid(), signal.SIGKILL)
@step("it exits")
def exits(context):
    ctypes.CDLL(None)._exit(7)
@step("it takes {seconds:f} s")
def takes(context, seconds):
    context.add_cleanup(lambda: open("cleaned", "a").write(context.scenario.name + "\\n"))
    open("began", "a").write(context.scenario.name + "\\n")
    time.sleep(seconds)
@step("it hangs and does not let go")
def stuck(context):
    signal.signal(signal.SIGALRM, signal.SIG_IGN)
    time.sleep(60)
@step("a program says {word}")
def says(context, word):
    subprocess.run(["echo", word], check=True)
"""


def scenarios(*steps: str) -> str:
    return "Feature: F\n" + "".join(
        f"  Scenario: S{number}\n    Given it passes\n    Then {step}\n" for number, step in enumerate(steps)
    )


def outcomes(folder: Path) -> Counter[str]:
    lines = ledger(folder)
    assert len({line["id"] for line in lines}) == len(lines)
    assert all(line["reason"] for line in lines if line["outcome"] != "passed")
    return Counter(line["outcome"] for line in lines)
