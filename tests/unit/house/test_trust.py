"""No program takes the certificate of just anybody: who answers in a server's place would get tokens and passwords."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
FOLDERS = ("bench", "charts", "docker", "examples", "scripts", "sparkproof", "steps")
ENDINGS = (".py", ".sh", ".tpl", ".yaml", ".go", ".toml", "Dockerfile")
_ANY = re.compile(
    r"_create_unverified|CERT_NONE|check_hostname\s*=\s*False|verify(_ssl)?\s*=\s*False|InsecureSkipVerify:\s*true"
    r"|insecure-skip-tls-verify|--no-check-certificate|sslmode=(disable|allow|prefer)|curl\s.*(\s-k\b|--insecure)"
)


def found(folder: Path) -> list[str]:
    """The places in the files below a folder where any certificate will do."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file() and path.name.endswith(ENDINGS))
    return [
        f"{path.relative_to(folder)}: {line.strip()}"
        for path in files
        for line in path.read_text(errors="replace").splitlines()
        if _ANY.search(line)
    ]


@pytest.mark.parametrize("folder", FOLDERS)
def test_no_program_takes_any_certificate(folder: str) -> None:
    assert found(ROOT / folder) == []


@pytest.mark.parametrize(
    "line",
    [
        "trust = ssl._create_unverified_context()",
        "context.verify_mode = ssl.CERT_NONE",
        "requests.get(url, verify=False)",
        "curl -s -k https://kubernetes.default.svc",
        "&tls.Config{InsecureSkipVerify: true}",
        "kubectl --insecure-skip-tls-verify get pods",
    ],
)
def test_a_program_that_takes_any_certificate_is_found(tmp_path: Path, line: str) -> None:
    (tmp_path / "program.py").write_text(f"import ssl\n{line}\n")
    assert found(tmp_path) == [f"program.py: {line}"]
