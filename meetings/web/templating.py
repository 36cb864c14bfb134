"""What every template can say: sentences, dates, money and numbers as the office writes them."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Flask, request
from markupsafe import Markup

from meetings import clock
from meetings.i18n import LOCALES, gettext, locale, ngettext
from meetings.official import dates, money, numbers


def install(app: Flask, i18n: Any, asset: Callable[[str], str]) -> None:
    """Hang filters and globals into *app*'s templates."""
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.add_extension("jinja2.ext.do")
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    # the extension hangs this method into the environment, out of mypy's sight
    app.jinja_env.install_gettext_callables(gettext, ngettext, newstyle=False)  # type: ignore[attr-defined]
    app.jinja_env.globals.update(
        _=gettext, gettext=gettext, ngettext=ngettext, locale=locale, locales=LOCALES, asset=asset, now=clock.now
    )
    app.jinja_env.filters.update(FILTERS)
    app.context_processor(lambda: {"theme": _theme()})


def _theme() -> str:
    chosen = request.cookies.get("theme", "") if request else ""
    return chosen if chosen in ("light", "dark") else ""


def _spoken(function: Callable[..., str]) -> Callable[..., str]:
    """A format of ``meetings.official`` in the reader's language; nothing at all for None."""

    def shown(value: Any, *args: Any) -> str:
        return "" if value is None else function(value, *args, locale=locale())

    return shown


def _iso(when: datetime | None) -> str:
    """For ``<time datetime=…>``."""
    return "" if when is None else when.isoformat(timespec="seconds")


def _lines(text: str) -> Markup:
    """Text of several lines as HTML, escaped."""
    return Markup("<br>").join(text.split("\n"))


def _capitalize_first(text: str) -> str:
    """*text* with its first letter large and the rest untouched ("thứ Năm" begins a line)."""
    return text[:1].upper() + text[1:]


def _dialled(phone: str) -> str:
    """A telephone number as ``tel:`` takes it: digits and a plus, however it was written."""
    return re.sub(r"[^\d+]", "", phone)


FILTERS: dict[str, Callable[..., Any]] = {
    "weekday": _spoken(dates.weekday),
    "date_plain": _spoken(dates.date_plain),
    "date_long": _spoken(dates.date_long),
    "date_short": _spoken(dates.date_short),
    "day_month": _spoken(dates.day_month),
    "clock": _spoken(dates.clock),
    "clock_seconds": dates.clock_seconds,
    "clock_range": _spoken(dates.clock_range),
    "moment": _spoken(dates.moment),
    "moment_long": _spoken(dates.moment_long),
    "moment_short": _spoken(dates.moment_short),
    "span_short": _spoken(dates.span_short),
    "duration": _spoken(dates.duration),
    "elapsed": _spoken(dates.elapsed),
    "money": _spoken(money.money),
    "money_short": _spoken(money.money_short),
    "number": _spoken(numbers.number),
    "percent": _spoken(numbers.percent),
    "file_size": _spoken(numbers.size),
    "capitalize_first": _capitalize_first,
    "dialled": _dialled,
    "iso": _iso,
    "lines": _lines,
    "wall": clock.wall,
}
