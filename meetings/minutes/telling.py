"""The facts in the life of a record, told as sentences for the history of a meeting."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Final

from meetings.i18n import gettext as _
from meetings.i18n import lazy_gettext as _l
from meetings.i18n import locale, ngettext
from meetings.official import dates

Details = Mapping[str, Any]

_DOCUMENTS: Final = {"record": _l("minutes document"), "notice": _l("notice document")}
_PARTS: Final = {"head": _l("the facts at its head"), "notice": _l("the wording of the notice")}


def told(fact: str, details: Details) -> str | None:
    """*fact* with its *details* as a sentence in the reader's language; None for facts of others.

    Details may have been purged: the sentence then says less.
    """
    tell = _TOLD.get(fact)
    return tell(details) if tell is not None else None


def _version(details: Details) -> int:
    return int(details.get("version") or 1)


def _document(details: Details) -> str:
    return str(_DOCUMENTS.get(details.get("which", ""), ""))


def _sums(details: Details) -> dict[str, str]:
    return {"record": str(details.get("record_sha256", ""))[:16], "notice": str(details.get("notice_sha256", ""))[:16]}


def _saved(details: Details) -> str:
    part = _PARTS.get(details.get("part", ""))
    return _("The minutes were saved: %(part)s.", part=str(part)) if part else _("The minutes were saved.")


def _submitted(details: Details) -> str:
    if not details.get("record_sha256"):
        return _("Version %(version)s was submitted for approval.", version=_version(details))
    return _(
        "Version %(version)s was submitted for approval: minutes SHA-256 %(record)s…, notice SHA-256 %(notice)s….",
        version=_version(details),
        **_sums(details),
    )


def _returned(details: Details) -> str:
    return _(
        "Version %(version)s was returned: %(reason)s", version=_version(details), reason=details.get("reason", "")
    )


def _approved(details: Details) -> str:
    return _(
        "Version %(version)s was approved as it was shown: minutes SHA-256 %(record)s…, notice SHA-256 %(notice)s….",
        version=_version(details),
        **_sums(details),
    )


def _issued(details: Details) -> str:
    said = _(
        "Version %(version)s was issued: minutes SHA-256 %(record)s…, notice SHA-256 %(notice)s….",
        version=_version(details),
        **_sums(details),
    )
    number, notice = details.get("number") or "–", details.get("notice_number") or "–"
    if (number, notice) != ("–", "–"):
        said = _("%(said)s Numbers: minutes %(number)s, notice %(notice)s.", said=said, number=number, notice=notice)
    count = details.get("handed_to", 0)
    return (
        ngettext("%(said)s It goes to %(num)s recipient.", "%(said)s It goes to %(num)s recipients.", count, said=said)
        if count
        else said
    )


def _renewed(details: Details) -> str:
    return _("Version %(version)s was begun: %(reason)s", version=_version(details), reason=details.get("reason", ""))


def _numbered(details: Details) -> str:
    on = details.get("on")
    day = dates.date_short(date.fromisoformat(str(on)), locale()) if on else "–"
    values = {"document": _document(details), "number": details.get("number", ""), "day": day}
    if details.get("before"):
        why = details.get("reason", "")
        return _(
            "The number of the %(document)s was corrected to %(number)s of %(day)s: %(reason)s", reason=why, **values
        )
    return _("The number that the %(document)s got on paper was entered: %(number)s of %(day)s.", **values)


def _kept(details: Details) -> str:
    values = {
        "document": _document(details),
        "sum": str(details.get("sha256", ""))[:16],
        "name": details.get("name", ""),
    }
    match details.get("origin"):
        case "edited":
            return _("The %(document)s edited in Word was brought in and holds: %(name)s, SHA-256 %(sum)s….", **values)
        case "pdf":
            return _("The %(document)s was made a PDF: %(name)s, SHA-256 %(sum)s….", **values)
        case "signed":
            return _("The signed %(document)s was kept: %(name)s, SHA-256 %(sum)s….", **values)
        case "signed_outside":
            return _("The %(document)s signed elsewhere was kept: %(name)s, SHA-256 %(sum)s….", **values)
        case _:
            return _("The %(document)s was written and kept: %(name)s, SHA-256 %(sum)s….", **values)


def _set_aside(details: Details) -> str:
    why = details.get("reason", "")
    return _("A file of the %(document)s was set aside: %(reason)s", document=_document(details), reason=why)


def _held_on(details: Details) -> str:
    document = _document(details)
    return _("The %(document)s edited in Word goes on holding, although the page was newer.", document=document)


_TOLD: Final[dict[str, Callable[[Details], str]]] = {
    "record.started": lambda _details: _("The minutes were begun from the booking, the agenda and the roll."),
    "record.saved": _saved,
    "record.submitted": _submitted,
    "record.returned": _returned,
    "record.approved": _approved,
    "record.issued": _issued,
    "record.renewed": _renewed,
    "record.numbered": _numbered,
    "record_file.kept": _kept,
    "record_file.set_aside": _set_aside,
    "record_file.held_on": _held_on,
}
