"""What a service account may do, asked from the API server itself."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sparkproof import evidence
from sparkproof.errors import CheckFailed
from sparkproof.evidence import Level
from sparkproof.kube import Kube


@dataclass(frozen=True)
class Account:
    """A service account of a namespace."""

    kube: Kube
    namespace: str
    name: str

    @property
    def user(self) -> str:
        """The name by which the API server knows the account."""
        return f"system:serviceaccount:{self.namespace}:{self.name}"

    def may(self, verb: str, resource: str) -> bool:
        """Whether the account may `verb` a `resource` ("pods", "pods/exec") of its namespace."""
        everyone = ("system:serviceaccounts", f"system:serviceaccounts:{self.namespace}", "system:authenticated")
        return self.kube.can_i(self.user, verb, resource, self.namespace, groups=everyone)

    def must_be_allowed(self, actions: Iterable[Mapping[str, str]]) -> None:
        """Check that each action ({"verb": ..., "resource": ...}) is allowed."""
        self._must(True, actions)

    def must_be_denied(self, actions: Iterable[Mapping[str, str]]) -> None:
        """Check that none of the actions is allowed."""
        self._must(False, actions)

    def _must(self, allowed: bool, actions: Iterable[Mapping[str, str]]) -> None:
        pairs = [(action["verb"], action["resource"]) for action in actions]
        asked = {f"{verb} {resource}": self.may(verb, resource) for verb, resource in pairs}
        wrong = [action for action, answer in asked.items() if answer is not allowed]
        if wrong:
            raise CheckFailed(f"{self.user} may {'not ' if allowed else ''}{', '.join(wrong)} in {self.namespace}.")
        may = "may" if allowed else "may not"
        evidence.prove(Level.ADMITTED, f"{self.user} {may} {', '.join(asked)}", access_reviews=asked)
