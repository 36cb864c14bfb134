"""What a clerk types about a message that came in, and about an answer that does not hold."""

from __future__ import annotations

from typing import Any

from wtforms import Field, RadioField, ValidationError

from meetings.i18n import gettext as _
from meetings.i18n import lazy_gettext as _l
from meetings.invitations.forms import TelephoneForm
from meetings.web.forms import Form, Line, required


class AssignForm(TelephoneForm):
    """Whose answer a message is, and which. Nothing is chosen beforehand."""

    caller: Any = None  # the sender stands in the message
    site = RadioField(_l("Site"), choices=[], validate_choice=False)

    def validate_site(self, field: Field) -> None:
        if field.data not in [choice.value for choice in field.choices]:
            raise ValidationError(_("Choose the site that wrote this."))


class AsideForm(Form):
    """Why nothing is to be done about a message."""

    because = Line(
        _l("Reason"), required(_l("Enter why nothing is to be done about this message.")), max=300,
        hint=_l("For example: đã gọi điện trả lời"),
    )  # fmt: skip


class AnswerBackForm(Form):
    """Why an answer is taken back."""

    why = Line(
        _l("Reason for taking it back"), required(_l("Enter why the answer is taken back.")), max=300,
        hint=_l("For example: bấm nhầm, đơn vị đã gọi lại"),
    )  # fmt: skip


class RefuseForm(Form):
    """What is said to who proposed another time."""

    said = Line(_l("What the site is told (it may stay empty)"), max=300)
