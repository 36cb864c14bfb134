"""What is typed about a cascade: by the secretary who asks for it, and by the officer above for the sites below hers."""

from __future__ import annotations

from typing import Any, Final

from wtforms import Field, HiddenField, IntegerField, RadioField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Optional

from meetings.directory import persons
from meetings.i18n import gettext as _
from meetings.i18n import lazy_gettext as _l
from meetings.scheduling.cascade_rules import MOST
from meetings.web.forms import Day, Form, Line, Text, TimeOfDay, between, required

LEVEL_CHOICES: Final = (
    SelectChoice("2", _l("Two levels: provinces bring their communes")),
    SelectChoice("3", _l("Three levels: communes bring sites below them as well")),
)


class AskForm(Form):
    """That provinces are to bring their communes, how deep, until when, how many, and which are meant."""

    levels = RadioField(_l("Levels of sites"), choices=list(LEVEL_CHOICES), default="2")
    bring_day = Day(_l("Sites are added by: day"), Optional(), hint=_l("Empty: until the deadline for replies"))
    bring_time = TimeOfDay(_l("hour"), Optional())
    most = IntegerField(_l("At most … sites for each"), [Optional(), between(1, MOST)])
    note = Line(_l("Which are meant"), max=500, hint=_l("For example: các xã biên giới"))

    def validate_bring_day(self, field: Any) -> None:
        if bool(self.bring_day.data) != bool(self.bring_time.data):
            raise ValidationError(_("Enter the day and the hour of the deadline, or neither."))


class BringForm(Form):
    """Which sites come: ticked, or by a list of codes or names."""

    codes = Text(_l("Codes or names of sites, one a line"), max=20_000)
    in_spite_of = Line(_l("Why the busy ones are brought all the same"), max=500)


class RemindForm(Form):
    """Whom the preview named."""

    seen = HiddenField()


class OutForm(Form):
    """Why a site is taken out again."""

    because = Line(_l("Reason"), required(_l("Enter the reason in a few words.")), max=300)


class OfficersForm(Form):
    """A pasted list of who answers for which site."""

    listed = Text(_l("Sites and their officers"), required(_l("Paste the list: a line for each site.")), max=100_000)


class OfficerForm(Form):
    """Who answers for a site that nobody is named for, or that no letter reaches."""

    honorific = RadioField(
        _l("Form of address"), choices=[SelectChoice(word, word) for word in persons.HONORIFICS], validate_choice=False
    )
    name = Line(_l("Full name"), required(_l("Enter the full name.")), max=120)
    phone = Line(_l("Telephone"), max=40)
    email = Line(_l("E-mail"), max=254, hint=_l("The invitation and the private link go to this address."))

    def validate_honorific(self, field: Field) -> None:
        if field.data not in ("", None, *persons.HONORIFICS):
            raise ValidationError(_("Choose Ông or Bà."))

    def validate_phone(self, field: Field) -> None:
        if field.data and persons.phone(field.data) is None:
            raise ValidationError(_("This is not a telephone number. Example: 0912 000 345."))

    def validate_email(self, field: Field) -> None:
        if field.data and persons.email(field.data) is None:
            raise ValidationError(_("Enter an e-mail address such as vanphong@nghean.example."))
        if not field.data and not self.phone.data:
            raise ValidationError(_("Enter a telephone number or an e-mail address."))

    @property
    def facts(self) -> dict[str, str]:
        return {
            "honorific": self.honorific.data or "",
            "name": self.name.data,
            "phone": persons.phone(self.phone.data or "") or "",
            "email": persons.email(self.email.data or "") or "",
        }
