"""What a person may type about hours that are taken by what is no meeting of ours."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from wtforms import BooleanField, SelectField
from wtforms.fields.choices import SelectChoice

from meetings.clock import instant
from meetings.i18n import lazy_gettext as _l
from meetings.web.forms import Day, Form, Line, TimeOfDay, chosen, optional, required


class _Whose(Form):
    """Of a site: which of its rooms, or all of it."""

    where = SelectField(_l("What is taken"), coerce=int, default=0)

    def offer(self, rooms: Any) -> None:
        self.where.choices = [
            SelectChoice(0, _l("The whole site: its line and all its rooms")),
            *(SelectChoice(room.id, room.name) for room in rooms),
        ]


class BlockForm(_Whose):
    kind = SelectField(_l("Taken by"), [chosen(_l("Choose what the time is taken by."))])
    title = Line(
        _l("What for"), max=200, hint=_l("Seen by the people of the own unit; others read only that it is busy.")
    )
    first_day = Day(_l("From the day"), required(_l("Enter the first day.")))
    from_time = TimeOfDay(_l("From the hour"), optional(), hint=_l("Empty: from the beginning of the day."))
    last_day = Day(_l("To the day"), optional(), hint=_l("Empty: the same day."))
    to_time = TimeOfDay(_l("To the hour"), optional(), hint=_l("Empty: to the end of the day."))

    @property
    def span(self) -> tuple[datetime, datetime]:
        """The hours that are meant, as instants."""
        first: date = self.first_day.data
        last: date = self.last_day.data or first
        begins = instant(first, self.from_time.data or time())
        ends = instant(last, self.to_time.data) if self.to_time.data else instant(last + timedelta(days=1), time())
        return begins, ends


class FeedForm(_Whose):
    url = Line(
        _l("Address of the calendar"),
        required(_l("Enter the address of the calendar.")),
        max=2000,
        hint=_l(
            "The secret address in iCalendar format that Google Calendar, Outlook, Zimbra or Nextcloud gives out"
            " (https://… or webcal://…)."
        ),
    )
    keeps_titles = BooleanField(
        _l("Keep the titles of its events too"),
    )
