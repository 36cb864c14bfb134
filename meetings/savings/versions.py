"""The versions of an estimate told one after the other: what was assumed otherwise, by whom and why, and how the total moved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol

from meetings.i18n import gettext as _
from meetings.i18n import locale, ngettext
from meetings.official.numbers import number
from meetings.savings.rules import KEY_WORDS, SPECS
from meetings.savings.trips import Triple

NAMED: Final = 3
"""So many norms are named where others were taken; of more only the number is said."""


class Row(Protocol):
    """What a stored version offers."""

    version: int
    formula: int
    norms: Any
    changes: Any
    reason: str
    venue: Any
    occasion: Any
    low: int
    mid: int
    high: int
    people: int
    sites: int
    counted: int
    made_at: datetime
    made_by: str


@dataclass(frozen=True)
class Told:
    """One version: who made it when, its total, how the middle moved against the one before (None: the first), the sentences
    of what is different, and the reason where this version was given one."""

    version: int
    made_at: datetime
    made_by: str
    total: Triple
    more: int | None
    differences: tuple[str, ...]
    reason: str


def told(rows: Sequence[Row]) -> list[Told]:
    """*rows* are the versions, the newest first, and so is what is told."""
    found = []
    for row, before in zip(rows, [*rows[1:], None], strict=True):
        said = tuple(_differences(row, before)) if before else (_("The first estimate."),)
        more = row.mid - before.mid if before else None
        if before and not said:
            said = (
                _("Nothing was assumed otherwise; ways, rosters or places were entered in between.")
                if more
                else _("Nothing is different."),
            )
        same = before is not None and (row.reason, row.changes, row.venue) == (
            before.reason,
            before.changes,
            before.venue,
        )
        reason = (
            "" if same else row.reason
        )  # a new estimate from the roll carries the reason of the change before it along
        found.append(
            Told(row.version, row.made_at, row.made_by, Triple(row.low, row.mid, row.high), more, said, reason)
        )
    return found


def _differences(row: Row, before: Row) -> list[str]:
    said = []
    if row.formula != before.formula:
        said.append(_("Formula %(old)s became formula %(new)s.", old=before.formula, new=row.formula))
    for key in SPECS:
        old, new = before.changes.get(key), row.changes.get(key)
        if old == new:
            continue
        norm = _frozen(row, key)
        if new is None:
            said.append(
                _("%(norm)s: back to the norm, %(new)s.", norm=KEY_WORDS[key], new=_three(norm, key))
                if norm
                else _("%(norm)s: back to the norm.", norm=KEY_WORDS[key])
            )
        else:
            said.append(
                _(
                    "%(norm)s: %(old)s became %(new)s.",
                    norm=KEY_WORDS[key], old=_three(old or _frozen(before, key), key), new=_three(new, key),
                )
            )  # fmt: skip
    if row.venue != before.venue:
        host = _("the host site")
        old_place = before.venue.name if before.venue else host
        new_place = row.venue.name if row.venue else host
        said.append(_("Assumed venue: %(old)s became %(new)s.", old=old_place, new=new_place))
    elif row.formula == before.formula and row.occasion != before.occasion:
        said.append(_("The hours of the meeting or the kind of its place are taken otherwise."))
    if row.formula == before.formula and row.norms != before.norms:
        said.append(_norms(row.norms, before.norms))
    if (row.people, row.counted, row.sites) != (before.people, before.counted, before.sites):
        said.append(
            _(
                "The roll: %(old)s people at %(before)s of %(of)s sites became %(new)s people at %(after)s of %(sites)s.",
                old=_n(before.people), before=_n(before.counted), of=_n(before.sites), new=_n(row.people),
                after=_n(row.counted), sites=_n(row.sites),
            )
        )  # fmt: skip
    return said


def _norms(new: Mapping[str, Any], old: Mapping[str, Any]) -> str:
    """Which norms were taken otherwise, of the nation and of provinces together."""
    keys = set()
    for table, other in ((new, old), (old, new)):
        of = {"": table.get("national", {}), **table.get("provinces", {})}
        beside = {"": other.get("national", {}), **other.get("provinces", {})}
        keys |= {
            key for code, own in of.items() for key, value in own.items() if beside.get(code, {}).get(key) != value
        }
    names = [str(KEY_WORDS[key]) for key in SPECS if key in keys]
    if 0 < len(names) <= NAMED:
        return _("Norms taken anew: %(names)s.", names=", ".join(names))
    return ngettext("%(num)s norm was taken anew.", "%(num)s norms were taken anew.", len(keys))


def _frozen(row: Row, key: str) -> list[int | None] | None:
    value = row.norms.get("national", {}).get(key)
    return [value["low"], value["mid"], value["high"]] if value else None


def _three(values: Sequence[int | None] | None, key: str) -> str:
    """Three values with their unit, one where they are the same."""
    if not values or any(value is None for value in values):
        return _("value not known")
    known = [value for value in values if value is not None]
    shown = [_n(value) for value in (known if len(set(known)) > 1 else known[:1])]
    return f"{' – '.join(shown)} {SPECS[key].unit}"


def _n(value: int) -> str:
    return number(value, 0, locale())
