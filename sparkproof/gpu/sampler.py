"""Runs inside an executor's pod: samples its GPUs by NVML ten times a second, and gives what it has when asked.

The whole file is sent as the program text, so it imports nothing of Sparkproof. The first line of standard input is the
source of NVIDIA's pynvml as JSON, which a platform's image need not have; the reply names the GPUs, or says why there
are none. Each further line is answered with the samples since the last one.
"""

import json
import sys
import threading
import time
import types
from typing import Any

INTERVAL_S = 0.1


def nvml(source: str) -> Any:
    """The module pynvml, made of its source, with NVML at work."""
    module = sys.modules["pynvml"] = types.ModuleType("pynvml")
    exec(source, module.__dict__)
    module.nvmlInit()
    return module


def sample(library: Any, number: int, gpu: Any) -> dict[str, float]:
    """What one GPU does now: the share of the last moments in which it computed, in percent, and its bytes in use."""
    return {
        "at_s": time.monotonic(),
        "gpu": number,
        "utilisation": library.nvmlDeviceGetUtilizationRates(gpu).gpu,
        "memory": library.nvmlDeviceGetMemoryInfo(gpu).used,
    }


def reply(content: Any) -> None:
    print(json.dumps(content), flush=True)


try:
    library = nvml(json.loads(sys.stdin.readline()))
    gpus = [library.nvmlDeviceGetHandleByIndex(index) for index in range(library.nvmlDeviceGetCount())]
    names = [str(library.nvmlDeviceGetName(gpu)) for gpu in gpus]
except Exception as refused:  # whatever NVML or its absence says belongs to the caller
    reply({"error": f"{type(refused).__name__}: {refused}"})
    sys.exit()

taken: list[dict[str, float]] = []


def go_on() -> None:
    while True:
        time.sleep(INTERVAL_S)
        taken.extend(sample(library, number, gpu) for number, gpu in enumerate(gpus))


reply({"gpus": names})
threading.Thread(target=go_on, daemon=True).start()
for _ in sys.stdin:
    # Only this thread takes away, from the front; the other adds at the end.
    have = len(taken)
    reply(taken[:have])
    del taken[:have]
