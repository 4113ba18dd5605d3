"""Writes the JSON schema of contracts, by which an editor completes and checks examples/contracts."""

import json
from pathlib import Path

from sparkproof.cluster.contract import Contract
from sparkproof.cluster.probes import PROBES
from sparkproof.core.examples import FOLDER

PATH = FOLDER / "contracts" / "contract.schema.json"


def text() -> str:
    """The schema of the model, with the capabilities that there are as the promises that can be made."""
    schema = Contract.model_json_schema()
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["description"] = "What an environment promises to offer; see docs/verdict.md."
    schema["properties"]["promises"]["items"] = {"enum": sorted(PROBES)}
    return json.dumps(schema, indent=2) + "\n"


def write(path: Path = PATH) -> None:
    """Write the schema."""
    path.write_text(text())


if __name__ == "__main__":
    write()
