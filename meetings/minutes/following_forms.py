"""What is typed about tasks: by the unit, by whoever gave them, and to look for them."""

from __future__ import annotations

from collections.abc import Sequence

from flask_wtf.file import FileField
from wtforms import BooleanField, IntegerField, SelectField
from wtforms.validators import Optional
from wtforms.widgets import TextInput

from meetings.i18n import lazy_gettext as _l
from meetings.web.forms import Day, Form, Line, Text


def _share(text: object) -> object:
    """``40 %`` as ``40``."""
    return str(text).strip().rstrip("%").strip() if isinstance(text, str) else text


class Percent(IntegerField):
    """A share in per cent, with or without its sign: a line of text, for a field of numbers throws “40 %” away."""

    widget = TextInput()

    def process_formdata(self, valuelist: list[str]) -> None:
        super().process_formdata([str(_share(text)) for text in valuelist if str(_share(text))])


class ReportForm(Form):
    """How far a task has come, or that it is done."""

    percent = Percent(_l("How far it has come, in per cent"), [Optional()])
    words = Text(_l("What has been done"), max=2000)
    file = FileField(_l("File"), description=_l(".pdf, .docx, .xlsx, .pptx, .odt, .jpg or .png, at most 5 MB"))


class ExtensionForm(Form):
    """A later day is asked for."""

    due = Day(_l("New day"))
    reason = Text(_l("Reason"), max=2000)


class DecideForm(Form):
    """What the giver decides: the words reach the unit. *due* is another day than was asked for; *done_on* when it was done;
    *asked* the day that stood on the page as asked for."""

    asked = Day(_l("Day that was asked for"), Optional())

    due = Day(_l("Another day than was asked for"), Optional())
    done_on = Day(_l("Done on"), Optional())
    words = Text(_l("Remarks for the unit"), max=2000)


class TelephoneForm(ReportForm):
    """What the unit said on the telephone."""

    caller = Line(_l("Who said so on the telephone"), max=120)
    done = BooleanField(_l("The unit says that it is done"))


class LeadForm(Form):
    """Which unit leads a task."""

    unit = Line(_l("Leading unit"), max=250, hint=_l("Code or name, as it is proposed."))


class UrgeForm(Form):
    """Nothing is typed: who is written to stands on the page before."""


class LetterForm(Form):
    """What a công văn đôn đốc says beyond the tasks."""

    number = Line(_l("Number"), max=20, hint=_l("Left empty, it is given on paper."))
    on_paper = BooleanField(_l("Leave the number of this letter to the paper"))
    signer = SelectField(_l("Signer"), choices=[], validate_choice=False)
    on = Day(_l("Date"), Optional())
    answer_by = Day(_l("Report by"), Optional())
    send = BooleanField(_l("Send it to the unit by e-mail"), description=_l("Otherwise it is downloaded."))

    def offer(self, signers: Sequence[tuple[str, str]]) -> None:
        """Let one of *signers*, (value, name), be chosen; where the body has none nobody is asked."""
        self.signer.choices = list(signers)
