"""What builds ask of other programs: from which pins, on which base, into which registry, and what they take back."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from sparkproof.build import buildah, debian, debian_image, host_packages, images, programs, unpacked, wheels
from sparkproof.build.debian_image import Debian
from sparkproof.build.host_packages import HostPackages
from sparkproof.core import process
from sparkproof.core.process import CommandFailed, Completed

SPARK = images.spark_recipe("4.1.1")


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPARKPROOF_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """The commands for buildah, none of which runs; a container is named "container"."""
    commands: list[tuple[str, ...]] = []

    def run(*arguments: str | Path, **_: object) -> Completed:
        commands.append(tuple(map(str, arguments)))
        return Completed((), 0, "container\n", "", 0.0)

    monkeypatch.setattr(buildah, "run", run)
    return commands


def noting(monkeypatch: pytest.MonkeyPatch, does: Callable[[list[Any]], object]) -> list[tuple[list[Any], Any]]:
    """Note the programs that are run, each with its folder and environment, in place of which `does` is called."""
    ran: list[tuple[list[Any], Any]] = []

    def run(argv: list[Any], *, timeout_s: float, cwd: Any = None, env: Mapping[str, str] | None = None) -> Completed:
        assert timeout_s
        ran.append((argv, (cwd, dict(env or {}))))
        does(argv)
        return Completed((), 0, "", "", 0.0)

    monkeypatch.setattr(process, "run", run)
    return ran


def test_a_program_is_built_from_the_pins_of_its_folder_and_of_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs, "go", lambda: "go")
    ran = noting(monkeypatch, lambda argv: argv[argv.index("-o") + 1].touch())
    program = programs.PROGRAMS["prometheus"]
    assert programs.build("prometheus").is_file()
    ((argv, (folder, env)),) = ran
    assert (argv[:2], argv[-1], folder) == (["go", "build"], program.package, program.folder)
    assert folder.name == "prometheus"
    assert {"-trimpath", "-buildvcs=false", "-mod=readonly"} <= set(argv)
    given = {name: argv[argv.index(name) + 1] for name in ("-tags", "-ldflags")}
    assert given == {"-tags": program.tags, "-ldflags": program.ldflags}
    assert program.tags
    assert env.items() >= {"GOTOOLCHAIN": "local", "GOWORK": "off", "CGO_ENABLED": "0"}.items()


def test_an_image_is_pushed_below_the_registrys_path_once_all_it_stands_on_is_built(
    asked: list[tuple[str, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    built: list[str] = []
    monkeypatch.setattr(debian, "install", lambda tools: built.extend(sorted(tools)))
    monkeypatch.setattr(images, "ensure_built", lambda recipe: built.append(recipe.version))
    pushed = images.push(SPARK, "registry.example/team")
    assert built == [*sorted(images.TOOLS), *(each.version for each in SPARK.chain)]
    assert pushed == f"registry.example/team/{SPARK.reference.removeprefix('localhost/')}"
    assert asked == [("push", "--quiet", SPARK.reference, f"docker://{pushed}")]


def test_a_build_has_its_own_base_and_the_settings_of_this_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    host = HostPackages(((tmp_path, "/run"),), {"APT_CONFIG": "/run/host/apt.conf"})
    monkeypatch.setattr(debian_image, "base", lambda suite: Debian(f"debian:{suite}", tmp_path / "sources.list"))
    monkeypatch.setattr(host_packages, "settings", lambda _run, sources: host if sources else None)
    for recipe in SPARK.chain:
        base = f"debian:{recipe.suite}" if isinstance(recipe.base, str) else recipe.base.reference  # type: ignore[union-attr]
        options = images._options(recipe, tmp_path)
        args = {each.removeprefix("--build-arg=") for each in options if each.startswith("--build-arg=")}
        own = {f"{name}={value}" for name, value in recipe.args.items()}
        assert args == {f"BASE_IMAGE={base}", "APT_CONFIG=/run/host/apt.conf", *own}
        assert f"--volume={tmp_path}:/run" in options
    assert len(SPARK.chain) > 1


def test_the_image_of_a_suite_is_tagged_and_an_earlier_ones_mirrors_are_forgotten(
    asked: list[tuple[str, ...]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(buildah, "exists", lambda _: False)
    kept = tmp_path / "cache" / "images" / "debian-bookworm"
    kept.mkdir(parents=True)
    (kept / "sources.list").write_text("deb http://mirror.of.long.ago bookworm main\n")
    base = debian_image.base("bookworm")
    assert base == Debian("localhost/sparkproof/debian:bookworm", None)
    short = "debian:bookworm-slim"
    assert asked == [("pull", "--quiet", short), ("tag", short, base.reference)]


def test_packages_from_pypi_are_those_of_the_hashes_and_follow_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pins = tmp_path / "pins.txt"
    pins.write_text("a==1 --hash=sha256:0\n")
    ran = noting(monkeypatch, lambda _: None)
    first = wheels.installed("a", pins, "a")
    assert wheels.installed("a", pins, "a") == first
    pins.write_text("a==2 --hash=sha256:1\n")
    assert wheels.installed("a", pins, "a") != first
    assert len(ran) == 2
    assert all({"--require-hashes", "--no-deps"} <= set(argv) for argv, _ in ran)


def test_only_the_packages_of_missing_tools_are_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    ran = noting(monkeypatch, lambda _: None)
    tools = {"sh": "dash", "no-such-tool": "absent", "no-such-other": "absent"}
    debian.install(tools)
    assert [argv for argv, _ in ran] == [
        ["apt-get", "--quiet", "install", "--yes", "--no-install-recommends", "absent"]
    ]
    debian.install({"sh": "dash"})
    assert len(ran) == 1


def test_buildah_has_a_store_and_mounts_of_its_own(tmp_path: Path) -> None:
    command = [*map(str, buildah.command("images"))]
    assert command[:3] == ["buildah", "--root", str(tmp_path / "cache" / "images" / "store")]
    assert (command[3], command[-1]) == ("--runroot", "images")
    assert command[4].startswith("/run/sparkproof/buildah-")


def test_a_container_that_an_image_is_unpacked_from_goes_and_no_build_runs_meanwhile(
    asked: list[tuple[str, ...]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []

    @contextmanager
    def alone() -> Iterator[None]:
        done.append("alone")
        yield
        done.append("others may build")

    def broken(*arguments: str | Path, **_: object) -> Completed:
        done.append(str(arguments[0]))
        if arguments[0] == "run":
            raise CommandFailed(Completed(("buildah", "run"), 1, "", "no space", 0.0), "exited with code 1")
        return Completed((), 0, "container\n", "", 0.0)

    monkeypatch.setattr(images, "ensure_chain_built", lambda _: None)
    monkeypatch.setattr(buildah, "alone", alone)
    found = unpacked.write(SPARK, tmp_path / "spark")
    assert found == {"JAVA_HOME": f"{tmp_path}/spark/java", "PYTHONPATH": f"{tmp_path}/spark/packages"}
    assert [each[0] for each in asked] == ["from", "run", "rm"]
    assert done == ["alone", "others may build"]
    monkeypatch.setattr(buildah, "run", broken)
    with pytest.raises(CommandFailed, match="no space"):
        unpacked.write(SPARK, tmp_path / "again")
    assert done[2:] == ["alone", "from", "run", "rm"]
    assert not (tmp_path / "again").exists()
