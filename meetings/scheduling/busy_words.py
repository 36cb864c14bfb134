"""The words of hours that are taken by what is no meeting of ours, and of calendars that cannot be read."""

from __future__ import annotations

from typing import Any, Final

from meetings.i18n import lazy_gettext as _l

KIND_WORDS: Final[dict[str, Any]] = {
    "maintenance": _l("Maintenance"),
    "leave": _l("On leave"),
    "other": _l("Other work"),
    "feed": _l("Busy (calendar kept elsewhere)"),
}

FAULT_WORDS: Final[dict[str, Any]] = {
    # of the way there
    "bad_address": _l("The address leads to nothing that could be read. Mend it."),
    "private": _l(
        "The address lies in an internal network that this system may not ask. The administrator can allow it by the setting"
        " FEED_PRIVATE_NETWORKS."
    ),
    "unreachable": _l("The server could not be reached."),
    "untrusted": _l("The server could not prove that it is the one it says it is (its certificate)."),
    "too_slow": _l("The server did not answer in time."),
    "too_large": _l("The calendar is larger than 5 MB. Ask for an address that holds only this and the coming year."),
    "redirects": _l("The server leads on from one address to the next without end."),
    "forbidden": _l("The server refuses to show the calendar. Ask its owner for a new secret address."),
    "missing": _l("There is no calendar at this address any more. Ask its owner for the new one."),
    "refused": _l("The server answered with a fault."),
    # of what was found there
    "no_calendar": _l(
        "What stands at this address is no iCalendar file. The address of a page for people will not do."
    ),
    "broken_events": _l("Some events of the calendar cannot be read, so its hours are not known."),
    "too_many": _l("The calendar holds too many events. Ask for an address that holds only this and the coming year."),
    "endless": _l("The calendar has a rule of repetition that cannot be counted up."),
}
