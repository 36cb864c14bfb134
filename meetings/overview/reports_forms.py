"""What may be typed about the sending of reports."""

from __future__ import annotations

from wtforms import IntegerField, SelectChoice, SelectField

from meetings.i18n import lazy_gettext as _l
from meetings.overview.reports_figures import BY_WORDS
from meetings.overview.reports_period import RHYTHM_WORDS, Rhythm
from meetings.overview.reports_schedule import LATEST_DAY
from meetings.web.forms import Form, between, chosen


class ScheduleForm(Form):
    """Who gets the report on which unit, how often, and on which day."""

    reader = SelectField(_l("Who gets it"), [chosen(_l("Choose who gets it."))], coerce=int)
    unit = SelectField(_l("Report of"), [chosen(_l("Choose a unit."))], coerce=int)
    rhythm = SelectField(
        _l("How often"),
        choices=[SelectChoice(one.value, words) for one, words in RHYTHM_WORDS.items()],
        default=Rhythm.QUARTER.value,
    )
    by = SelectField(_l("Lines by"), choices=[SelectChoice(one.value, words) for one, words in BY_WORDS.items()])
    working_day = IntegerField(
        _l("Working day after the period"),
        [between(1, LATEST_DAY)],
        default=3,
        description=_l("It leaves at 08:00 of this working day."),
    )


class EndForm(Form):
    """Send it no more."""
