"""The settings that RAPIDS has, against those that a platform makes: a misspelt one would have no effect, silently."""

import re
from collections.abc import Collection
from dataclasses import dataclass

from sparkproof.core import evidence
from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level
from sparkproof.spark.platform import Platform
from sparkproof.spark.session import Session

_MADE = re.compile(r"^\s*(spark\.rapids\.[\w.]+)", re.M)


@dataclass(frozen=True)
class Settings:
    """The names of the settings that one version of RAPIDS has."""

    names: Collection[str]

    @classmethod
    def of(cls, session: Session) -> "Settings":
        """Ask RAPIDS itself, in a session whose driver is the client's own process."""
        return cls(frozenset(session.rapids_settings()))

    def must_include_those_of(self, platform: Platform, preset: str) -> None:
        """Check that each setting of RAPIDS that the release's chart makes with this preset is one of them."""
        made = sorted(set(_MADE.findall(platform.render([preset]))))
        if strange := [name for name in made if name not in self.names]:
            raise CheckFailed(f"RAPIDS has no {', '.join(strange)}, which the preset {preset} sets.")
        if not made:
            raise CheckFailed(f"The preset {preset} sets nothing of RAPIDS.")
        evidence.prove(Level.PLANNED, f"RAPIDS has all of {', '.join(made)}", settings=sorted(self.names))

    def must_not_include(self, name: str) -> None:
        """Check that RAPIDS has no setting of this name."""
        if name in self.names or not self.names:
            raise CheckFailed(f"RAPIDS has {name if self.names else 'no settings at all'}.")
        evidence.prove(Level.PLANNED, f"RAPIDS has no {name} among its {len(self.names)} settings")
