"""What a person may type into the minutes: a form for each part that is saved by itself."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any, Final

from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, HiddenField, IntegerField, SelectField, StringField
from wtforms.validators import Regexp
from wtforms.widgets import HiddenInput

from meetings.clock import instant
from meetings.i18n import gettext as _
from meetings.i18n import lazy_gettext as _l
from meetings.minutes import word_file
from meetings.minutes.content import Concluded, Content, Given, Spoken
from meetings.minutes.hand_out_forms import IssueReceiversForm
from meetings.minutes.rules import BlockKind, StatementKind
from meetings.official import numbers
from meetings.web.forms import Day, DayOf, Form, Line, Text, TimeOfDay, optional, required

LONGEST = 8000


class Part(Form):
    """A part that is saved by itself; *edition* is the one that was on the page."""

    edition = IntegerField(default=0, widget=HiddenInput())

    @property
    def seen(self) -> int:
        """The edition the page was made of; -1, which never fits, for one that was tampered with."""
        return self.edition.data if isinstance(self.edition.data, int) else -1


class Timed(Part):
    """A part that says from when to when; the days are asked only where the meeting had several."""

    from_day = DayOf(_l("From the day"))
    to_day = DayOf(_l("To the day"))

    def offer(self, days: Sequence[date], first: date, last: date) -> None:
        """The days to choose from, and those that stand."""
        self.from_day.offer(days, first)
        self.to_day.offer(days, last)


class HeadForm(Timed):
    started = TimeOfDay(_l("Began at"), required(_l("Enter when the meeting began.")))
    ended = TimeOfDay(_l("Ended at"), optional())
    place = Text(_l("Place"), required(_l("Enter where the meeting was held.")), max=1000)
    attendance = Text(
        _l("Attendance"),
        required(_l("Enter who took part.")),
        max=LONGEST,
        hint=_l("Taken from the roll; one line for each kind of participant."),
    )
    chair = Line(_l("Chair"), required(_l("Enter who chaired the meeting.")), max=400)
    secretary = Line(_l("Minutes taken by"), required(_l("Enter who took the minutes.")), max=400)
    agreed = Text(_l("Assent and votes"), max=LONGEST, hint=_l("Stands after the conclusion; may stay empty."))
    recipients = Text(_l("Recipients of the minutes"), max=2000, hint=_l("One a line, without dashes."))

    @property
    def span(self) -> tuple[datetime, datetime | None]:
        """Began and ended as instants."""
        began = instant(self.from_day.data, self.started.data or time(0))
        return began, instant(self.to_day.data, self.ended.data) if self.ended.data else None


class ItemForm(Timed):
    title = Line(_l("Agenda item"), required(_l("Enter what the agenda item was about.")), max=500)
    starts = TimeOfDay(_l("From"), optional())
    ends = TimeOfDay(_l("to"), optional())

    @property
    def span(self) -> tuple[datetime | None, datetime | None]:
        """From and to as instants."""
        starts, ends = self.starts.data, self.ends.data
        return (
            instant(self.from_day.data, starts) if starts else None,
            instant(self.to_day.data, ends) if ends else None,
        )


class NewItemForm(Form):
    title = Line(_l("Agenda item"), required(_l("Enter what the agenda item was about.")), max=500)


class BlockForm(Form):
    """A block that is saved by itself: which one, and as it stood on the page that was sent."""

    id = HiddenField(validators=[Regexp(r"\d{0,9}$")])
    edition = IntegerField(default=0, widget=HiddenInput())
    once = HiddenField(validators=[Regexp(r"[0-9a-z-]{0,40}$")])
    typing = HiddenField()
    text = Text(_l("Text"), max=LONGEST)

    @property
    def seen(self) -> int:
        """The edition the page was made of; -1, which never fits, for one that was tampered with."""
        return self.edition.data if isinstance(self.edition.data, int) else -1

    def content(self) -> Content:
        """What was typed."""
        raise NotImplementedError


class Count(StringField):
    """How many voted so: a whole number, or nothing."""

    data: Any

    def process_formdata(self, valuelist: list[str]) -> None:
        typed = valuelist[0].strip() if valuelist else ""
        self.data = numbers.read(typed, 5)
        if typed and self.data is None:
            raise ValueError(_("Enter a whole number."))

    def _value(self) -> str:
        return str(self.data) if isinstance(self.data, int) else "".join(self.raw_data or [])


class StatementForm(BlockForm):
    kind = SelectField(_l("Kind"), choices=[kind.value for kind in StatementKind], default="statement")
    site = Line(_l("Site"), max=200)
    speaker = Line(_l("Speaker"), max=300)
    votes_for = Count(_l("For"))
    votes_against = Count(_l("Against"))
    votes_withheld = Count(_l("Withheld"))

    def content(self) -> Spoken:
        kind = StatementKind(self.kind.data)
        votes = (self.votes_for.data, self.votes_against.data, self.votes_withheld.data)
        return Spoken(
            self.text.data or "",
            self.site.data or "",
            self.speaker.data or "",
            kind,
            *(votes if kind is StatementKind.VOTE else (None, None, None)),
        )


class ConclusionForm(BlockForm):
    def content(self) -> Concluded:
        return Concluded(self.text.data or "")


class TaskForm(BlockForm):
    lead = Line(_l("Lead unit"), max=300)
    support = Line(_l("Supporting units"), max=500)
    due_on = Day(_l("Due"), optional())

    def content(self) -> Given:
        return Given(self.text.data or "", self.lead.data or "", self.support.data or "", self.due_on.data)


FORMS: Final[dict[BlockKind, type[BlockForm]]] = {
    BlockKind.STATEMENT: StatementForm,
    BlockKind.CONCLUSION: ConclusionForm,
    BlockKind.TASK: TaskForm,
}


class NoticeForm(Part):
    notice_title = Text(_l("Subject of the notice"), required(_l("Enter the subject of the notice.")), max=800)
    notice_opening = Text(_l("Opening"), required(_l("Enter the opening of the notice.")), max=LONGEST)
    notice_arrangement = Text(_l("Carrying out"), max=LONGEST)
    notice_last = Text(_l("Closing sentence"), max=500)
    notice_recipients = Text(_l("Recipients of the notice"), max=2000, hint=_l("One a line, without dashes."))
    signer_authority = Line(_l("Authority"), max=120, hint=_l("TL. BỘ TRƯỞNG, KT. CHỦ TỊCH …"))
    signer_title = Line(_l("Office of the signer"), max=120)
    signer_name = Line(_l("Name of the signer"), max=120)

    def texts(self) -> dict[str, str]:
        """What was typed, by attribute of the record."""
        return {
            name: field.data or "" for name, field in self._fields.items() if name.startswith(("notice_", "signer_"))
        }


class BringForm(Form):
    """A document that was edited in Word and is brought back."""

    file = FileField(
        _l("The document as you saved it in Word"),
        [FileRequired(_l("Choose a file."))],
        description=_l(".docx, at most 20 MB, without macros. Accept or reject tracked changes first."),
    )

    @property
    def name(self) -> str:
        return str(self.file.data.filename or "") if self.file.data else ""

    @property
    def data_of_file(self) -> bytes:
        """The bytes, and one more than may be, so that a file that is too large is known as such."""
        return bytes(self.file.data.stream.read(word_file.MOST + 1))


class ApproveForm(Form):
    """*seen* names the two documents on the page by their SHA-256, so that nothing else is approved."""

    seen = HiddenField()

    @property
    def sums(self) -> tuple[str, str]:
        first, _comma, second = (self.seen.data or "").partition(",")
        return first, second


class EmptyForm(Form):
    """A button without anything to type."""


class ReasonForm(Form):
    reason = Text(_l("Reason"), required(_l("Enter the reason.")), max=500)


NUMBER = Regexp(r"\d{1,6}[A-Za-z]?$", message=_l("Enter the number without its symbol, for example 125."))


class IssueForm(IssueReceiversForm):
    number = StringField(_l("Number of the minutes"), [optional(), NUMBER])
    on = Day(_l("Date of the minutes"), optional())
    notice_number = StringField(_l("Number of the notice"), [optional(), NUMBER])
    notice_on = Day(_l("Date of the notice"), optional())
    on_paper = BooleanField(_l("Leave number and date blank this time: they are written on the paper by hand"))


class SendCodeForm(Form):
    """A code is sent to who says that she is the reader: machines that look through the mail press every button."""

    reader = BooleanField(
        _l("I am the one this letter was sent to"), [required(_l("Tick this box to have the code sent."))]
    )


class CodeForm(Form):
    code = StringField(_l("Code from the e-mail"), [required(_l("Enter the code from the e-mail."))])

    @property
    def digits(self) -> str:
        """The code without the blanks that people put into it."""
        return "".join(str(self.code.data or "").split())[:20]
