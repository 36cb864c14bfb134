"""Our own style sheets and scripts, how they are addressed and sent; the face is made from an installed package."""

from __future__ import annotations

import gzip
import hashlib
import re
from functools import cache
from pathlib import Path
from typing import Final

from flask import Flask, Response, g, request, url_for

STATIC: Final = Path(__file__).parent / "static"


_IMPORT: Final = re.compile(rb"""(?<=["']\./)(\w+\.js)(?=["'])""")
"""How one of our scripts names another."""


@cache
def _version(filename: str) -> str:
    return hashlib.sha256(_written(filename)).hexdigest()[:10] if (STATIC / filename).is_file() else "0"


@cache
def _written(filename: str) -> bytes:
    """A file as it is sent: a script names another by the very address that pages name it by, or it would run twice."""
    data = (STATIC / filename).read_bytes()
    if not filename.endswith(".js"):
        return data
    return _IMPORT.sub(lambda found: b"%s?v=%s" % (found[1], _version(found[1].decode()).encode()), data)


def asset_url(filename: str) -> str:
    """The address of a static file, with its content's digest: it may be cached for ever."""
    known: dict[str, str] = g.setdefault("asset_urls", {})  # a page of three hundred sites shows a thousand signs
    if filename not in known:
        known[filename] = url_for("static", filename=filename, v=_version(filename))
    return known[filename]


TEXTS: Final = (".css", ".js", ".svg")


def install(app: Flask) -> None:
    """Send static files as a telephone on a slow line wants them: packed, and each only once."""
    app.after_request(_lightened)


def _lightened(response: Response) -> Response:
    if request.endpoint != "static" or response.status_code not in (200, 304):
        return response
    name = str((request.view_args or {})["filename"])
    version = _version(name)
    if request.args.get("v") == version:
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    elif name.startswith("fonts/"):  # addressed by a style sheet, which knows no version; cut anew only with a new face
        response.headers["Cache-Control"] = "public, max-age=2592000"
    if response.status_code == 200 and name.endswith(TEXTS) and request.range is None:
        response.headers.add("Vary", "Accept-Encoding")
        packed = request.accept_encodings.quality("gzip") > 0
        response.close()  # the file that was opened to be sent as it is
        response.direct_passthrough = False
        response.set_data(_packed(name, version) if packed else _written(name))
        response.set_etag(f"{version}-gzip" if packed else version)
        if packed:
            response.headers["Content-Encoding"] = "gzip"
    return response


@cache
def _packed(filename: str, version: str) -> bytes:
    return gzip.compress(_written(filename), 9, mtime=0)


_LATIN: Final = (
    "U+0000-00FF,U+0131,U+0152-0153,U+02BB-02BC,U+02C6,U+02DA,U+02DC,"
    "U+2000-206F,U+20AC,U+2122,U+2191,U+2193,U+2212,U+2215"
)
_VIETNAMESE: Final = (
    "U+0102-0103,U+0110-0111,U+0128-0129,U+0168-0169,U+01A0-01A1,U+01AF-01B0,"
    "U+0300-0301,U+0303-0304,U+0308-0309,U+0323,U+0329,U+1EA0-1EF9,U+20AB"
)


def build_fonts(folder: Path = STATIC / "fonts") -> None:
    """Cut the two subsets of Source Sans 3 (OFL) that the pages use out of its installed package; done once."""
    import fontpkg_source_sans_3
    from fontTools import subset

    folder.mkdir(parents=True, exist_ok=True)
    source = _variable_face(Path(fontpkg_source_sans_3.__file__).parent)
    for name, letters in (("latin", _LATIN), ("vietnamese", _VIETNAMESE)):
        target = folder / f"source-sans-3-{name}.woff2"
        if not target.exists():
            subset.main(
                [str(source), f"--unicodes={letters}", "--flavor=woff2", f"--output-file={target}",
                 "--layout-features=kern,liga,mark,mkmk,ccmp,locl,tnum,lnum", "--no-hinting"]
            )  # fmt: skip


def _variable_face(package: Path) -> Path:
    """The upright variable face among the package's files."""
    faces = [path for path in package.rglob("*.[to]tf") if "ital" not in path.name.lower()]
    return next(
        (path for path in faces if "wght" in path.name or "VF" in path.name or "Variable" in path.name), faces[0]
    )


if __name__ == "__main__":
    build_fonts()
