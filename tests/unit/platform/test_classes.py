"""Classes of platforms: every file is one, unknown names are refused with the nearest, and the schema is fresh."""

import jsonschema
import pytest
import yaml

from sparkproof.core.errors import UsageError
from sparkproof.platform import classes
from sparkproof.platform.classes import FOLDER, SCHEMA, PlatformClass, named


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.yaml")), ids=lambda path: path.stem)
def test_a_file_is_called_as_its_class_and_names_its_schema(path) -> None:  # type: ignore[no-untyped-def]
    found = PlatformClass.model_validate(yaml.safe_load(path.read_text()))
    assert path.stem == found.name.lower()
    assert path.read_text().startswith(f"# yaml-language-server: $schema={SCHEMA.name}\n")
    jsonschema.validate(yaml.safe_load(path.read_text()), PlatformClass.model_json_schema())


def test_the_schema_that_editors_use_is_fresh() -> None:
    assert SCHEMA.read_text() == classes.schema(), "run make docs"


def test_an_unknown_class_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(UsageError, match="no class of platforms 'lakehous'; did you mean a lakehouse platform"):
        named("lakehous")
    with pytest.raises(UsageError, match="known are GPU,"):
        named("xyz")


def test_a_chart_follows_the_series_of_spark() -> None:
    assert named("lakehouse").chart_of("3.5.8") == "spark-3.5"
    assert named("standalone").chart_of("4.1.0") == "spark-standalone"


def test_a_file_with_an_unknown_key_is_refused(tmp_path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "odd.yaml").write_text("name: odd\nchart: x\nsession: connect\npreset: [small]\n")
    monkeypatch.setattr(classes, "FOLDER", tmp_path)
    classes.classes.cache_clear()
    with pytest.raises(UsageError, match=r"odd.yaml describes no class of platforms: .*preset"):
        classes.classes()
    monkeypatch.undo()
    classes.classes.cache_clear()
