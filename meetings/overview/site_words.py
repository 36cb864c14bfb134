"""What the templates of a site's page can say besides the filters that every page has."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from meetings.clock import wall
from meetings.directory.persons import spoken
from meetings.i18n import gettext as _
from meetings.i18n import lazy_gettext as _l
from meetings.i18n import locale
from meetings.official import dates, numbers
from meetings.overview.site_view import mentions
from meetings.readiness.forms import wanted
from meetings.readiness.roster import Fault
from meetings.readiness.rules import ITEM_HINTS, ITEM_WORDS, OUTCOME_WORDS, ROLE_WORDS, Item

STEP_WORDS: Final = {
    "reply": _l("Confirm attendance"),
    "roster": _l("List of delegates"),
    "line_test": _l("Line test"),
    "check_in": _l("Join the meeting"),
}
ITEM_ICONS: Final = {
    Item.LINE: "line",
    Item.PICTURE: "in",
    Item.MICROPHONE: "microphone",
    Item.LOUDSPEAKER: "loudspeaker",
    Item.SCREEN: "screen",
    Item.POWER: "power",
}
FAULT_WORDS: Final = {
    Fault.NAME_MISSING: _l("the name is missing"),
    Fault.TITLE_MISSING: _l("the title is missing"),
    Fault.PHONE_ODD: _l("the telephone number cannot be read"),
    Fault.TOO_LONG: _l("the text is too long"),
}


def counted(n: int) -> str:
    """A count as the office writes it: ``06`` in Vietnamese, ``6`` in English."""
    return numbers.counted(n) if locale() == "vi" and n else numbers.number(n, 0, locale())


def same_day(one: datetime, other: datetime) -> bool:
    """Whether two instants fall on one day in Hà Nội."""
    return wall(one).date() == wall(other).date()


def day_of_week(when: datetime) -> str:
    """``Thứ Năm``: the head of the calendar leaf."""
    word = dates.weekday(when, locale())
    return word[:1].upper() + word[1:]


def person(honorific: str, name: str, title: str) -> str:
    """``Ông Lê Minh Khang, Bộ trưởng``."""
    who = f"{honorific} {name}".strip()
    return f"{who}, {title}" if title else who


def row_wants(row: Mapping[str, Any]) -> str:
    """``Dòng 4, Lê Thanh Tâm: thiếu chức vụ``."""
    faults = ", ".join(str(FAULT_WORDS[Fault(fault)]) for fault in row["faults"])
    name = row["cells"]["name"][:60]
    if not name:
        return _("Row %(row)s: %(faults)s", row=row["row"], faults=faults)
    return _("Row %(row)s, %(name)s: %(faults)s", row=row["row"], name=name, faults=faults)


def received(reading: Mapping[str, Any]) -> str:
    """``Nhận 07 dòng: 06 dùng được, 01 cần bổ sung``."""
    repeated = len(reading["repeated"])
    if repeated:
        return _(
            "Received %(rows)s rows: %(good)s usable, %(wanting)s to be completed, %(repeated)s repeated",
            rows=counted(reading["received"]),
            good=counted(reading["usable"]),
            wanting=counted(reading["wanting"]),
            repeated=counted(repeated),
        )
    return _(
        "Received %(rows)s rows: %(good)s usable, %(wanting)s to be completed",
        rows=counted(reading["received"]),
        good=counted(reading["usable"]),
        wanting=counted(reading["wanting"]),
    )


WORDS: Final[dict[str, Any]] = {
    "counted": counted,
    "same_day": same_day,
    "day_of_week": day_of_week,
    "person": person,
    "spoken": spoken,
    "row_wants": row_wants,
    "received": received,
    "wanted": wanted,
    "mentions": mentions,
    "step_words": STEP_WORDS,
    "items": list(Item),
    "item_words": ITEM_WORDS,
    "item_hints": ITEM_HINTS,
    "item_icons": ITEM_ICONS,
    "outcome_words": OUTCOME_WORDS,
    "role_words": ROLE_WORDS,
}
