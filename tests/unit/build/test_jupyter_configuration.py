"""JupyterLab's configuration: a token, and nothing that would let pages of others use it."""

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import pytest

from sparkproof.build.recipes import DOCKER

FILE = DOCKER / "jupyter" / "jupyter_server_config.py"


def settings(monkeypatch: pytest.MonkeyPatch, text: str = "", **variables: str) -> Mapping[str, Any]:
    """What the configuration, with some `text` at its end, says with these variables: "ServerApp.port" and others."""
    given = SimpleNamespace(IdentityProvider=SimpleNamespace(), ServerApp=SimpleNamespace())
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    exec(compile(FILE.read_text() + text, str(FILE), "exec"), {"get_config": lambda: given})
    return {f"{of}.{name}": value for of, own in vars(given).items() for name, value in vars(own).items()}


# With another origin, without its check of requests or as root, a page of somebody else could run a user's programs.
NEEDED = {
    "IdentityProvider.token": "secret",
    "ServerApp.ip": "0.0.0.0",
    "ServerApp.port": 8888,
    "ServerApp.open_browser": False,
}


def test_it_asks_for_the_token_and_opens_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert settings(monkeypatch, JUPYTER_TOKEN="secret") == NEEDED


def test_what_opens_it_to_pages_of_others_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    open_to_all = '\nc.ServerApp.allow_origin = "*"\nc.ServerApp.disable_check_xsrf = True\n'
    more = settings(monkeypatch, open_to_all, JUPYTER_TOKEN="secret").keys() - NEEDED.keys()
    assert more == {"ServerApp.allow_origin", "ServerApp.disable_check_xsrf"}


@pytest.mark.parametrize("token", [{}, {"JUPYTER_TOKEN": ""}], ids=["none", "empty"])
def test_without_a_token_it_does_not_start(monkeypatch: pytest.MonkeyPatch, token: dict[str, str]) -> None:
    monkeypatch.delenv("JUPYTER_TOKEN", raising=False)
    monkeypatch.delenv("JUPYTER_TOKEN_FILE", raising=False)
    with pytest.raises(SystemExit, match="No token"):
        settings(monkeypatch, **token)
