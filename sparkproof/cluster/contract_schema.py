"""The JSON schema of contracts, by which an editor completes and checks examples/contracts."""

import json

from sparkproof.cluster.contract import Contract
from sparkproof.cluster.probes import PROBES
from sparkproof.core.examples import FOLDER

PATH = FOLDER / "contracts" / "contract.schema.json"


def text() -> str:
    """Return the schema of the model; promises can be made of the capabilities that have a probe."""
    schema = Contract.model_json_schema()
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["description"] = "What an environment promises to offer; see docs/verdict.md."
    schema["properties"]["promises"]["items"] = {"enum": sorted(PROBES)}
    return json.dumps(schema, indent=2) + "\n"
