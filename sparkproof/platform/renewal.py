"""Renewal of keys: another Secret, with other values, takes the place of the one that a release's values name."""

from collections.abc import Mapping
from dataclasses import dataclass

from sparkproof.core.errors import CheckFailed, SparkproofError
from sparkproof.platform.release import Release, elsewhere
from sparkproof.platform.spec import secrets

OF_STORE, OF_DATABASES = "objectStore", "postgres"


@dataclass(frozen=True)
class Renewal:
    """A release whose Secret was renewed, and the values `before` by their names in it."""

    release: Release
    before: Mapping[str, str]

    @classmethod
    def of(cls, release: Release, part: str) -> "Renewal":
        """Renew the Secret of a part of the values, OF_STORE or OF_DATABASES, by an upgrade; the sessions end.

        Raises SparkproofError where the release uses no Secret of the name that the presets give it; CheckFailed where
        it takes its keys from that one still, or the values stay the same.
        """
        name = {OF_STORE: "object-store", OF_DATABASES: "postgres"}[part]
        new = f"{name}-renewed"
        keys = secrets(release.render()).get(name)
        if not keys:
            raise SparkproofError(f"The platform uses no Secret {name} that could be renewed.")
        before = {key: release.team.secret(name, key) for key in sorted(keys)}
        release.close()
        renewed = elsewhere(release, release.team, {part: {"existingSecret": new}})
        if name in (used := secrets(renewed.render())) or new not in used:
            raise CheckFailed(f"The values name {new}, and programs take their keys from {', '.join(sorted(used))}.")
        renewed.install()
        if kept := [key for key, value in before.items() if release.team.secret(new, key) == value]:
            raise CheckFailed(f"The renewed Secret has the same values as before: {', '.join(kept)}.")
        return cls(renewed, before)
