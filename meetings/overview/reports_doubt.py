"""What the savings of a report stand on that nobody has verified: said wherever they are printed, as beside each estimate.

Each estimate keeps the norms that it was made with, so this is told from the rows themselves: a norm verified later changes
nothing here until its meeting is estimated anew.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

import sqlalchemy as sa

from meetings.database import db
from meetings.i18n import gettext as _
from meetings.i18n import locale, ngettext
from meetings.official.numbers import number
from meetings.official.verified import Verified
from meetings.overview import reports_figures as figures
from meetings.overview.reports_figures import Scope
from meetings.savings.models import SavingsEstimate
from meetings.savings.rules import KEY_WORDS, SPECS, Branch, NormValue
from meetings.savings.values import Values, thawed

NAMED: Final = 5
"""So many norms are named in a sentence; the savings of each meeting name all of theirs."""
_BESIDE: Final = (Branch.TIME, Branch.CO2)
"""Branches that add nothing to the money of a report."""


def sentences(scope: Scope) -> list[str]:
    """What is to be said of the norms behind the savings of *scope*; nothing where all were read in a source."""
    kept = sa.cast(SavingsEstimate.norms, sa.Text)
    rows = figures.estimates(scope, kept, sa.func.count()).group_by(kept)
    tables = [(_table(text), count) for text, count in db.session.execute(rows)]
    every = sum(count for _values, count in tables)
    found = []
    for of, say in _SAID:
        touched, keys = 0, set[str]()
        for values, count in tables:
            here = {one.key for one in values.all() if of(one) and SPECS[one.key].branch not in _BESIDE}
            touched += count if here else 0
            keys |= here
        if touched:
            found.append(say(number(touched, 0, locale()), number(every, 0, locale()), _names(keys)))
    return found


def _table(text: str | None) -> Values:
    """The norms that an estimate kept; the earliest estimates kept none."""
    kept: Mapping[str, Any] | None = json.loads(text) if text else None
    values = thawed(kept) if kept and "national" in kept else Values({})
    return Values({key: value for key, value in values.national.items() if key in SPECS}, values.provinces)


def _names(keys: set[str]) -> str:
    words = [str(word) for key, word in KEY_WORDS.items() if key in keys]
    named = "; ".join(words[:NAMED])
    more = len(words) - NAMED
    if more <= 0:
        return named
    return ngettext("%(names)s; and %(num)s other", "%(names)s; and %(num)s others", more, names=named)


def _unverified(count: str, every: str, names: str) -> str:
    return _(
        "Norms not verified, in %(count)s of %(every)s estimates: %(names)s.", count=count, every=every, names=names
    )


def _assumed(count: str, every: str, names: str) -> str:
    return _(
        "Assumptions of this system, in %(count)s of %(every)s estimates: %(names)s.",
        count=count, every=every, names=names,
    )  # fmt: skip


def _unknown(count: str, every: str, names: str) -> str:
    return _(
        "Norms whose value is not known, so that they count nothing, in %(count)s of %(every)s estimates: %(names)s.",
        count=count, every=every, names=names,
    )  # fmt: skip


_SAID: Final[tuple[tuple[Callable[[NormValue], bool], Callable[[str, str, str], str]], ...]] = (
    (lambda one: not one.missing and one.verified is Verified.MEMORY, _unverified),
    (lambda one: not one.missing and one.verified is Verified.ASSUMED, _assumed),
    (lambda one: one.missing, _unknown),
)
