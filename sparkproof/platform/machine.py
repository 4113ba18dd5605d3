"""This machine instead of a cluster: its Spark, its GPUs and its capacity."""

import os
import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from sparkproof.cluster.probes import Support
from sparkproof.core.errors import UsageError
from sparkproof.core.resources import Resources


@dataclass(frozen=True)
class Machine:
    """This machine instead of a cluster, with the Spark in the folder `spark_home`."""

    spark_home: Path

    @cached_property
    def spark_version(self) -> str:
        """The version of Spark's jars; raises UsageError when there are none."""
        jars = self.spark_home / "jars"
        found = [re.fullmatch(r"spark-core_[\d.]+-(.+)\.jar", path.name) for path in jars.glob("spark-core_*.jar")]
        if not (version := next(filter(None, found), None)):
            raise UsageError(f"There is no Spark in {self.spark_home}: name its folder with -D spark_home=FOLDER.")
        return version[1]

    def support(self, capability: str) -> Support:
        """Return this machine's support for a capability; only "gpu" can be there, all others need a cluster."""
        if capability != "gpu":
            return Support(False, "processes of one machine have no Kubernetes: name a cluster by -D cluster=")
        gpus, words = self._gpus
        if gpus:
            return Support(True, f"this machine has {', '.join(gpus)}")
        return Support(False, f"this machine has no NVIDIA GPU: {words}")

    def lack(self, spark_version: str) -> str:
        """Return why a platform of this version of Spark cannot run here; "" if it can."""
        own = self.spark_version
        return "" if own == spark_version else f"the Spark in {self.spark_home} is {own}: name another -D spark_home="

    def capacity(self) -> Resources:
        """Return the cores, bytes of memory and GPUs of this machine, all of which scenarios may reserve."""
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
        return Resources(cpu=os.cpu_count() or 1, memory=memory, gpus=len(self._gpus[0]))

    @cached_property
    def _gpus(self) -> tuple[Collection[str], str]:
        """The names of this machine's NVIDIA GPUs, and NVML's message in case there are none."""
        import pynvml

        try:
            pynvml.nvmlInit()
            handles = map(pynvml.nvmlDeviceGetHandleByIndex, range(pynvml.nvmlDeviceGetCount()))
            return [str(pynvml.nvmlDeviceGetName(handle)) for handle in handles], "NVML counts none"
        except pynvml.NVMLError as refused:
            return [], f"NVML says {refused}"
