"""The settings that RAPIDS knows, compared with those of a platform: a misspelt one would silently have no effect."""

import re
from collections.abc import Collection
from dataclasses import dataclass

from sparkproof.core import evidence
from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level
from sparkproof.spark.platform import Platform
from sparkproof.spark.session import Session

_RENDERED = re.compile(r"^\s*(spark\.rapids\.[\w.]+)", re.M)


@dataclass(frozen=True)
class RapidsSettings:
    """The names of the settings of one version of RAPIDS."""

    names: Collection[str]

    @classmethod
    def of(cls, session: Session) -> "RapidsSettings":
        """Read them from RAPIDS itself, in a session whose driver is the client's own process."""
        return cls(frozenset(session.rapids_settings()))

    def must_include_those_of(self, platform: Platform, preset: str) -> None:
        """Check that RAPIDS has each `spark.rapids` setting that the platform's chart renders with this preset."""
        rendered = sorted(set(_RENDERED.findall(platform.render([preset]))))
        if unknown := [name for name in rendered if name not in self.names]:
            raise CheckFailed(f"RAPIDS has no {', '.join(unknown)}, which the preset {preset} sets.")
        if not rendered:
            raise CheckFailed(f"The preset {preset} sets nothing for RAPIDS.")
        evidence.prove(Level.PLANNED, f"RAPIDS has all of {', '.join(rendered)}", settings=sorted(self.names))

    def must_not_include(self, name: str) -> None:
        """Check that RAPIDS has no setting of this name."""
        if name in self.names or not self.names:
            raise CheckFailed(f"RAPIDS has {name if self.names else 'no settings at all'}.")
        evidence.prove(Level.PLANNED, f"RAPIDS has no {name} among its {len(self.names)} settings")
