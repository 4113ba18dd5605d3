"""Makes the pages of Great Expectations whole: each then holds its styles, scripts, fonts and images itself.

As Great Expectations writes them, they ask seven hosts of the internet for 16 files, the logo with an id of the user's,
and without an answer the column that says what broke is empty. The files are read from the WebJars of the image. Left
out are the programs that draw charts, which these pages have none of, and the dark style.
"""

import base64
import mimetypes
import re
import sys
import zipfile
from pathlib import Path

WEBJARS = Path(sys.prefix, "share", "webjars")
# What the address of a style or script contains, and the end of the path of the file in a WebJar that stands for it.
_FILES = {
    "/bootstrap-table.min.css": "/dist/bootstrap-table.min.css",
    "/bootstrap-table-filter-control.css": "/filter-control/bootstrap-table-filter-control.min.css",
    "/bootstrap-table-filter-control.min.css": "/filter-control/bootstrap-table-filter-control.min.css",
    "/bootstrap.min.css": "/css/bootstrap.min.css",
    "/bootstrap-datepicker.min.css": "/css/bootstrap-datepicker.min.css",
    "/font-awesome/": "/css/all.min.css",
    "/jquery-": "/jquery.min.js",
    "/popper.min.js": "/umd/popper.min.js",
    "/bootstrap.min.js": "/js/bootstrap.min.js",
    "/bootstrap-table.min.js": "/dist/bootstrap-table.min.js",
    "/bootstrap-table-filter-control.min.js": "/filter-control/bootstrap-table-filter-control.min.js",
    "/bootstrap-datepicker.min.js": "/js/bootstrap-datepicker.min.js",
}
_LEFT_OUT = ("/npm/vega", "/bootstrap-dark@")
_STYLE = re.compile(r'<link\b[^>]*\bhref="(https?://[^"]+\.css)"[^>]*>')
_SCRIPT = re.compile(r'<script\b[^>]*\bsrc="(https?://[^"]+)"[^>]*>\s*</script>')
_IMAGE = re.compile(r'(<img\b[^>]*?\bsrc=")https?://[^"]+/([^"/?]+)[^"]*"', re.DOTALL)
_URL = re.compile(r"""url\(\s*['"]?(?!data:)([^'")]+)['"]?\s*\)""")
_NOTHING = "url(data:,)"


def rewrite(folder: Path) -> None:
    """Rewrite all pages below a folder; raises LookupError for an address that no file stands for."""
    jars = [zipfile.ZipFile(path) for path in sorted(WEBJARS.glob("*.jar"))]
    for page in folder.rglob("*.html"):
        page.write_text(_whole(page.read_text(), jars, folder / "static" / "images"))


def _whole(text: str, jars: list[zipfile.ZipFile], images: Path) -> str:
    def style(found: re.Match[str]) -> str:
        return f"<style>{_styles(found[1], jars)}</style>"

    def script(found: re.Match[str]) -> str:
        # A program that names the end of a script would end there.
        program = _asked(found[1], jars).decode().replace("</script", r"<\x2fscript")
        return f"<script>{program}</script>"

    def image(found: re.Match[str]) -> str:
        return f'{found[1]}{_data(found[2], (images / found[2]).read_bytes())}"'

    # The page's own styles ask for one image, of the dark style.
    text = _URL.sub(lambda found: _NOTHING if found[1].startswith("http") else found[0], text)
    return _IMAGE.sub(image, _SCRIPT.sub(script, _STYLE.sub(style, text)))


def _styles(address: str, jars: list[zipfile.ZipFile]) -> str:
    """Return the style of this address, with its fonts in the one form that all browsers read."""

    def font(found: re.Match[str]) -> str:
        name = found[1].rpartition("/")[2]
        return f"url({_data(name, _read(f'/{name}', jars))})" if name.endswith(".woff2") else _NOTHING

    return _URL.sub(font, _asked(address, jars).decode())


def _asked(address: str, jars: list[zipfile.ZipFile]) -> bytes:
    if any(each in address for each in _LEFT_OUT):
        return b""
    ending = next((file for part, file in _FILES.items() if part in address), None)
    if ending is None:
        raise LookupError(f"The pages ask for {address}, which the image does not hold.")
    return _read(ending, jars)


def _read(ending: str, jars: list[zipfile.ZipFile]) -> bytes:
    """Return the file with the shortest path that ends so."""
    found = [(len(name), name, jar) for jar in jars for name in jar.namelist() if name.endswith(ending)]
    if not found:
        raise LookupError(f"No file of {WEBJARS} ends with {ending}.")
    _, name, jar = min(found, key=lambda each: each[0])
    return jar.read(name)


def _data(name: str, content: bytes) -> str:
    kind = mimetypes.guess_type(name)[0] or "font/woff2"
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"
