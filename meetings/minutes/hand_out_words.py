"""The facts of a hand-out, told as sentences for the history of a meeting."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from meetings.i18n import gettext as _
from meetings.i18n import ngettext


def told(fact: str, details: Mapping[str, Any]) -> str | None:
    """*fact* with its *details* as a sentence in the reader's language; None for other facts.

    Details may have been purged: the sentence then says less.
    """
    return None if fact not in _FACTS else _said(fact, details)


_FACTS: Final = frozenset(
    {
        "record.handed_on",
        "record.sent",
        "record.recalled",
        "record.recall_sent",
        "record.receipts_asked",
        "hand_out.received",
        "hand_out.received_by_telephone",
        "hand_out.deleted",
        "hand_out.deleted_by_telephone",
        "hand_out.sent_again",
    }
)


def _said(fact: str, details: Mapping[str, Any]) -> str:
    name, by, count = details.get("name", ""), details.get("said_by", ""), int(details.get("count", 0))
    version, reason = details.get("version", ""), details.get("reason", "")
    match fact:
        case "record.handed_on":
            return ngettext(
                "Version %(version)s of the minutes was handed to %(num)s further recipient.",
                "Version %(version)s of the minutes was handed to %(num)s further recipients.",
                int(details.get("handed_to", 0)), version=version,
            )  # fmt: skip
        case "record.sent":
            return _letters(details)
        case "record.recalled":
            return ngettext(
                "Version %(version)s of the minutes was recalled from %(num)s recipient. Reason: %(reason)s",
                "Version %(version)s of the minutes was recalled from %(num)s recipients. Reason: %(reason)s",
                count, version=version, reason=reason,
            )  # fmt: skip
        case "record.recall_sent":
            return ngettext(
                "%(num)s letter of the recall was written to who had the documents.",
                "%(num)s letters of the recall were written to those who had the documents.",
                int(details.get("letters", 0)),
            )  # fmt: skip
        case "record.receipts_asked":
            return ngettext(
                "%(num)s recipient of the minutes was asked again for a receipt.",
                "%(num)s recipients of the minutes were asked again for a receipt.", count,
            )  # fmt: skip
        case "hand_out.received":
            return _("%(name)s reported receipt of the minutes by the private link.", name=name)
        case "hand_out.received_by_telephone":
            return _("%(name)s received the minutes, as %(by)s said on the telephone.", name=name, by=by)
        case "hand_out.sent_again" if details.get("address"):
            return _(
                "The minutes were sent to %(name)s again, at the corrected address %(address)s.",
                name=name,
                address=details["address"],
            )
        case "hand_out.sent_again":
            return _("The minutes were sent to %(name)s again.", name=name)
        case "hand_out.deleted":
            return _("%(name)s reported by the private link that the recalled minutes are deleted.", name=name)
        case _:
            return _("%(name)s deleted the recalled minutes, as %(by)s said on the telephone.", name=name, by=by)


def _letters(details: Mapping[str, Any]) -> str:
    return ngettext(
        "%(num)s letter of the hand-out was written.",
        "%(num)s letters of the hand-out were written.",
        int(details.get("letters", 0)),
    )
