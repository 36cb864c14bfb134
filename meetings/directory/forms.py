"""What a person may type into the directory."""

from __future__ import annotations

from typing import Any

from flask_wtf.file import FileField
from wtforms import (
    BooleanField,
    FloatField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    TextAreaField,
    ValidationError,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from meetings import i18n
from meetings.directory import checking, persons
from meetings.i18n import gettext as _
from meetings.i18n import lazy_gettext as _l
from meetings.web.forms import Day, Form, Line, Text, at_most, between, required

HONORIFICS = [SelectChoice("", _l("not known")), SelectChoice("Ông", "Ông"), SelectChoice("Bà", "Bà")]

LANGUAGES = [SelectChoice("vi", "Tiếng Việt"), SelectChoice("en", "English")]


def telephone(form: Any, field: Any) -> None:
    """Keep the digits, refuse what cannot be rung."""
    if field.data:
        digits = persons.phone(field.data)
        if digits is None:
            raise ValidationError(_("This is no telephone number. Enter digits, for example 0912 000 345."))
        field.data = digits


def address(form: Any, field: Any) -> None:
    """Keep the clean address, refuse what mail cannot reach."""
    if field.data:
        clean = persons.email(field.data)
        if clean is None:
            raise ValidationError(_("Mail cannot reach this address. Enter one such as vanphong@nghean.gov.vn."))
        field.data = clean


class Degrees(FloatField):
    """A latitude or longitude; a decimal comma is understood."""

    def process_formdata(self, valuelist: list[str]) -> None:
        super().process_formdata([text.strip().replace(",", ".")[:30] for text in valuelist])


class SiteForm(Form):
    name = Line(_l("Name of the site"), required(_l("Enter the name of the site.")), max=200)
    place = Line(_l("Place"), max=300, hint=_l("Where the delegates go: room, floor, address."))
    seats = IntegerField(_l("Seats"), [Optional(), between(1, checking.MOST_SEATS)])
    equipment = Text(_l("Equipment"), max=500, hint=_l("Terminal, cameras, microphones, back-up line and power."))
    dial_string = Line(
        _l("Dial string"), max=200, hint=_l("What the bridge dials, for example 400123@sip.nghean.example.")
    )
    latitude = Degrees(_l("Latitude"), [Optional(), between(-90, 90)])
    longitude = Degrees(_l("Longitude"), [Optional(), between(-180, 180)])
    calendar_kept = BooleanField(
        _l("All its bookings are made here"),
        default=True,
        description=_l("Without this an hour with no booking is shown as unknown, not as free."),
    )


class NewSiteForm(SiteForm):
    unit = Line(_l("Code of the unit"), required(_l("Enter the code of the unit the site belongs to.")), max=40)


class ContactForm(Form):
    honorific = SelectField(_l("Form of address"), choices=HONORIFICS)
    name = Line(_l("Full name"), required(_l("Enter the full name.")), max=120)
    title = Line(_l("Position"), max=200)
    phone = Line(_l("Telephone"), telephone, max=40)
    email = Line(_l("E-mail"), address, max=254)
    locale = SelectField(_l("Language of the letters"), choices=LANGUAGES, default=i18n.DEFAULT)
    texts = BooleanField(_l("Agrees to be sent text messages on the day of a meeting"))


class CoordinatorForm(ContactForm):
    email = Line(
        _l("E-mail"),
        required(_l("The e-mail address is missing. Enter it: the invitation goes there.")),
        address,
        max=254,
        hint=_l("The invitation and the private link go to this address."),
    )


def whether_new(form_class: type[ContactForm]) -> type[ContactForm]:
    """The same form, asking whether it is about a new person: only then do the old links stop working."""

    class Asking(form_class):  # type: ignore[valid-type,misc]  # told at run time
        change = RadioField(
            _l("What has changed"),
            [InputRequired(_l("Choose whether this is a new person."))],
            choices=[
                SelectChoice("new", _l("A new person: the links of the present one stop working")),
                SelectChoice("same", _l("The same person: only mend the details")),
            ],
        )

    return Asking


class RoomForm(Form):
    name = Line(_l("Name of the room"), required(_l("Enter the name of the room.")), max=200)
    seats = IntegerField(_l("Seats"), [Optional(), between(1, checking.MOST_SEATS)])
    in_service = BooleanField(_l("In use"), default=True)


class PersonForm(Form):
    unit = Line(_l("Code of the unit"), required(_l("Enter the code of the unit.")), max=40)
    honorific = SelectField(_l("Form of address"), choices=HONORIFICS)
    name = Line(_l("Full name"), required(_l("Enter the full name.")), max=120)
    title = Line(_l("Position"), required(_l("Enter the position.")), max=200)
    email = Line(_l("E-mail"), address, max=254)
    phone = Line(_l("Telephone"), telephone, max=40)
    is_leader = BooleanField(_l("A leader: may take the chair, sign, and receive the conclusions"))
    calendar_kept = BooleanField(
        _l("The calendar of this person is kept here"),
        description=_l("Without this an hour with no booking is shown as unknown, not as free."),
    )


class GroupForm(Form):
    unit = SelectField(_l("Belongs to"), coerce=int, validate_choice=True)
    name = Line(_l("Name of the group"), required(_l("Enter the name of the group.")), max=200)
    sites = TextAreaField(
        _l("Sites"),
        [required(_l("Enter the codes or names of the sites, one a line.")), at_most(200_000)],
        description=_l("One code or name a line; a column copied from Excel will do."),
    )


class MergeForm(Form):
    closing = SelectMultipleField(
        _l("Units that close"),
        coerce=int,
        option_widget=CheckboxInput(),
        widget=ListWidget(prefix_label=False),
    )
    type = SelectField(
        _l("Kind of the new unit"),
        choices=[
            SelectChoice("xã", _l("commune")),
            SelectChoice("phường", _l("ward")),
            SelectChoice("đặc khu", _l("special zone")),
        ],
    )
    name = Line(
        _l("Name of the new unit"),
        required(_l("Enter the name of the new unit.")),
        max=100,
        hint=_l("Without the kind, for example: Kim Liên."),
    )
    code = Line(_l("Code of the new unit"), required(_l("Enter the code of the new unit.")), max=20)
    on_date = Day(_l("From the day"), InputRequired(_l("Enter the day from which the new unit exists.")))
    keep = SelectField(_l("Whose coordinators go on"), coerce=int, default=0)

    def validate_closing(self, field: Any) -> None:
        if not field.data:
            raise ValidationError(_("Choose the units that are closed."))

    def validate_code(self, field: Any) -> None:
        if not field.data.replace("-", "").replace(".", "").isalnum() or not field.data.isascii():
            raise ValidationError(_("A code has letters, digits, dots and hyphens only."))


class ImportForm(Form):
    unit = SelectField(_l("Whose sites"), coerce=int)
    pasted = TextAreaField(_l("Rows copied from Excel"), [at_most(4_000_000)])
    file = FileField(_l("Or a file (.xlsx, .csv)"))

    def validate_pasted(self, field: Any) -> None:
        if not (field.data or "").strip() and not self.file.data:
            raise ValidationError(_("Paste the rows or choose a file."))
