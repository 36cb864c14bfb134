"""What a coordinator types on the pages of the private link that belong to no single step: the answer, the check-in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from wtforms import BooleanField, Field, HiddenField, IntegerField, RadioField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Optional, ValidationError

from meetings.attendance.rules import MAX_HEAD_COUNT
from meetings.directory import persons
from meetings.i18n import gettext as _
from meetings.i18n import lazy_gettext as _l
from meetings.invitations.answering import Answer, replaced_of
from meetings.invitations.rules import Reply
from meetings.readiness.forms import HONORIFIC_CHOICES, QueuedForm
from meetings.readiness.models import Delegate
from meetings.web.forms import Line

ANSWER_CHOICES: Final = (
    SelectChoice(Reply.ACCEPTED.value, _l("Attend")),
    SelectChoice(Reply.SUBSTITUTE.value, _l("Send a substitute")),
    SelectChoice(Reply.DECLINED.value, _l("Cannot attend")),
)
_NEEDED: Final = {
    Reply.SUBSTITUTE.value: {
        "substitute_name": _l("Enter the name of the substitute."),
        "substitute_title": _l("Enter the title of the substitute."),
    },
    Reply.DECLINED.value: {"reason": _l("Enter the reason why this site cannot attend.")},
}


class ReplyForm(QueuedForm):
    """Attend, send a substitute, or decline with a reason. Nothing is chosen beforehand: a person must choose."""

    answer = RadioField(_l("Answer"), choices=list(ANSWER_CHOICES), validate_choice=False)
    substitute_honorific = RadioField(_l("Form of address"), choices=list(HONORIFIC_CHOICES[:2]), validate_choice=False)
    substitute_name = Line(_l("Substitute"), max=120)
    substitute_title = Line(_l("Title"), max=200)
    replaced = Line(
        _l("In whose place"), max=300, hint=_l("The person who is invited, with the title: Ông Nguyễn Văn A, Chủ tịch")
    )
    substitute_reason = Line(_l("Reason (if any)"), max=500)
    reason = Line(_l("Reason"), max=500)
    day_phone = Line(
        _l("Coordinator's telephone on the day"),
        max=40,
        hint=_l("The office rings this number when the connection is lost"),
    )

    hour = HiddenField()  # that the page showed, which may have lain open, or waited for a connection, while it changed

    # asked where the meeting is a date of a series
    dates = RadioField(
        _l("For which dates"),
        [Optional()],
        choices=[SelectChoice("this", _l("This date")), SelectChoice("all", _l("Every date of the series ahead"))],
        default="this",
    )

    def validate_answer(self, field: Field) -> None:
        if field.data not in [choice.value for choice in ANSWER_CHOICES]:
            raise ValidationError(_("Choose one of the three answers."))

    def validate_substitute_honorific(self, field: Field) -> None:
        if field.data not in ("", None, *persons.HONORIFICS):
            raise ValidationError(_("Choose Ông or Bà."))

    def validate_day_phone(self, field: Field) -> None:
        if field.data and persons.phone(field.data) is None:
            raise ValidationError(_("This is not a telephone number. Example: 0912 000 345."))

    def validate(self, extra_validators: Mapping[str, Iterable[Any]] | None = None) -> bool:
        good = super().validate(extra_validators)
        for name, sentence in _NEEDED.get(self.answer.data or "", {}).items():
            if not self[name].data:
                self[name].errors = [*self[name].errors, str(sentence)]
                good = False
        return good

    @property
    def said(self) -> Answer:
        """The answer, with the reason that belongs to it whatever stands in the other fields."""
        chosen = Reply(self.answer.data)
        reasons = {Reply.SUBSTITUTE: self.substitute_reason, Reply.DECLINED: self.reason}
        return Answer(
            reply=chosen,
            substitute_honorific=self.substitute_honorific.data or "",
            substitute_name=self.substitute_name.data or "",
            substitute_title=self.substitute_title.data or "",
            **replaced_of(self.replaced.data),
            reason=str(reasons[chosen].data or "") if chosen in reasons else "",
            day_phone=persons.phone(self.day_phone.data or "") or "",
        )


class CheckInForm(QueuedForm):
    """The site is in the meeting, with so many people."""

    head_count = IntegerField(_l("Delegates present"))
    sure = HiddenField()  # the number that was asked about and is sent once more

    @property
    def asked(self) -> bool:
        """Whether an odd number need not be asked about: it was already, or waited on the device, which cannot answer."""
        return self.sure.data == str(self.head_count.data) or self.seconds >= 60

    def validate_head_count(self, field: Field) -> None:
        if field.data is None or not 1 <= field.data <= MAX_HEAD_COUNT:
            field.errors = []
            raise ValidationError(_("Enter the number of delegates present, from 1 to %(most)s.", most=MAX_HEAD_COUNT))


class AbsencesForm(QueuedForm):
    """Parent of the form that says who of the list is not there; its fields are those of the list (:func:`absences`)."""

    @property
    def reasons(self) -> dict[int, str]:
        """Why, by the id of each delegate that was ticked."""
        ids = [
            int(field.name.removeprefix("absent-")) for field in self if field.name.startswith("absent-") and field.data
        ]
        return {id: str(self[f"why-{id}"].data or "") for id in ids}


def absences(delegates: Iterable[Delegate], **kwargs: Any) -> AbsencesForm:
    """The form that asks of each of *delegates* whether he is absent, and why."""
    fields: dict[str, Any] = {}
    for one in delegates:
        fields[f"absent-{one.id}"] = BooleanField(one.name, default=one.absent)
        fields[f"why-{one.id}"] = Line(_l("Reason (if any)"), max=300, default=one.absence)
    made: type[AbsencesForm] = type("AbsencesForm", (AbsencesForm,), fields)
    return made(**kwargs)


class ReportForm(QueuedForm):
    """A report without figures: ready, connection lost, left."""
