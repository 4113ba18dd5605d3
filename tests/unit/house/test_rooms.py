"""Rooms import downwards only, few of them each; each contract of pyproject.toml is seen to fail in made-up rooms."""

import subprocess
import sys
import tomllib
from pathlib import Path

import grimp
import pytest
from grimp import ImportGraph

from tests.support import house

ROOT = Path(__file__).resolve().parents[3]
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
LAWS = {each["id"]: each for each in CONTRACTS if each["type"] == "forbidden"}
# One import for each contract that only this contract (or the floors as well) forbids.
FORBIDDEN = {
    "floors": ("core", "kube"),
    "components": ("spark", "platform"),
    "runner": ("run", "core.behind"),
    "embedded": ("suite", "embedded"),
}


@pytest.fixture(scope="module")
def graph() -> ImportGraph:
    return grimp.build_graph("sparkproof", cache_dir=None)


def test_there_are_few_rooms_and_few_arrows_between_them(graph: ImportGraph) -> None:
    assert len(house.rooms(graph)) <= house.ROOMS
    assert len(house.arrows(graph)) < house.ARROWS


def test_no_modules_import_each_other(graph: ImportGraph) -> None:
    assert house.circles(graph) == []


def test_a_law_names_every_room(graph: ImportGraph) -> None:
    rooms = house.rooms(graph)
    assert _named(LAWS["runner"]["forbidden_modules"]) == rooms - {"run", "core"}
    assert _named(LAWS["embedded"]["source_modules"]) == rooms - {"embedded", "cluster", "cli"}


def test_arrows_rooms_and_circles_are_counted() -> None:
    graph = ImportGraph()
    for module in ("house", "house.a", "house.a.one", "house.a.two", "house.b", "house.c"):
        graph.add_module(module)
    for importer, imported in (
        ("house.a.one", "house.b"),
        ("house.a.two", "house.b"),
        ("house.b", "house.c"),
        ("house.a.one", "house.a.two"),
    ):
        graph.add_import(importer=importer, imported=imported)
    assert house.rooms(graph, "house") == {"a", "b", "c"}
    assert house.arrows(graph, "house") == {("a", "b"), ("b", "c")}
    assert house.circles(graph) == []
    graph.add_import(importer="house.a.two", imported="house.a.one")
    assert house.circles(graph) == [["house.a.one", "house.a.two"]]


def test_rooms_without_imports_keep_every_contract(tmp_path: Path) -> None:
    linted = _lint(_empty_rooms(tmp_path))
    assert linted.returncode == 0, linted.stdout
    assert linted.stdout.count("KEPT") == len(CONTRACTS)


def test_each_contract_can_be_broken(tmp_path: Path) -> None:
    assert FORBIDDEN.keys() == {each["id"] for each in CONTRACTS}
    rooms = _empty_rooms(tmp_path)
    _write_import(rooms, "core.behind", "kube")
    for importer, imported in FORBIDDEN.values():
        _write_import(rooms, importer, imported)
    linted = _lint(rooms)
    assert linted.returncode == 1
    assert linted.stdout.count("BROKEN") == len(CONTRACTS), linted.stdout


def test_a_room_that_has_no_floor_is_found(tmp_path: Path) -> None:
    rooms = _empty_rooms(tmp_path)
    (rooms / "sparkproof" / "attic.py").touch()
    linted = _lint(rooms)
    assert linted.returncode == 1
    assert "attic" in linted.stdout


def _named(modules: list[str]) -> set[str]:
    return {module.removeprefix("sparkproof.") for module in modules}


def _empty_rooms(folder: Path) -> Path:
    """Write a house of the same rooms, with nothing in them, and our contracts."""
    (folder / "pyproject.toml").write_text((ROOT / "pyproject.toml").read_text())
    for room in (path for path in (ROOT / "sparkproof").iterdir() if path.suffix == ".py" or path.is_dir()):
        if room.name != "__pycache__":
            copy = folder / "sparkproof" / room.name
            (copy if room.is_dir() else copy.parent).mkdir(parents=True, exist_ok=True)
            (copy if room.suffix else copy / "__init__.py").touch()
    return folder


def _write_import(folder: Path, importer: str, imported: str) -> None:
    path = folder.joinpath("sparkproof", *importer.split("."))
    module = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    with module.open("a") as text:
        text.write(f"import sparkproof.{imported}\n")


def _lint(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache", "--no-logo"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60, check=False)
