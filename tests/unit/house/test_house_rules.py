"""The habits of docs/architecture.md and CONTRIBUTING.md that a machine can check."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
STEP_FILES = sorted((ROOT / "steps").glob("*.py"))
SOURCES = sorted([*(ROOT / "sparkproof").rglob("*.py"), *STEP_FILES, ROOT / "environment.py"])


def tracked() -> Iterator[tuple[Path, str]]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, listed.split("\0")):
        try:
            yield Path(name), (ROOT / name).read_text()
        except (UnicodeDecodeError, FileNotFoundError, IsADirectoryError):
            continue


def functions(path: Path) -> list[ast.FunctionDef]:
    return [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.FunctionDef)]


@pytest.mark.parametrize("path", STEP_FILES, ids=lambda path: path.name)
def test_a_step_is_at_most_three_plain_statements(path: Path) -> None:
    for step in functions(path):
        assert len(step.body) <= 3, f"{step.name} has {len(step.body)} statements"
        branches = [node for node in ast.walk(step) if isinstance(node, ast.If | ast.For | ast.While | ast.Try)]
        assert not branches, f"{step.name} branches or loops"


@pytest.mark.parametrize("path", STEP_FILES, ids=lambda path: path.name)
def test_a_steps_name_is_its_phrase(path: Path) -> None:
    for step in functions(path):
        phrase = next(str(d.args[0].value) for d in step.decorator_list if isinstance(d, ast.Call))  # type: ignore[attr-defined]
        words = re.sub(r"\{[^}]*\}", " ", phrase).replace("'", "").lower()
        expected = "_".join(re.findall(r"[a-z0-9]+", words))
        assert step.name == expected, f"{path.name}: {step.name} should be {expected}"


@pytest.mark.parametrize("path", STEP_FILES, ids=lambda path: path.name)
def test_steps_speak_to_the_domain_only(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text())):
        names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        assert not {name.partition(".")[0] for name in names} & {"kubernetes", "subprocess", "time", "os"}


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_module_says_what_it_is_for(path: Path) -> None:
    assert (ast.get_docstring(ast.parse(path.read_text())) or "").strip(), "the module has no docstring"


def test_no_step_waits_by_sleeping() -> None:
    assert not [str(path) for path in STEP_FILES if "sleep" in path.read_text()]


def test_no_command_goes_through_a_shell() -> None:
    asked = "shell" + "=True"
    assert not [str(path) for path, text in tracked() if path.suffix == ".py" and asked in text]


def test_no_tracked_file_names_a_registry_or_a_machine() -> None:
    hosts = r"https?://[a-z0-9.-]*(?:py" + r"pi|pythonhosted|golang|maven|npm" + r"js|crates|debian)[a-z0-9.-]*"
    private = r"(?:^|[\s\"'=(])/(?:wo" + r"rk|ro" + r"ot)/"
    wrong = [str(path) for path, text in tracked() if re.search(hosts, text) or re.search(private, text, re.M)]
    assert not wrong


def test_every_scenario_title_is_its_own() -> None:
    titles = [
        (path.relative_to(ROOT), line.strip())
        for path in (ROOT / "features").rglob("*.feature")
        for line in path.read_text().splitlines()
        if re.match(r"\s*Scenario( Outline)?:", line)
    ]
    names = [title for _, title in titles]
    assert len(names) == len(set(names)), sorted(name for name in names if names.count(name) > 1)


@pytest.mark.parametrize(
    "path",
    [path for folder in ("cluster", "sabotage") for path in sorted((ROOT / "tests" / folder).rglob("test_*.py"))],
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_what_needs_a_cluster_is_marked(path: Path) -> None:
    """Pytest keeps a module's last `pytestmark` only, and one in a program's text is none."""
    assert_marked(path.read_text())


def test_a_mark_that_is_lost_is_found() -> None:
    mark = "pytestmark = pytest.mark.trouble\n"
    assert_marked(mark)
    for lost in ("", f'PROGRAM = """\n{mark}"""\n', f"{mark}pytestmark = pytest.mark.skipif(True)\n"):
        with pytest.raises(AssertionError):
            assert_marked(lost)


def assert_marked(text: str) -> None:
    given = [
        ast.unparse(node.value)
        for node in ast.parse(text).body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "pytestmark"
    ]
    assert len(given) == 1
    assert re.search(r"pytest\.mark\.(cluster|trouble|sabotage)\b", given[0])
