"""The facts of making ready, told as sentences for the history of a meeting."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from meetings.i18n import gettext as _
from meetings.i18n import lazy_gettext as _l
from meetings.i18n import locale, ngettext
from meetings.official import dates
from meetings.readiness.rules import ITEM_WORDS, Item, Verdict

Details = Mapping[str, Any]

SOURCE_WORDS: Final = {
    "self": _l("by the site"),
    "technician": _l("by the technician"),
    "telephone": _l("by telephone"),
}
VERDICT_WORDS: Final = {Verdict.PASS.value: _l("pass"), Verdict.FAULT.value: _l("fault"), "": _l("not tested yet")}


def told(fact: str, details: Details) -> str | None:
    """*fact* with its *details* as a sentence in the reader's language; None for facts of other features.

    Details may have been purged: the sentence then says less.
    """
    tell = _TOLD.get(fact)
    return tell(details) if tell is not None else None


def _tested(details: Details) -> str:
    site = details.get("site", "")
    if not site:
        return _("A line was tested.")
    way = str(SOURCE_WORDS.get(details.get("source", ""), ""))
    round_ = _("on the day") if details.get("round") == "on_day" else _("rehearsal")
    match details.get("after"):
        case "passed":
            said = _("%(site)s: line passed (%(round)s, %(way)s).", site=site, round=round_, way=way)
        case "failed":
            said = _(
                "%(site)s: line at fault, %(items)s (%(round)s, %(way)s).",
                site=site,
                items="; ".join(_faults(details)),
                round=round_,
                way=way,
            )
        case _:
            said = _(
                "%(site)s: %(count)s of 6 items tested (%(round)s, %(way)s).",
                site=site,
                count=len(details.get("items", {})),
                round=round_,
                way=way,
            )
    before = "; ".join(replaced(details))
    return _("%(said)s Before: %(before)s.", said=said, before=before) if before else said


def _faults(details: Details) -> Iterable[str]:
    notes = details.get("notes", {})
    for item in Item:
        if details.get("items", {}).get(item.value) == Verdict.FAULT:
            yield _one(item, str(ITEM_WORDS[item]), notes.get(item.value, ""))


def _one(item: Item, word: str, note: str) -> str:
    return _("%(item)s (%(note)s)", item=word, note=note) if note else word


def replaced(details: Details) -> Iterable[str]:
    """What the items said that this result took the place of: ``Micro: đạt (07 giờ 12, Ông Lộc)``."""
    for key, was in (details.get("replaced") or {}).items():
        if key in set(Item) and was.get("verdict"):
            word = str(VERDICT_WORDS.get(was["verdict"], ""))
            yield _(
                "%(item)s: %(verdict)s (%(time)s, %(who)s)",
                item=ITEM_WORDS[Item(key)],
                verdict=_one(Item(key), word, was.get("note", "")),
                time=_time(was.get("at", "")),
                who=was.get("by", ""),
            )


def _shared_out(details: Details) -> str:
    count = int(details.get("count", 0))
    return ngettext(
        "%(num)s site got a slot for the rehearsal, %(kept)s kept theirs.",
        "%(num)s sites got slots for the rehearsal, %(kept)s kept theirs.",
        count,
        kept=int(details.get("kept", 0)),
    )


def _slot_moved(details: Details) -> str:
    return _(
        "%(site)s chose the slot at %(time)s for its rehearsal.",
        site=details.get("site", ""),
        time=_time(details.get("after", "")),
    )


def _time(said: str) -> str:
    try:
        return dates.clock(datetime.fromisoformat(str(said)), locale())
    except ValueError:
        return "–"


_TOLD: Final[Mapping[str, Callable[[Details], str]]] = {
    "line_test.recorded": _tested,
    "line_test_slot.shared_out": _shared_out,
    "line_test_slot.moved": _slot_moved,
    "line_test_slot.given_up": lambda _details: _("The slots of the rehearsal were given up."),
}
