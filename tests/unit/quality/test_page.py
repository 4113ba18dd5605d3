"""The page of a verdict in a real Chromium: one that asks other machines, or hides what broke, is seen."""

import base64
from pathlib import Path

import pytest

from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level, Record
from sparkproof.quality import page as quality_page
from sparkproof.quality.page import Page
from tests.support.browser import Browser

WORDS = ["1 unexpected values found.", "1001"]


def page(body: str, head: str = "") -> Page:
    return Page(
        "the page", 200, f"<html><head>{head}</head><body><p>1 unexpected values found.</p>{body}</body></html>"
    )


@pytest.fixture
def font() -> str:
    """The style of a mark whose font is in the page itself, taken from those of this machine."""
    found = next(iter(sorted(Path("/usr/share/fonts").rglob("*.ttf"))), None)
    if found is None:
        pytest.skip("This machine has no font of its own.")
    data = base64.b64encode(found.read_bytes()).decode()
    face = f"@font-face {{ font-family: 'Font Awesome 6 Free'; src: url(data:font/ttf;base64,{data}); }}"
    return f"<style>{face} .fa-times::before {{ font-family: 'Font Awesome 6 Free'; content: 'x'; }}</style>"


MARK = "<p>1001 <i class='fa-times'></i></p>"


@pytest.mark.usefixtures("browser")
def test_a_page_that_shows_what_broke_is_proved(font: str, record: Record) -> None:
    page(MARK, font).must_show(WORDS)
    assert record.proofs[0].seen.startswith("The page marks what broke, shows 1 unexpected values found., 1001")
    assert [each.media_type for each in record.items] == ["image/png"]


@pytest.mark.usefixtures("browser")
@pytest.mark.parametrize(
    ("body", "words"),
    [
        (
            MARK + "<img src='https://example.org/logo.png'>",
            "asks other machines for 1 files: https://example.org/logo.png",
        ),
        ("<p hidden>1001</p><i class='fa-times'></i>", "does not show 1001"),
        ("<p>1001 <i hidden class='fa-times'></i></p>", "shows no mark of what broke"),
        ("<p>1001</p>", "shows no mark of what broke"),
    ],
    ids=["it asks others", "what broke is hidden", "a hidden mark", "no mark"],
)
def test_a_page_that_does_not_is_seen(font: str, body: str, words: str, record: Record) -> None:
    with pytest.raises(CheckFailed, match=words):
        page(body, font).must_show(WORDS)
    assert not record.proofs


@pytest.mark.usefixtures("browser", "record")
def test_a_mark_without_its_font_is_seen() -> None:
    with pytest.raises(CheckFailed, match="shows no mark of what broke"):
        page(MARK).must_show(WORDS)


@pytest.mark.usefixtures("record")
def test_a_refusal_shows_nothing() -> None:
    with pytest.raises(CheckFailed, match="JupyterLab refused the page with status 403: Forbidden"):
        Page("the page", 403, "Forbidden").must_show(WORDS)
    with pytest.raises(CheckFailed, match=r"with status 502: a{200}$"):
        Page("the page", 502, 300 * "a").must_show(WORDS)


class Shown:
    """A browser that shows this text and these marks, without one."""

    def __init__(
        self, text: str = "1 unexpected  values\nfound. 1001", seen: str = "", asked: tuple[str, ...] = ()
    ) -> None:
        self._text, self._seen, self._asked = text, seen or '{"marks": 1, "drawn": true}', asked
        self.page, self.folder = "", Path()

    def __call__(self, folder: Path) -> "Shown":
        assert folder.is_dir()
        assert folder.name.startswith("sparkproof-")
        self.folder = folder
        return self

    def requests(self, page: Path) -> tuple[str, ...]:
        assert page.parent == self.folder
        self.page = page.read_text()
        return self._asked

    def text(self, page: Path) -> str:
        assert page.exists()
        return self._text

    def measured(self, page: Path, width: int, script: str) -> str:
        assert page.exists()
        assert (width, "fa-times" in script) == (1280, True)
        return self._seen.strip()

    def picture(self, page: Path) -> bytes:
        assert page.exists()
        return b"a picture"


def test_what_a_browser_shows_is_proved(monkeypatch: pytest.MonkeyPatch, record: Record) -> None:
    shown = Shown()
    monkeypatch.setattr(quality_page, "Browser", shown)
    Page("the page", 200, "<html>").must_show(WORDS)
    assert (shown.page, record.level) == ("<html>", Level.EXECUTED)
    assert record.proofs[0].seen == (
        "The page marks what broke, shows 1 unexpected values found., 1001, and asks nobody for anything"
    )
    assert record.items == [("the page", "image/png", b"a picture")]
    assert not record.unread


@pytest.mark.parametrize(
    ("shown", "words"),
    [
        (Shown(asked=("https://a", "https://b")), "asks other machines for 2 files: https://a, https://b"),
        (Shown(text="all is well"), "does not show 1 unexpected values found., 1001: all is well"),
        (Shown(seen='{"marks": 0, "drawn": true}'), "shows no mark of what broke: {'marks': 0"),
        (Shown(seen='{"marks": 1, "drawn": false}'), "shows no mark of what broke"),
        (Shown(seen=" "), "shows no mark of what broke: {}"),
    ],
    ids=["it asks others", "other words", "no mark", "a mark without its font", "nothing was measured"],
)
def test_what_a_browser_does_not_show_is_seen(
    shown: Shown, words: str, monkeypatch: pytest.MonkeyPatch, record: Record
) -> None:
    monkeypatch.setattr(quality_page, "Browser", shown)
    with pytest.raises(CheckFailed, match=words):
        Page("the page", 200, "<html>").must_show(WORDS)
    assert not record.proofs
    assert record.items[0].content == b"a picture"


@pytest.fixture
def browser(tmp_path: Path) -> Browser:
    return Browser(tmp_path)
