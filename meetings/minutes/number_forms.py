"""What a records clerk types into the register of minutes, and an administrator about who counts."""

from __future__ import annotations

from wtforms import IntegerField, RadioField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Optional

from meetings.i18n import lazy_gettext as _l
from meetings.minutes.forms import NUMBER
from meetings.minutes.record_numbers import Book
from meetings.minutes.rules import Which
from meetings.web.forms import Day, Form, Line, between, required


class PaperNumberForm(Form):
    """The number that an issued document got by hand."""

    number = StringField(_l("Number"), [required(_l("Enter the number.")), NUMBER])
    on = Day(_l("Date"), required(_l("Enter the date.")))
    reason = Line(_l("Reason for a correction"), max=300)


class ExplainForm(Form):
    """What became of a number that the register does not know."""

    number = IntegerField(_l("Number"), [required(_l("Enter the number."))])
    why = Line(_l("What became of it"), required(_l("Enter what became of the number.")), max=180)


class CountedForm(Form):
    """Who numbers the biên bản and thông báo of a body."""

    unit = Line(_l("Issuing body"), required(_l("Enter the unit.")), max=250, hint=_l("Code, name or abbreviation"))
    kind = RadioField(
        _l("Which documents"),
        choices=[
            SelectChoice("both", _l("minutes and notices, each in its own series")),
            SelectChoice(Which.RECORD.value, _l("minutes (BB)")),
            SelectChoice(Which.NOTICE.value, _l("notices of conclusions (TB)")),
            SelectChoice(Book.URGING.value, _l("official letters about tasks (công văn đôn đốc)")),
        ],
        default="both",
    )
    by = RadioField(
        _l("Their number"),
        [InputRequired(_l("Choose who gives the number."))],
        choices=[
            SelectChoice("system", _l("is given by the system when they are issued")),
            SelectChoice("clerk", _l("is typed by the records clerk, or left blank for the paper")),
        ],
    )
    last = IntegerField(
        _l("Last number of this year that was given on paper"),
        [Optional(), between(1, 999_999)],
        description=_l("Blank where none was: the system then counts from 01, or on from the last it knows."),
    )
