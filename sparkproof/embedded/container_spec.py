"""The specification that every container on the node starts from: the runtime's own, and on few cores a word to Java.

A criterion's Spark lives for minutes, and on two cores much of that goes into compiling it well. With Java's first
compiler alone, 13 criteria of runs, submission and tables took 176 s instead of 259 s (`-j 2`, both on one machine).
Programs that calculate for long are slower by it, so a machine with more cores does without.
"""

import json
import os
from typing import Any

from sparkproof.core import process, timeouts
from sparkproof.embedded.boot import Boot
from sparkproof.embedded.layout import Layout

# On so many cores or fewer.
_FEW_CORES = 3
_JAVA = "JDK_JAVA_OPTIONS=-XX:TieredStopAtLevel=1"


def write(boot: Boot, places: Layout) -> None:
    """Write the specification to `places.container_spec`, where containerd's configuration looks for it."""
    printed = process.run([boot.debian_program("usr/bin/ctr"), "oci", "spec"], timeout_s=timeouts.TOOL).stdout
    places.container_spec.write_text(json.dumps(told(json.loads(printed), len(os.sched_getaffinity(0)))))


def told(specification: Any, cores: int) -> Any:
    """Return the runtime's specification with the variables of a machine with so many cores."""
    variables = [*specification["process"].get("env", []), *([_JAVA] if cores <= _FEW_CORES else [])]
    return {**specification, "process": {**specification["process"], "env": variables}}
