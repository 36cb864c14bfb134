"""What a person may type about the slots of a rehearsal."""

from __future__ import annotations

from wtforms import BooleanField, IntegerField
from wtforms.validators import InputRequired

from meetings.clock import instant, wall
from meetings.i18n import lazy_gettext as _l
from meetings.readiness.sharing import Grid
from meetings.web.forms import Day, Form, Text, TimeOfDay, required


class SlotsForm(Form):
    """The hours of a rehearsal, how long each site is rung, how many ring at the same time, and who."""

    day = Day(_l("Day"), required(_l("Enter the day.")), hint=_l("dd/mm/yyyy"))
    begins = TimeOfDay(_l("From"), required(_l("Enter the hour.")))
    ends = TimeOfDay(_l("until"), required(_l("Enter the hour.")))
    minutes = IntegerField(_l("Minutes for each site"), [InputRequired(_l("Enter a whole number."))])
    lanes = IntegerField(_l("Technicians who ring at the same time"), [InputRequired(_l("Enter a whole number."))])
    technicians = Text(
        _l("Who rings, one name a line"),
        max=4000,
        hint=_l("The sites read this name on their page. Fewer names than technicians come round again."),
    )
    afresh = BooleanField(_l("Move also the sites that were told a slot already"))

    @property
    def grid(self) -> Grid:
        day = self.day.data
        return Grid(instant(day, self.begins.data), instant(day, self.ends.data), self.minutes.data, self.lanes.data)

    @property
    def names(self) -> list[str]:
        return [line.strip() for line in (self.technicians.data or "").splitlines() if line.strip()]

    def stand(self, grid: Grid, names: list[str]) -> None:
        """Show the slots as they are, or as they are offered."""
        begins, ends = wall(grid.begins_at), wall(grid.ends_at)
        self.day.data, self.begins.data, self.ends.data = begins.date(), begins.time(), ends.time()
        self.minutes.data, self.lanes.data = grid.minutes, grid.lanes
        self.technicians.data = "\n".join(names)
