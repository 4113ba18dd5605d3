"""Writes images that hold nothing but single static programs, as one archive that containerd imports."""

import hashlib
import io
import json
import platform
import tarfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}


@dataclass(frozen=True)
class ScratchImage:
    """An image of one program in /usr/local/bin, run by default, and further names under which it is found."""

    reference: str
    program: Path
    links: Sequence[str] = field(default=())


def architecture() -> str:
    """Return this kind of machine as images and Kubernetes' archives name it: "amd64", "arm64"."""
    return _ARCHITECTURES.get(platform.machine(), platform.machine())


def write_archive(images: Sequence[ScratchImage], archive: Path) -> None:
    """Write `images` to `archive` in the format of `docker save`; equal programs give equal bytes."""
    manifest = []
    with tarfile.open(archive, "w", format=tarfile.GNU_FORMAT) as tar:
        for image in images:
            layer = _layer(image)
            layer_digest = hashlib.sha256(layer).hexdigest()
            config = json.dumps(_config(image, layer_digest)).encode()
            config_digest = hashlib.sha256(config).hexdigest()
            _add(tar, f"{layer_digest}.tar", layer)
            _add(tar, f"{config_digest}.json", config)
            manifest.append(
                {
                    "Config": f"{config_digest}.json",
                    "RepoTags": [image.reference],
                    "Layers": [f"{layer_digest}.tar"],
                }
            )
        _add(tar, "manifest.json", json.dumps(manifest).encode())


def _layer(image: ScratchImage) -> bytes:
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w", format=tarfile.GNU_FORMAT) as tar:
        _add(tar, f"usr/local/bin/{image.program.name}", image.program.read_bytes(), mode=0o755)
        for link in image.links:
            entry = tarfile.TarInfo(link)
            entry.type, entry.linkname = tarfile.SYMTYPE, f"/usr/local/bin/{image.program.name}"
            tar.addfile(entry)
    return content.getvalue()


def _config(image: ScratchImage, layer_digest: str) -> Mapping[str, object]:
    return {
        "architecture": architecture(),
        "os": "linux",
        "config": {
            "Env": ["PATH=/usr/local/bin:/bin"],
            "Entrypoint": [f"/usr/local/bin/{image.program.name}"],
        },
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{layer_digest}"]},
    }


def _add(tar: tarfile.TarFile, name: str, content: bytes, mode: int = 0o644) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(content), mode
    tar.addfile(entry, io.BytesIO(content))
