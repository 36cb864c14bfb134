"""What became of a task, told as sentences for the history of its meeting."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from meetings.i18n import lazy_gettext as _l
from meetings.i18n import locale
from meetings.official import dates

_TOLD: Final = {
    "assignment.reported": _l("%(unit)s reported on “%(task)s”: %(share)s %(words)s"),
    "assignment.claimed": _l("%(unit)s reported “%(task)s” done. %(words)s"),
    "assignment.extension_asked": _l("%(unit)s asked for %(day)s as a later day for “%(task)s”: %(reason)s"),
    "assignment.extension_granted": _l("%(day)s was granted as a later day for “%(task)s” (%(unit)s). %(reason)s"),
    "assignment.extension_refused": _l("%(day)s was not granted for “%(task)s” (%(unit)s): %(reason)s"),
    "assignment.confirmed": _l("“%(task)s” (%(unit)s) was confirmed as done on %(day)s. %(words)s"),
    "assignment.sent_back": _l("“%(task)s” was returned to %(unit)s: %(reason)s"),
    "assignment.withdrawn": _l("“%(task)s” (%(unit)s) was withdrawn: %(reason)s"),
    "assignment.reopened": _l("“%(task)s” (%(unit)s) was opened again: %(reason)s"),
    "assignment.urged": _l("%(unit)s was reminded by hand of “%(task)s”."),
    "assignment.reminded": _l("%(unit)s was reminded of “%(task)s”."),
    "assignment.urging_sent": _l("An official letter about “%(task)s” was sent to %(unit)s."),
    "assignment.urging_written": _l("An official letter about “%(task)s” to %(unit)s was written."),
    "assignment.link_renewed": _l("%(unit)s was given a new link to its tasks; the old one opens nothing."),
    "assignment.lead_named": _l("%(unit)s was said to lead “%(task)s”."),
    "meeting.agenda_item_put": _l("“%(title)s” came onto the agenda by itself."),
}


_LONG: Final = 240
"""So much of what was said stands in a line of the history; all of it stands on the page of the task."""


def _short(words: str) -> str:
    return words if len(words) <= _LONG else f"{words[:_LONG].rstrip()}…"


def told(fact: str, details: Mapping[str, Any]) -> str | None:
    """*fact* with its *details* as a sentence; None for facts of others. Details may have been purged."""
    sentence = _TOLD.get(fact)
    if sentence is None:
        return None
    values = {name: _short(str(details.get(name) or "")) for name in ("unit", "task", "words", "reason", "title")}
    on = details.get("due") or details.get("done_on")
    values["day"] = dates.date_short(date.fromisoformat(str(on)), locale()) if on else "–"
    percent = details.get("percent")
    values["share"] = f"{percent}%" if percent is not None else ""
    return (str(sentence) % values).strip()
