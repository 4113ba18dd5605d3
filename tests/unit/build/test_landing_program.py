"""The program of the ingest: what it counts, whom it tells, what it loads once, and what it moves.

pyarrow and pyspark are in Spark's image and not here, so stand-ins pass on what the program asks them.
"""

# Longer than 300 lines: stand-ins for the store and for Spark stand beside the tests that use them.

import json
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from tests.support import loopback, programs

FOLDER, DONE = "lakehouse/landing", "lakehouse/landed"
AT = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass
class Selector:
    base_dir: str
    recursive: bool = False
    allow_not_found: bool = False


@dataclass
class Store:
    """A store with these objects, by path, each with the moment at which it came; `silent` is what it raises."""

    objects: dict[str, datetime] = field(default_factory=dict)
    silent: OSError | None = None
    buckets: Sequence[str] = ("lakehouse",)
    moved: list[tuple[str, str]] = field(default_factory=list)

    def get_file_info(self, asked: Any) -> Any:
        if self.silent:
            raise self.silent
        if isinstance(asked, str):
            kind = "file" if asked in self.objects else "folder" if asked in self.buckets else "nothing"
            return SimpleNamespace(path=asked, type=kind, mtime=self.objects.get(asked))
        assert asked.recursive
        assert asked.allow_not_found
        below = {path: at for path, at in self.objects.items() if path.startswith(f"{asked.base_dir}/")}
        folders = [SimpleNamespace(path=f"{asked.base_dir}/deep.json", type="folder", mtime=None)] if below else []
        return folders + [SimpleNamespace(path=path, type="file", mtime=at) for path, at in below.items()]

    def move(self, path: str, to: str) -> None:
        self.moved.append((path, to))
        self.objects[to] = self.objects.pop(path)


@pytest.fixture(autouse=True)
def pyarrow(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("pyarrow.fs")
    kinds = SimpleNamespace(File="file", Directory="folder", NotFound="nothing")
    module.__dict__.update(FileSelector=Selector, FileType=kinds)
    monkeypatch.setitem(sys.modules, "pyarrow", ModuleType("pyarrow"))
    monkeypatch.setitem(sys.modules, "pyarrow.fs", module)


@pytest.fixture
def program() -> Any:
    return programs.program("spark/landing.py")


def landed(*names: str, later_s: int = 0) -> dict[str, datetime]:
    return {f"{FOLDER}/{name}": AT + timedelta(seconds=later_s) for name in names}


def test_objects_are_found_in_the_order_in_which_they_landed(program: Any) -> None:
    store = Store({**landed("b.json", later_s=1), **landed("c.json", "of/2026-01-01/a.json")})
    found = program.landed(store, FOLDER)
    assert [each.path.removeprefix(f"{FOLDER}/") for each in found] == ["c.json", "of/2026-01-01/a.json", "b.json"]
    assert found[0].url == "s3a://lakehouse/landing/c.json"
    assert found[0].source == "lakehouse/landing/c.json@2026-01-01T00:00:00.000+00:00"
    assert program.landed(Store(), FOLDER) == []


@pytest.mark.parametrize(
    "name", ["a.csv", "a.json.partial", "_a.json", ".a.json", "of/_b/a.json", "a b.json", "a*.json"]
)
def test_what_spark_would_not_read_by_its_name_is_nobodys(program: Any, name: str) -> None:
    assert program.landed(Store(landed(name)), FOLDER) == []


@pytest.mark.parametrize(
    ("store", "reason"),
    [
        (Store(silent=OSError("NETWORK_CONNECTION")), "does not say what has landed: NETWORK_CONNECTION"),
        (Store(buckets=()), "it has no bucket lakehouse"),
    ],
    ids=["a store that is away", "no bucket"],
)
def test_a_store_that_does_not_say_is_not_empty(program: Any, store: Store, reason: str) -> None:
    with pytest.raises(program.Unknown, match=reason):
        program.landed(store, FOLDER)
    counter = program.Counter(lambda: len(program.landed(store, FOLDER)), "key")
    status, body = counter.answer("/", "Bearer key")
    assert status == 503
    assert reason in body["reason"]
    assert "objects" not in body


def test_the_number_is_told_to_who_has_the_key_only(program: Any) -> None:
    counter = program.Counter(lambda: 3, "key")
    for brought, reason in {
        None: "for who brings the key",
        "": "for who brings the key",
        "Bearer": "for who brings the key",
        "Bearer another": "not the key",
        "Bearer ke": "not the key",
        "Basic key": "not the key",
        "Bearer k\N{LATIN SMALL LETTER E WITH ACUTE}y": "not the key",
    }.items():
        status, body = counter.answer("/", brought)
        assert (status, list(body)) == (401, ["reason"])
        assert reason in body["reason"]
    assert counter.answer("/", "Bearer key") == (200, {"objects": 3, "asked": 1})
    assert counter.answer("/", "bearer key") == (200, {"objects": 3, "asked": 2})
    assert counter.answer("/health", None) == (200, {})
    assert counter.answer("/other", "Bearer key")[0] == 404
    assert counter.asked == 2


@pytest.fixture
def address(program: Any) -> Iterator[str]:
    with loopback.serving(program.server(program.Counter(lambda: 3, "key"), 0)) as served:
        yield f"{served}/"


def test_it_is_told_over_http(address: str) -> None:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    asked = urllib.request.Request(address, headers={"Authorization": "Bearer key"})
    with opener.open(asked, timeout=10) as answer:
        assert json.load(answer) == {"objects": 3, "asked": 1}
    with pytest.raises(urllib.error.HTTPError) as refused:
        opener.open(address, timeout=10)
    assert refused.value.code == 401
    assert refused.value.headers["WWW-Authenticate"] == "Bearer"
    assert "brings the key" in json.load(refused.value)["reason"]


def test_an_ingest_moves_what_it_has_loaded(program: Any) -> None:
    store, loaded = Store(landed("a.json", "of/b.json")), list[str]()

    def load(objects: Any) -> int:
        assert store.moved == []
        loaded.extend(each.path for each in objects)
        return 1

    said = program.ingest(store, FOLDER, DONE, load)
    assert loaded == [f"{FOLDER}/a.json", f"{FOLDER}/of/b.json"]
    assert sorted(store.objects) == [f"{DONE}/a.json", f"{DONE}/of/b.json"]
    assert said == "The rows of 1 objects were loaded, of 1 they were there."


def test_what_fails_to_load_stays(program: Any) -> None:
    store = Store(landed("a.json"))

    def load(_: Any) -> int:
        raise RuntimeError("no")

    with pytest.raises(RuntimeError):
        program.ingest(store, FOLDER, DONE, load)
    assert store.objects == landed("a.json")


def test_without_objects_nothing_is_asked_of_spark(program: Any) -> None:
    assert program.ingest(Store(), FOLDER, DONE, lambda _: pytest.fail("it was asked")) == "Nothing has landed."


def test_an_ingest_takes_so_many_objects_at_once(program: Any) -> None:
    program.AT_ONCE = 2
    store = Store(landed("a.json", "b.json", "c.json"))
    assert "of 2 objects" in program.ingest(store, FOLDER, DONE, len)
    assert list(program.landed(store, FOLDER)) == [program.Landed(f"{FOLDER}/c.json", AT)]


def test_an_object_that_was_replaced_meanwhile_stays_and_one_that_is_gone_is_no_fault(program: Any) -> None:
    store = Store(landed("gone.json", "new.json", "old.json"))

    def load(objects: Any) -> int:
        del store.objects[f"{FOLDER}/gone.json"]
        # The rest of a second tells nothing: a store gives it in its lists only.
        store.objects.update({f"{FOLDER}/old.json": AT + timedelta(milliseconds=900), **landed("new.json", later_s=1)})
        return len(objects)

    assert f"{FOLDER}/new.json was replaced meanwhile" in program.ingest(store, FOLDER, DONE, load)
    assert store.moved == [(f"{FOLDER}/old.json", f"{DONE}/old.json")]


class Column(SimpleNamespace):
    """A column as the program builds it, by what was called."""

    def isin(self, values: Any) -> "Column":
        return Column(asked=values)

    def cast(self, _: str) -> "Column":
        return self

    def alias(self, name: str) -> "Column":
        return Column(named=name, of=self)


@dataclass
class Spark:
    """A server whose table has rows of these sources, and what was read and appended."""

    sources: Sequence[str] = ()
    columns: Sequence[str] = ("order_id", "source_object")
    read_: list[Any] = field(default_factory=list)
    appended: list[Any] = field(default_factory=list)

    def table(self, _: str) -> Any:
        def where(column: Column) -> Any:
            rows = [(source,) for source in self.sources if source in column.asked]
            chosen = SimpleNamespace(distinct=lambda: SimpleNamespace(collect=lambda: rows))
            return SimpleNamespace(select=lambda _: chosen)

        schema = [SimpleNamespace(name=name) for name in self.columns]
        return SimpleNamespace(columns=list(self.columns), schema=schema, where=where)

    @property
    def read(self) -> Any:
        def schema(fields: Any) -> Any:
            def option(name: str, value: str) -> Any:
                def load(urls: Any) -> Any:
                    self.read_.append(([each.name for each in fields], name, value, urls))
                    return SimpleNamespace(select=select)

                return SimpleNamespace(json=load)

            return SimpleNamespace(option=option)

        def select(every: str, source: Column) -> Any:
            assert every == "*"
            return SimpleNamespace(
                writeTo=lambda name: SimpleNamespace(append=lambda: self.appended.append((name, source)))
            )

        return SimpleNamespace(schema=schema)


@pytest.fixture(autouse=True)
def pyspark(monkeypatch: pytest.MonkeyPatch) -> None:
    def call(name: str) -> Any:
        return lambda *arguments: Column(call=name, arguments=arguments)

    functions, types = ModuleType("pyspark.sql.functions"), ModuleType("pyspark.sql.types")
    for name in ("col", "lit", "from_json", "element_at", "raise_error", "concat", "coalesce"):
        setattr(functions, name, call(name))
    types.__dict__["StructType"] = list
    sql = ModuleType("pyspark.sql")
    sql.__dict__["functions"] = functions
    for name, module in {
        "": ModuleType("pyspark"),
        ".sql": sql,
        ".sql.functions": functions,
        ".sql.types": types,
    }.items():
        monkeypatch.setitem(sys.modules, f"pyspark{name}", module)


def test_rows_are_appended_once_each_with_its_source(program: Any) -> None:
    spark, objects = Spark(), [program.Landed(f"{FOLDER}/{name}.json", AT) for name in "ab"]
    assert program.load(spark, "lake.shop.orders", objects) == 2
    assert spark.read_ == [(["order_id"], "mode", "FAILFAST", [each.url for each in objects])]
    ((table, source),) = spark.appended
    assert (table, source.named) == ("lake.shop.orders", "source_object")
    named, otherwise = source.of.arguments
    assert otherwise.call == "raise_error", "a row of no known object would be loaded twice"
    sources = json.loads(named.arguments[0].arguments[0].arguments[0])
    assert sources == {each.url: each.source for each in objects}


def test_what_was_committed_before_is_not_loaded_again(program: Any) -> None:
    old, new = (program.Landed(f"{FOLDER}/{name}.json", AT) for name in "ab")
    spark = Spark(sources=[old.source])
    assert program.load(spark, "t", [old, new]) == 1
    assert spark.read_[0][-1] == [new.url]
    spark = Spark(sources=[old.source, new.source])
    assert program.load(spark, "t", [old, new]) == 0
    assert (spark.read_, spark.appended) == ([], [])


def test_an_object_of_the_same_name_that_lands_later_is_another(program: Any) -> None:
    first, later = (program.Landed(f"{FOLDER}/a.json", AT + timedelta(days=days)) for days in (0, 1))
    assert program.load(Spark(sources=[first.source]), "t", [later]) == 1


def test_a_table_that_cannot_say_what_was_loaded_gets_nothing(program: Any) -> None:
    spark = Spark(columns=["order_id"])
    with pytest.raises(SystemExit, match="t cannot say which rows were loaded: add a column source_object STRING"):
        program.load(spark, "t", [program.Landed(f"{FOLDER}/a.json", AT)])
    assert spark.appended == []


def test_a_word_that_it_does_not_know_is_refused(program: Any) -> None:
    for verb in ((), ("count",)):
        with pytest.raises(SystemExit, match="Say what to do: serve or ingest"):
            program.main(*verb)
