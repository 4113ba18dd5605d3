"""A platform without Kubernetes: Spark's own processes on this machine, configured by a chart.

It is for machines with a GPU and no cluster. It needs Spark's jars, a JRE and helm, and listens on loopback only.
"""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from sparkproof.core import evidence, timeouts
from sparkproof.core.errors import Cause, SparkproofError
from sparkproof.core.spans import On
from sparkproof.core.wait import GaveUp, eventually
from sparkproof.kube.places import LOOPBACK, ThisMachine
from sparkproof.platform.machine import Machine
from sparkproof.spark.catalogs import Catalogs
from sparkproof.spark.history import UI_PORT, DriverRest
from sparkproof.spark.session import Client, Session
from sparkproof.spark.workloads import Workloads

_SERVER = "org.apache.spark.sql.connect.service.SparkConnectServer"
# The settings in a chart's configuration that are about pods, Services and their network, which are absent here.
_OF_PODS = re.compile(
    r"spark\.(kubernetes|dynamicAllocation|decommission|storage\.decommission)\..*"
    r"|spark\.(driver\.(host|bindAddress|port|blockManager\.port)|blockManager\.port|master|executor\.memoryOverhead)"
)
_DISCOVERY = "spark.executor.resource.gpu.discoveryScript"
_SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "gpu-discovery.sh"
_LAST_WORDS = 2000
# How Java begins the lines of a stack trace that say what went wrong.
_CAUSES = ("Caused by: ", "Exception in thread ")


@dataclass
class Processes:
    """Spark Connect, its executor and a client as processes, in a `folder` of their own.

    They end by `stop`, or when no process has the writing end of the pipe any more whose reading end is `lifeline`.
    The class has the parts of a platform's interface that do not need Kubernetes.
    """

    machine: Machine
    folder: Path
    lifeline: int
    _client: Client | None = field(default=None, repr=False)

    def start(self, manifests: str) -> None:
        """Start Spark as a chart's manifests configure it, and wait until it answers.

        Raises GaveUp, with the end of the server's log, after ending all processes.
        """
        self._lay_out()
        ports = {"connect": _free_port(), "ui": _free_port()}
        self._write_configuration(manifests, ports)
        program = [str(self.machine.spark_home / "bin" / "spark-submit"), "--class", _SERVER, "spark-internal"]
        with self._log.open("w") as log:
            server = subprocess.Popen(
                program,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                env={**os.environ, **self._variables},
                start_new_session=True,
            )
        # This process reads the pipe to its end, which comes when the last process of the run has ended in any way.
        watchman = subprocess.Popen(
            ["sh", "-c", f"cat >/dev/null; kill -s KILL -- -{server.pid}"], stdin=self.lifeline, start_new_session=True
        )
        self._state.write_text(json.dumps({**ports, "server": server.pid, "watchman": watchman.pid}))
        try:
            eventually(
                "the readiness of Spark Connect on this machine",
                lambda: _answers(ports["connect"]),
                bool,
                within_s=timeouts.POD_READY,
                on=On.PODS,
                unrecoverable=lambda _: self._unrecoverable(),
                explain=self.why,
            )
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End all processes and remove their folder; processes that have ended are fine."""
        self.close()
        for name in ("watchman", "server") if self._state.exists() else ():
            _end(self._known[name])
        shutil.rmtree(self.folder, ignore_errors=True)

    def close(self) -> None:
        """End the client's process; the platform stays."""
        if self._client is not None:
            self._client.close()
        self._client = None

    def open_session(self) -> Session:
        """Open a session as a user does."""
        if self._client is None:
            self._client = self._new_client()
        return Session.open(self._client)

    def open_session_apart(self) -> Session:
        """Open a session in a client process of its own."""
        return Session.open(self._new_client())

    def open_planner(self) -> Session:
        """Raise SparkproofError: planning needs the pod that applications are submitted from."""
        raise _no_kubernetes()

    def render(self, presets: Sequence[str] | None = None, values: Mapping[str, Any] | None = None) -> str:  # noqa: ARG002
        """Raise SparkproofError: a chart's manifests for pods do not describe these processes."""
        raise _no_kubernetes()

    @property
    def workloads(self) -> Workloads:
        """Raise SparkproofError: processes of one machine are no pods."""
        raise _no_kubernetes()

    @property
    def history(self) -> DriverRest:
        return DriverRest(ThisMachine(ports={UI_PORT: self._known["ui"]}))

    @property
    def catalogs(self) -> Catalogs:
        return Catalogs()

    @property
    def executor_places(self) -> list[ThisMachine]:
        """This machine, where the only executor runs."""
        return [ThisMachine(self._variables)]

    @property
    def discovery_script(self) -> str:
        """The path of the program that finds the executor's GPUs."""
        return str(self.folder / _SCRIPT.name)

    def why(self) -> Sequence[Cause]:
        """Return no causes: only the logs of the processes are known, and these are kept as evidence."""
        return ()

    def evidence(self) -> None:
        """Keep the ends of the logs of the server and its executors, and the last plans."""
        for log in (self._log, *self.folder.glob("spark/work/*/*/stderr")):
            evidence.attach(f"last words of {log.relative_to(self.folder)}", _last_words(log))
        self.history.evidence()

    def _new_client(self) -> Client:
        url = f"sc://{LOOPBACK}:{self._known['connect']}"
        place = ThisMachine({**self._variables, "SPARK_REMOTE": url})
        return Client(place, url, self._unrecoverable, self.why)

    def _lay_out(self) -> None:
        """Make the folders of the processes, with links to Spark and pyspark."""
        for name in ("warehouse", "conf", "local", "packages", "spark/work"):
            (self.folder / name).mkdir(parents=True)
        home = self.machine.spark_home.absolute()
        # Executors write into a folder of Spark's home, which may be read-only.
        for part in home.iterdir():
            if part.name != "work":
                (self.folder / "spark" / part.name).symlink_to(part)
        # PyPI's package has its jars inside; Apache's archive has the package in a folder beside them.
        apart = home / "python" / "pyspark"
        (self.folder / "packages" / "pyspark").symlink_to(apart if (apart / "sql").is_dir() else home)
        shutil.copy(_SCRIPT, self.discovery_script)
        Path(self.discovery_script).chmod(0o755)

    def _write_configuration(self, manifests: str, ports: Mapping[str, int]) -> None:
        files = _configuration(manifests)
        for name, text in files.items():
            (self.folder / "conf" / name).write_text(text)
        given = dict(line.split("=", 1) for line in files["spark-defaults.conf"].splitlines() if "=" in line)
        properties = self._properties(given, ports)
        text = "".join(f"{name}={value}\n" for name, value in sorted(properties.items()))
        (self.folder / "conf" / "spark-defaults.conf").write_text(text)

    def _properties(self, given: Mapping[str, str], ports: Mapping[str, int]) -> dict[str, str]:
        """Return a chart's properties without those about pods, for one executor on this machine."""
        kept = {name: value for name, value in given.items() if not _OF_PODS.fullmatch(name)}
        cores, memory = given["spark.executor.cores"], _mebibytes(given["spark.executor.memory"])
        own = {
            "spark.master": f"local-cluster[1,{cores},{memory}]",
            "spark.driver.host": LOOPBACK,
            "spark.driver.bindAddress": LOOPBACK,
            "spark.ui.port": str(ports["ui"]),
            "spark.connect.grpc.binding.address": LOOPBACK,
            "spark.connect.grpc.binding.port": str(ports["connect"]),
            "spark.local.dir": str(self.folder / "local"),
            **{
                name: f"file://{self.folder}/warehouse"
                for name in kept
                if re.fullmatch(r"spark\.sql\.catalog\.\w+\.warehouse", name)
            },
        }
        if _DISCOVERY in kept:
            amount = kept["spark.executor.resource.gpu.amount"]
            own |= {
                _DISCOVERY: self.discovery_script,
                "spark.worker.resource.gpu.amount": amount,
                "spark.worker.resource.gpu.discoveryScript": self.discovery_script,
            }
        return kept | own

    @property
    def _variables(self) -> dict[str, str]:
        return {
            "SPARK_HOME": str(self.folder / "spark"),
            "SPARK_CONF_DIR": str(self.folder / "conf"),
            "SPARK_LOCAL_IP": LOOPBACK,
            "SPARK_LOCAL_HOSTNAME": "localhost",
            "PYTHONPATH": os.pathsep.join(filter(None, (f"{self.folder}/packages", os.environ.get("PYTHONPATH")))),
        }

    @property
    def _log(self) -> Path:
        return self.folder / "server.log"

    @property
    def _state(self) -> Path:
        return self.folder / "processes.json"

    @property
    def _known(self) -> dict[str, int]:
        return dict(json.loads(self._state.read_text()))

    def _unrecoverable(self) -> str | None:
        if _runs(self._known["server"]):
            return None
        return f"Spark's server has ended: {_cause(self._log)}\n{_last_words(self._log)}"


def _no_kubernetes() -> SparkproofError:
    return SparkproofError("Processes of this machine have no Kubernetes, which this criterion needs.")


def _configuration(manifests: str) -> Mapping[str, str]:
    """Return the configuration files, by name, of the Connect server in these manifests."""
    for manifest in yaml.safe_load_all(manifests):
        data: Mapping[str, str] = (manifest or {}).get("data", {})
        if manifest and manifest["kind"] == "ConfigMap" and "spark.connect.grpc" in data.get("spark-defaults.conf", ""):
            return {name: text for name, text in data.items() if name.endswith((".conf", "fairscheduler.xml"))}
    raise SparkproofError("The chart renders no configuration of a Spark Connect server.")


def _mebibytes(memory: str) -> int:
    """Return Spark's "4g" or "512m" in MiB."""
    return int(memory[:-1]) * {"g": 1024, "m": 1}[memory[-1]]


def _free_port() -> int:
    with socket.create_server((LOOPBACK, 0)) as server:
        return int(server.getsockname()[1])


def _answers(port: int) -> bool:
    with suppress(OSError), socket.create_connection((LOOPBACK, port), timeout=timeouts.CONNECTION):
        return True
    return False


def _runs(pid: int) -> bool:
    """True if a process exists and has not ended; a zombie has ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def _end(pid: int) -> None:
    """End a process and its group, by SIGKILL if SIGTERM does not help."""
    for how in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(pid, how)
        with suppress(GaveUp):
            eventually(f"the end of process {pid}", lambda: _runs(pid), lambda runs: not runs, within_s=timeouts.TOOL)
            return


def _cause(log: Path) -> str:
    """Return the line of a log that names the innermost of the last exception's causes; without one, the last line."""
    lines = log.read_text(errors="replace").strip().splitlines() or ["it wrote nothing"]
    return next((line for line in reversed(lines) if line.startswith(_CAUSES)), lines[-1])


def _last_words(log: Path) -> str:
    return log.read_text(errors="replace").strip()[-_LAST_WORDS:]
