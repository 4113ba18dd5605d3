"""Runs in an executor's pod: samples its GPUs by NVML ten times a second, and returns the samples on request.

The whole file is sent as the program text, so it imports nothing of Sparkproof. The first line of standard input is the
source of NVIDIA's pynvml as JSON, so that a platform's image need not contain it. The reply names the GPUs, or says why
there are none. Each further line is answered with the samples since the previous line.
"""

import json
import sys
import threading
import time
import types
from typing import Any

INTERVAL_S = 0.1


def nvml(source: str) -> Any:
    """Load the module pynvml from its source and initialise NVML."""
    module = sys.modules["pynvml"] = types.ModuleType("pynvml")
    exec(source, module.__dict__)
    module.nvmlInit()
    return module


def sample(library: Any, number: int, gpu: Any) -> dict[str, float]:
    """Sample one GPU: the percentage of the last moments in which it computed, and its bytes in use."""
    return {
        "at_s": time.monotonic(),
        "gpu": number,
        "utilisation": library.nvmlDeviceGetUtilizationRates(gpu).gpu,
        "memory": library.nvmlDeviceGetMemoryInfo(gpu).used,
    }


def reply(content: Any) -> None:
    """Write one line of JSON."""
    print(json.dumps(content), flush=True)


try:
    library = nvml(json.loads(sys.stdin.readline()))
    gpus = [library.nvmlDeviceGetHandleByIndex(index) for index in range(library.nvmlDeviceGetCount())]
    names = [str(library.nvmlDeviceGetName(gpu)) for gpu in gpus]
except Exception as refused:  # the caller gets every error of NVML, or of its absence
    reply({"error": f"{type(refused).__name__}: {refused}"})
    sys.exit()

taken: list[dict[str, float]] = []


def keep_sampling() -> None:
    """Add a sample of each GPU to `taken`, forever."""
    while True:
        time.sleep(INTERVAL_S)
        taken.extend(sample(library, number, gpu) for number, gpu in enumerate(gpus))


reply({"gpus": names})
threading.Thread(target=keep_sampling, daemon=True).start()
for _ in sys.stdin:
    # Only this thread removes samples, at the front; the other thread adds them at the end.
    have = len(taken)
    reply(taken[:have])
    del taken[:have]
