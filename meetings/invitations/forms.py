"""What a secretary types about a site's answer, an approver about a giấy mời, a records clerk about its number."""

from __future__ import annotations

from typing import Final

from wtforms import BooleanField, Field, HiddenField, IntegerField, RadioField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Optional, ValidationError

from meetings.directory import persons
from meetings.i18n import gettext as _
from meetings.i18n import lazy_gettext as _l
from meetings.invitations.answering import Answer, replaced_of
from meetings.invitations.rules import Reply
from meetings.scheduling.rules import TYPE_WORDS, MeetingType
from meetings.web.forms import Day, Form, Line, Text, between, required

REPLY_WORDS: Final = {
    Reply.ACCEPTED.value: _l("Attends"),
    Reply.SUBSTITUTE.value: _l("Sends a substitute"),
    Reply.DECLINED.value: _l("Cannot attend"),
}


class TelephoneForm(Form):
    """An answer given on the telephone. Nothing is chosen beforehand."""

    caller = Line(
        _l("Who rang"), required(_l("Enter who rang.")), max=120, hint=_l("Name and office, as told on the telephone")
    )
    reply = RadioField(
        _l("Answer"), choices=[SelectChoice(value, word) for value, word in REPLY_WORDS.items()], validate_choice=False
    )
    substitute_honorific = RadioField(
        _l("Form of address"), choices=[SelectChoice(word, word) for word in persons.HONORIFICS], validate_choice=False
    )
    substitute_name = Line(_l("Substitute"), max=120)
    substitute_title = Line(_l("Title"), max=200)
    replaced = Line(
        _l("In whose place"), max=300, hint=_l("The person who is invited, with the title: Ông Nguyễn Văn A, Chủ tịch")
    )
    reason = Line(_l("Reason"), max=500, hint=_l("Needed when the site cannot attend"))
    day_phone = Line(_l("Coordinator's telephone on the day"), max=30)

    def validate_reply(self, field: Field) -> None:
        if field.data not in REPLY_WORDS:
            raise ValidationError(_("Choose one of the three answers."))

    def validate_substitute_honorific(self, field: Field) -> None:
        if field.data not in ("", None, *persons.HONORIFICS):
            raise ValidationError(_("Choose Ông or Bà."))

    def validate_day_phone(self, field: Field) -> None:
        if field.data and persons.phone(field.data) is None:
            raise ValidationError(_("This is not a telephone number. Example: 0912 000 345."))

    @property
    def said(self) -> Answer:
        """The answer as the service takes it."""
        return Answer(
            Reply(self.reply.data),
            substitute_honorific=self.substitute_honorific.data or "",
            substitute_name=self.substitute_name.data or "",
            substitute_title=self.substitute_title.data or "",
            reason=self.reason.data or "",
            day_phone=persons.phone(self.day_phone.data or "") or "",
            **replaced_of(self.replaced.data),
        )


class EndLinkForm(Form):
    """Why a site's link is to open nothing any more."""

    reason = Line(
        _l("Reason"),
        required(_l("Enter the reason in a few words.")),
        max=300,
        hint=_l("For example: chuyển nhầm người"),
    )


class ConsentForm(Form):
    """What the chair says to a substitute, recorded in the chair's name."""

    given = RadioField(
        _l("The chair"),
        choices=[SelectChoice("yes", _l("consents")), SelectChoice("no", _l("does not consent"))],
        validate_choice=False,
    )
    by = Line(_l("In whose name"), required(_l("Enter in whose name the consent is recorded.")), max=120)
    refusal = Line(_l("Reason"), max=500, hint=_l("Needed when the chair does not consent; the site reads it"))

    def validate_given(self, field: Field) -> None:
        if field.data not in ("yes", "no"):
            raise ValidationError(_("Choose whether the chair consents."))


class ResendForm(Form):
    """Where a letter that failed goes now."""

    email = Line(
        _l("E-mail address"), required(_l("Enter an e-mail address such as vanphong@nghean.example.")), max=254
    )
    directory = BooleanField(_l("Use this address for every later letter, and in the directory"), default=True)


class TrialForm(Form):
    """Whose letter somebody wants to see in her own mailbox."""

    site = Line(_l("Site whose letter is tested"), required(_l("Enter the name of a site.")), max=200)


class DecideForm(Form):
    """What the approver saw, and what she wants changed."""

    seen = HiddenField()
    remarks = Text(_l("What is to be changed"), max=2000, hint=_l("The secretary reads it on every step of the draft."))


class NumberForm(Form):
    """What the records clerk gives."""

    number = IntegerField(_l("Number"), [InputRequired(_l("Enter the number.")), between(1, 999_999)])
    on = Day(
        _l("Date of the giấy mời"),
        required(_l("Enter the date.")),
        hint=_l("The number counts in the year of this date."),
    )
    reason = Line(_l("Reason, where it is not the next number or corrects one"), max=500)


class ApprovalRuleForm(Form):
    """Whose giấy mời must be approved."""

    unit = Line(
        _l("Unit"),
        required(_l("Enter the unit.")),
        max=250,
        hint=_l("Code, name or abbreviation. It holds for everything below it too."),
    )
    meeting_type = SelectField(
        _l("Type of meeting"),
        choices=[SelectChoice("", _l("Every type")), *(SelectChoice(t.value, w) for t, w in TYPE_WORDS.items())],
    )
    needed = RadioField(
        _l("Before the giấy mời is sent"),
        [InputRequired(_l("Choose whether an approval is needed."))],
        choices=[SelectChoice("yes", _l("it must be approved")), SelectChoice("no", _l("no approval is needed"))],
    )
    valid_from = Day(_l("Holds from"), required(_l("Enter the day.")))

    @property
    def type(self) -> MeetingType | None:
        return MeetingType(self.meeting_type.data) if self.meeting_type.data else None


class CountingForm(Form):
    """Who numbers the giấy mời of a body."""

    unit = Line(_l("Inviting body"), required(_l("Enter the unit.")), max=250, hint=_l("Code, name or abbreviation"))
    by = RadioField(
        _l("The number of the giấy mời"),
        [InputRequired(_l("Choose who gives the number."))],
        choices=[
            SelectChoice("system", _l("is given by the system when the giấy mời is released")),
            SelectChoice("clerk", _l("is given by the records clerk")),
        ],
    )
    last = IntegerField(
        _l("Last number of this year that was given on paper"),
        [Optional(), between(1, 999_999)],
        description=_l("Blank where none was: the system then counts from 01, or on from the last it knows."),
    )
