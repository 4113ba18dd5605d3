"""The contract of an environment: an absent promised capability fails a run, one not promised gives a remark."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from sparkproof.cluster import capabilities
from sparkproof.cluster.probes import Support
from sparkproof.core.errors import UsageError


class Contract(BaseModel):
    """An environment's name and the capabilities that it promises."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    environment: str
    promises: tuple[str, ...]

    def broken(self, supports: Mapping[str, Support]) -> list[str]:
        """Return one sentence for each promise that the cluster does not keep."""
        return [
            f"{self.environment} promises {name}, but {supports[name].reason}."
            for name in self.promises
            if not supports[name].enabled
        ]

    def remarks(self, supports: Mapping[str, Support]) -> list[str]:
        """Return one sentence for each capability that is there but not promised."""
        return [
            f"{self.environment} does not promise {name}, but {support.reason}."
            for name, support in supports.items()
            if support.enabled and name not in self.promises
        ]


def read(path: Path | None, expected: Sequence[str] = ()) -> Contract | None:
    """Return the contract of a file, with the `expected` capabilities added; None when neither is given.

    Raises UsageError with one sentence.
    """
    if path is None and not expected:
        return None
    contract = _from_file(path) if path else Contract(environment="the cluster", promises=())
    contract = contract.model_copy(update={"promises": (*contract.promises, *expected)})
    capabilities.check(contract.promises)
    return contract


def _from_file(path: Path) -> Contract:
    try:
        return Contract.model_validate(yaml.safe_load(path.read_text()))
    except OSError as missing:
        raise UsageError(f"The contract {path} cannot be read: {missing.strerror}.") from None
    except yaml.YAMLError as wrong:
        raise UsageError(f"The contract {path} is not YAML: {' '.join(str(wrong).split())}.") from None
    except ValidationError as wrong:
        first = wrong.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the file"
        raise UsageError(
            f"The contract {path} is not usable: {where}: {first['msg'].lower()}; it has an environment and promises."
        ) from None
