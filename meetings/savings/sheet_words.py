"""What stands in words on the first sheet of an estimate: what it is, how well its norms are verified, what is not counted."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final, Protocol

from meetings.clock import wall
from meetings.i18n import gettext as _
from meetings.i18n import locale, ngettext
from meetings.official.dates import date_short
from meetings.official.verified import VERIFIED_WORDS, Verified
from meetings.savings import assumed
from meetings.savings.rules import KEY_WORDS, Branch
from meetings.savings.sheet_book import NOTE, Page
from meetings.savings.values import Values

BRANCHES: Final = {
    "travel": (Branch.TRAVEL,),
    "per_diem": (Branch.PER_DIEM,),
    "lodging": (Branch.LODGING, Branch.INVOICE),
    "hall": (Branch.HALL,),
    "tea": (Branch.TEA,),
    "papers": (Branch.PAPERS,),
    "meals": (Branch.MEALS,),
}
"""The parts of the norms that a sum stands on; those not named are of meeting online."""


class Stored(Protocol):
    """What a stored estimate offers."""

    meeting: Any
    version: int
    made_at: datetime
    made_by: str
    changes: Any
    reason: str
    sums: Any
    low: int
    mid: int
    high: int
    off: Any


def head(page: Page, estimate: Stored) -> None:
    """What is estimated, for whom, and that it is an estimate with a range."""
    meeting = estimate.meeting
    made = wall(estimate.made_at)
    page.heading(
        (
            _("Estimate of what was saved: %(code)s, version %(version)s", code=meeting.code, version=estimate.version),
            meeting.title,
            NOTE,
            _(
                "Made on %(day)s by %(who)s. Blue: put in. Black: a formula. Yellow: not verified, assumed or not known.",
                day=date_short(made.date(), locale()),
                who=estimate.made_by or "–",
            ),
        )
    )


def marks(values: Values) -> dict[str, str]:
    """For each category – ``online`` for its parts together – how well the norms behind it are verified, in words."""
    groups = {group.branch: group for group in assumed.groups(values, {})}
    found = {}
    for key, branches in {**BRANCHES, "online": (Branch.ONLINE,)}.items():
        mine = [groups[branch] for branch in branches if branch in groups]
        parts = (
            (sum(group.unread for group in mine), VERIFIED_WORDS[Verified.MEMORY]),
            (sum(group.assumed for group in mine), VERIFIED_WORDS[Verified.ASSUMED]),
            (sum(group.missing for group in mine), _("value not known")),
        )
        found[key] = "; ".join(_("%(what)s: %(number)s", what=word, number=many) for many, word in parts if many)
    return found


def tail(page: Page, row: int, estimate: Stored, values: Values) -> None:
    """What is switched off, what was assumed otherwise, and every value that was read in no source."""
    for part in assumed.switched_off(estimate.off, {}):
        keys = "; ".join(str(KEY_WORDS[key]) for key in part.keys)
        said = ngettext(
            "Switched off at %(num)s site: no value is known for %(names)s.",
            "Switched off at %(num)s sites: no value is known for %(names)s.",
            part.sites,
            names=keys,
        )
        page.texts(row, 0, [part.word], "doubt")
        page.sheet.write_string(row, 1, said, page.formats["line"])
        row += 1
    if estimate.changes:
        keys = "; ".join(str(KEY_WORDS.get(key, key)) for key in estimate.changes)
        page.texts(row, 0, [_("Taken otherwise for this meeting")], "doubt")
        said = _("%(names)s. Reason: %(reason)s", names=keys, reason=estimate.reason or "–")
        page.sheet.write_string(row, 1, said, page.formats["line"])
        row += 1
    unread = [value for value in values.all() if value.verified is Verified.MEMORY and not value.missing]
    for value in unread:
        page.texts(row, 0, [KEY_WORDS.get(value.key, value.key)], "doubt")
        said = _("%(mark)s: %(source)s", mark=VERIFIED_WORDS[value.verified], source=value.source)
        page.sheet.write_string(row, 1, said, page.formats["line"])
        row += 1
    assumptions = sum(value.verified is Verified.ASSUMED for value in values.all())
    page.texts(row, 0, [VERIFIED_WORDS[Verified.ASSUMED]], "doubt")
    said = ngettext(
        "%(num)s value, on the sheet “%(name)s”.",
        "%(num)s values, on the sheet “%(name)s”.",
        assumptions,
        name=_("Assumptions"),
    )
    page.sheet.write_string(row, 1, said, page.formats["line"])
