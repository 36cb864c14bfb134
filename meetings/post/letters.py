"""The bodies of every letter: text and HTML from one set of values, each complete without the other.

Whatever is printed into a letter stands on one line, without control characters and without marks that turn the order of
letters round, unless its template says that it has lines (``kept``): a name that somebody typed or imported can neither
add a line that we never wrote nor turn ours about. HTML is escaped besides, as on every page.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Final, Literal

from flask import current_app
from jinja2 import Environment
from markupsafe import Markup

from meetings.official.text import bound, one_line

Form = Literal["line", "html"]
"""How a slot is written in the text and in the HTML: see ``message.slot``."""


_GAP: Final = re.compile(r"\n{3,}")


class Lines(str):
    """Text whose lines are its writer's own, as in a note."""

    __slots__ = ()


def kept(text: str) -> Lines:
    """*text* with its lines, each of them as clean as any other."""
    return Lines("\n".join(one_line(line).rstrip() for line in text.strip().splitlines()))


def bodies(name: str, values: Callable[[Form], Mapping[str, Any]]) -> tuple[str, str]:
    """Text and HTML of the letter *name* (``<name>.txt``, ``<name>.html``); *values* is asked for each in its own form."""
    environment = _environment(current_app.jinja_env)
    text = environment.get_template(f"{name}.txt").render(values("line"))
    return _GAP.sub("\n\n", text).strip() + "\n", environment.get_template(f"{name}.html").render(values("html"))


@lru_cache(maxsize=4)
def _environment(of_pages: Environment) -> Environment:
    """The templates of the pages, but for what is printed into them."""
    made = of_pages.overlay(finalize=_finally)
    made.filters = of_pages.filters | {"kept": kept, "bound": bound}
    return made


def _finally(value: Any) -> Any:
    return one_line(value) if isinstance(value, str) and not isinstance(value, Markup | Lines) else value
