"""The sentences of the directory: what is wrong with a line, what taking it would do, what a column is called."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from meetings.directory.columns import Column
from meetings.i18n import gettext as _
from meetings.i18n import lazy_gettext as _l

COLUMN_WORDS: Final[Mapping[str, Any]] = {
    Column.CODE: _l("Code"),
    Column.UNIT: _l("Unit"),
    Column.PROVINCE: _l("Province"),
    Column.HONORIFIC: _l("Form of address"),
    Column.NAME: _l("Coordinator"),
    Column.TITLE: _l("Position"),
    Column.PHONE: _l("Telephone"),
    Column.EMAIL: _l("E-mail"),
    Column.DEPUTY_NAME: _l("Back-up contact"),
    Column.DEPUTY_TITLE: _l("Back-up contact: position"),
    Column.DEPUTY_PHONE: _l("Back-up contact: telephone"),
    Column.DEPUTY_EMAIL: _l("Back-up contact: e-mail"),
    Column.TECHNICIAN_NAME: _l("Site technician"),
    Column.TECHNICIAN_TITLE: _l("Technician: position"),
    Column.TECHNICIAN_PHONE: _l("Technician: telephone"),
    Column.TECHNICIAN_EMAIL: _l("Technician: e-mail"),
    Column.PLACE: _l("Place"),
    Column.SEATS: _l("Seats"),
    Column.EQUIPMENT: _l("Equipment"),
    Column.DIAL: _l("Dial string"),
}

DUTY_WORDS: Final[Mapping[str, Any]] = {
    "coordinator": _l("Coordinator"),
    "deputy": _l("Back-up contact"),
    "technician": _l("Site technician"),
}


def fault(stored: Mapping[str, Any]) -> str:
    """The sentence about one fault of a line: what is wrong, and what to do."""
    values: Mapping[str, Any] = stored.get("values") or {}
    said = str(values.get("said", ""))[:80]
    why = stored["why"]
    if why == "unit_unknown" and values.get("near"):
        names = ", ".join(str(near.get("name", "")) for near in values["near"])
        return _("“%(said)s” is not in the directory. Was it meant to be %(names)s?", said=said, names=names)
    sentences = {
        "unit_unknown": lambda: _("“%(said)s” is not in the directory. Mend the name or enter the code.", said=said),
        "unit_ambiguous": lambda: _("Several units are called “%(said)s”. Choose one, or enter the code.", said=said),
        "unit_code": lambda: _("There is no unit with the code %(said)s.", said=said),
        "unit_disagree": lambda: _(
            "Code %(said)s and the name mean different units. Choose which one is meant.", said=said
        ),
        "unit_outside_account": lambda: _(
            "“%(said)s” belongs to a unit outside the range of this account. Ask the administrator to import it or to extend"
            " the right.",
            said=said,
        ),
        "unit_outside_unit": lambda: _(
            "“%(said)s” lies outside the unit chosen for this list. Bring the list again and choose a unit above it.",
            said=said,
        ),
        "unit_empty": lambda: _("The unit is missing. Enter its name or code."),
        "unit_gone": lambda: _("This site has been closed since the list was checked."),
        "repeated": lambda: _(
            "The same unit stands in line %(line)s already. Leave one of the two out.", line=values.get("line", "")
        ),
        "no_email": lambda: _("The e-mail address is missing. Enter it: the invitation goes there."),
        "no_name": lambda: _("The name is missing. Enter the full name."),
        "bad_email": lambda: _("Mail cannot reach this address. Enter one such as vanphong@nghean.gov.vn."),
        "bad_phone": lambda: _("This is no telephone number. Enter digits, for example 0912 000 345."),
        "seats": lambda: _("Enter the number of seats as a number."),
        "too_long": lambda: _("At most %(max)s characters.", max=values.get("max", "")),
    }
    return sentences[why]()


def effect(stored: Mapping[str, Any]) -> str:
    """The sentence about one thing that taking a line would do."""
    what, about, before = stored["what"], stored["about"], str(stored.get("before", ""))[:120]
    duty = str(DUTY_WORDS.get(about, ""))
    if what == "named":
        return _("%(duty)s: named", duty=duty)
    if what == "replaced":
        return _("%(duty)s: in place of %(before)s", duty=duty, before=before)
    if what == "corrected":
        return _("%(duty)s: details mended", duty=duty)
    column = str(COLUMN_WORDS.get(about, about))
    if before:
        return _("%(column)s: was “%(before)s”", column=column, before=before)
    return _("%(column)s: entered", column=column)


def history(entry: Any) -> str:
    """The sentence about an entry of the journal that concerns a site: what was done."""
    details: Mapping[str, Any] = entry.details
    duty = str(DUTY_WORDS.get(str(details.get("duty", "")), ""))
    name, before = str(details.get("name", "")), str(details.get("before", ""))
    if entry.fact == "contact.named" and before:
        return _("%(duty)s: %(name)s in place of %(before)s", duty=duty, name=name, before=before)
    sentences = {
        "contact.named": lambda: _("%(duty)s: %(name)s named", duty=duty, name=name),
        "contact.corrected": lambda: _("%(duty)s: details of %(name)s mended", duty=duty, name=name),
        "contact.texts_agreed": lambda: _("%(duty)s: %(name)s agreed to text messages", duty=duty, name=name),
        "contact.texts_stopped": lambda: _("%(duty)s: %(name)s wants no text messages any more", duty=duty, name=name),
        "contact.ended": lambda: _("%(duty)s: %(name)s left the duty", duty=duty, name=name),
        "site.added": lambda: _("The site was added"),
        "site.changed": lambda: _("The details of the site were changed"),
        "site.stopped": lambda: _("The site was taken out of service"),
        "site.resumed": lambda: _("The site was put back into service"),
    }
    return sentences[entry.fact]() if entry.fact in sentences else str(entry.fact)
