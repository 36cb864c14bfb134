"""What a secretary types when a meeting whose sites know of it is changed. Every form asks why."""

from __future__ import annotations

from typing import Any

from wtforms import IntegerField, RadioField, SelectField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Optional, Regexp

from meetings.accounts.forms import HONORIFICS
from meetings.i18n import gettext as _
from meetings.i18n import lazy_gettext as _l
from meetings.scheduling.forms import DraftForm
from meetings.scheduling.moving import Facts
from meetings.scheduling.series_moves import WHICH_WORDS, Which
from meetings.web.forms import Day, Form, Line, Text, TimeOfDay, between, required


class ReasonForm(DraftForm):
    """Why; and nothing else where a meeting is put off or called off."""

    reason = Text(
        _l("Reason"),
        required(_l("Enter the reason in a few words.")),
        max=500,
        hint=_l("The sites read it in their letter, for example: chủ trì dự họp Chính phủ đột xuất"),
    )
    # asked where the meeting is a date of a series
    which = RadioField(
        _l("Which dates of the series"),
        [Optional()],
        choices=[SelectChoice(which.value, words) for which, words in WHICH_WORDS.items()],
        default=Which.THIS.value,
    )

    @property
    def meant(self) -> Which:
        return Which(self.which.data or Which.THIS)


def _typed(field: Any) -> bool:
    return any(text.strip() for text in field.raw_data or ())


class RescheduleForm(ReasonForm):
    day = Day(_l("Day"), required(_l("Enter the day.")), hint=_l("dd/mm/yyyy"))
    start = TimeOfDay(_l("From"), required(_l("Enter the hour.")), hint=_l("24 hours, for example 08:00"))
    hours = IntegerField(_l("Length: hours"), [InputRequired(_l("Enter the length of the meeting.")), between(0, 48)])
    minutes = IntegerField(_l("minutes"), [InputRequired(_l("Enter the length of the meeting.")), between(0, 59)])
    in_spite_of = Line(_l("Invite all the same, because"), max=500)
    reply_day = Day(_l("Replies by: day"), Optional(), hint=_l("Empty: as usual"))
    reply_time = TimeOfDay(_l("hour"), Optional())

    @property
    def length(self) -> int:
        return (self.hours.data or 0) * 60 + (self.minutes.data or 0)

    def validate_hours(self, field: Any) -> None:
        if not 10 <= self.length <= 48 * 60:
            raise ValidationError(_("The length must be between 10 minutes and 48 hours."))

    def validate_reply_day(self, field: Any) -> None:
        """Asked of both: what is optional and empty is not looked at any further."""
        if _typed(self.reply_day) != _typed(self.reply_time):
            raise ValidationError(_("Enter the day and the hour of the deadline, or neither."))

    validate_reply_time = validate_reply_day


_PHONE = Regexp(r"^[0-9 .()+\-]{6,30}$", message=_l("Enter a telephone number, for example 024.0000.0101."))


class FactsForm(ReasonForm):
    title = Text(_l("Name of the meeting"), required(_l("Enter the name of the meeting.")), max=300)
    chair_honorific = SelectField(_l("Form of address"), choices=HONORIFICS)
    chair_name = Line(_l("Chair: full name"), required(_l("Enter who takes the chair.")), max=120)
    chair_title = Line(_l("Chair: position"), required(_l("Enter the position of the chair.")), max=200)
    room = SelectField(_l("Room of the host site"), coerce=int, validators=[Optional()])
    composition = Text(
        _l("Who is asked to sit at each site"), required(_l("Enter who is asked to sit at each site.")), max=1000
    )
    max_delegates = IntegerField(_l("At most … delegates a site"), [Optional(), between(1, 5000)])
    host_composition = Text(_l("Who sits at the host site"), max=1000)
    note = Text(_l("What the sites should know besides"), max=2000)
    contact_name = Line(_l("Whom to ask"), required(_l("Enter whom the sites can ask.")), max=200)
    contact_phone = Line(
        _l("Telephone of the office"), required(_l("Enter the telephone number of the office.")), _PHONE, max=30
    )
    technical_phone = Line(_l("Telephone of the technicians"), Optional(), _PHONE, max=30)
    in_spite_of = Line(_l("Invite all the same, because"), max=500)

    def facts(self) -> Facts:
        return Facts(
            title=" ".join((self.title.data or "").split()),
            chair_honorific=self.chair_honorific.data,
            chair_name=self.chair_name.data,
            chair_title=self.chair_title.data,
            composition=self.composition.data,
            max_delegates=self.max_delegates.data,
            host_composition=self.host_composition.data,
            note=self.note.data,
            contact_name=self.contact_name.data,
            contact_phone=self.contact_phone.data,
            technical_phone=self.technical_phone.data or "",
        )


class SitesForm(ReasonForm):
    """Which sites come or go: by code or name, or ticked among those that a search found."""

    codes = Text(
        _l("Codes or names of sites, one a line"),
        max=200_000,
        hint=_l("For example a column copied from Excel: 40, 79, 26740 …"),
    )
    in_spite_of = Line(_l("Invite all the same, because"), max=500)


class CloneForm(Form):
    title = Text(_l("Name of the new meeting"), required(_l("Enter the name of the meeting.")), max=300)
