"""Pages of Great Expectations that are made whole: no address of another machine is left that a browser would ask."""

import zipfile
from pathlib import Path
from types import ModuleType

import pytest

from tests.support import programs

HEAD = """<link rel="stylesheet" href="https://cdn.example/font-awesome/6.6.0/css/all.min.css">
<link rel="stylesheet" href="https://cdn.example/npm/@forevolve/bootstrap-dark@1.1.0/dark.css" />
<script src="https://cdn.example/npm/vega@5"></script>
<script src="https://code.example/jquery-3.7.1.min.js" integrity="sha384-x" crossorigin="anonymous"></script>
<style>.logo { background: url('https://cdn.example/full_logo_dark.png') }</style>"""
LOGO = '<img\n class="x"\n src="https://assets.example/logo-long.png?d=20261127&dataContextId=0-1" alt="logo">'
LINK = '<a href="https://example.org/">read on</a>'
FILES = {
    "META-INF/resources/webjars/font-awesome/6.6.0/css/all.min.css": (
        "i{src:url(../webfonts/a.woff2),url(../webfonts/a.ttf)}"
    ),
    "META-INF/resources/webjars/font-awesome/6.6.0/webfonts/a.woff2": "font",
    "META-INF/resources/webjars/jquery/3.7.1/jquery.min.js": 'x = "<script></script>"',
}


@pytest.fixture
def pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The module, as an image has it, with WebJars of its own."""
    module: ModuleType = programs.program("quality/offline_pages.py")
    with zipfile.ZipFile(tmp_path / "all.jar", "w") as jar:
        for name, text in FILES.items():
            jar.writestr(name, text)
    monkeypatch.setattr(module, "WEBJARS", tmp_path)
    return module


def rewritten(pages: ModuleType, folder: Path, text: str) -> str:
    images, page = folder / "site" / "static" / "images", folder / "site" / "validations" / "a.html"
    images.mkdir(parents=True)
    page.parent.mkdir()
    (images / "logo-long.png").write_bytes(b"logo")
    page.write_text(text)
    pages.rewrite(folder / "site")
    return page.read_text()


def test_a_page_holds_what_it_needs(pages: ModuleType, tmp_path: Path) -> None:
    found = rewritten(pages, tmp_path, HEAD + LOGO + LINK)
    assert "i{src:url(data:font/woff2;base64,Zm9udA==),url(data:,)}" in found
    assert r'<script>x = "<script><\x2fscript>"</script>' in found
    assert 'src="data:image/png;base64,bG9nbw=="' in found
    assert found.count("https://") == 1
    assert LINK in found


def test_an_address_that_no_file_stands_for_is_an_error(pages: ModuleType, tmp_path: Path) -> None:
    with pytest.raises(LookupError, match=r"ask for https://cdn\.example/new\.js"):
        rewritten(pages, tmp_path, '<script src="https://cdn.example/new.js"></script>')


def test_a_file_that_the_image_lacks_is_an_error(pages: ModuleType, tmp_path: Path) -> None:
    with pytest.raises(LookupError, match=r"No file of .* ends with /css/bootstrap\.min\.css"):
        rewritten(pages, tmp_path, '<link href="https://cdn.example/css/bootstrap.min.css">')
