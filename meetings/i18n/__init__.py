"""English sentences in the code, Vietnamese in the catalogue, chosen per reader.

Babel alone: the ``.po`` files of ``vi/`` (one a package) are read and merged in memory at the first use, so there is no
compiled file to forget. Plain functions, no Flask: a letter is written in its reader's language by a worker that
serves nobody's request.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Any, Final

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from babel.support import LazyProxy

LOCALES: Final = ("vi", "en")
DEFAULT: Final = "vi"
_FOLDER: Final = Path(__file__).parent / "vi"
_locale: ContextVar[str] = ContextVar("locale", default=DEFAULT)


def locale() -> str:
    """The language that is being written now: ``vi`` or ``en``."""
    return _locale.get()


def choose(name: str) -> None:
    """Write in *name* from here on in this context (a request, a worker's step)."""
    _locale.set(name if name in LOCALES else DEFAULT)


@contextmanager
def in_locale(name: str) -> Iterator[None]:
    """Write in *name* inside the block."""
    before = _locale.set(name if name in LOCALES else DEFAULT)
    try:
        yield
    finally:
        _locale.reset(before)


@cache
def catalogue() -> dict[str, tuple[str, ...]]:
    """msgid → its Vietnamese forms (one: the language has no plural of nouns)."""
    words: dict[str, tuple[str, ...]] = {}
    for path in sorted(_FOLDER.glob("*.po")):
        with path.open("rb") as file:
            book: Catalog = read_po(file, locale="vi")
        for message in book:
            if not message.id:
                continue
            key = message.id if isinstance(message.id, str) else message.id[0]
            said = (message.string,) if isinstance(message.string, str) else tuple(message.string or ())
            if said and said[0]:
                words[key] = said
    return words


def gettext(msgid: str, /, **values: Any) -> str:
    """*msgid* in the reader's language, its ``%(name)s`` places filled from *values*."""
    said = catalogue().get(msgid, (msgid,))[0] if locale() == "vi" else msgid
    return said % values if values else said


def ngettext(singular: str, plural: str, n: int, /, **values: Any) -> str:
    """As :func:`gettext`, by number; ``%(num)s`` stands for *n*."""
    if locale() == "vi" and singular in catalogue():
        said = catalogue()[singular][-1]
    else:
        said = singular if n == 1 else plural
    mark = "." if locale() == "vi" else ","
    return said % {"num": f"{n:,}".replace(",", mark), **values}


def lazy_gettext(msgid: str, /, **values: Any) -> Any:
    """As :func:`gettext`, but read when it is shown: for labels made once, at import."""
    return LazyProxy(gettext, msgid, enable_cache=False, **values)
