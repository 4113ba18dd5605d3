"""The schema of contracts follows from the model, and every example names it and fits it."""

import json
from pathlib import Path

import jsonschema
import pytest
import yaml

from sparkproof.cluster import contract_schema

EXAMPLES = sorted(contract_schema.PATH.parent.glob("*.yaml"))


def test_the_schema_is_up_to_date() -> None:
    assert contract_schema.PATH.read_text() == contract_schema.text(), "run `make fix`"


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_an_example_names_the_schema_and_fits_it(path: Path) -> None:
    assert path.read_text().startswith(f"# yaml-language-server: $schema={contract_schema.PATH.name}\n")
    jsonschema.validate(yaml.safe_load(path.read_text()), json.loads(contract_schema.text()))


@pytest.mark.parametrize(
    "wrong",
    [
        {"environment": "x", "promises": ["storages"]},
        {"environment": "x", "promises": [], "promise": []},
        {"promises": []},
    ],
)
def test_a_misspelt_contract_does_not_fit(wrong: dict[str, object]) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(wrong, json.loads(contract_schema.text()))
