"""What a person may ask of the calendar."""

from __future__ import annotations

from typing import Any

from wtforms import SelectField

from meetings.i18n import gettext as _
from meetings.i18n import lazy_gettext as _l
from meetings.web.forms import Form, Line


class SubscriptionForm(Form):
    of = SelectField(_l("Whose calendar"), default="mine", validate_choice=True)
    site = Line(
        _l("Or the code of a site"),
        max=40,
        hint=_l("As it stands on the site's page, for example 40 for Nghệ An."),
    )

    def offer(self, sites: Any, rooms: Any, people: Any) -> None:
        """Let the reader choose among what is near her; every other site is named by its code."""
        offered: dict[str, list[tuple[str, str]]] = {_("Mine"): [("mine", _("My meetings"))]}
        if sites:
            offered[_("Sites")] = [(f"site-{site.id}", site.name) for site in sites]
        if rooms:
            offered[_("Rooms")] = [(f"room-{room.id}", f"{room.name} · {room.site.name}") for room in rooms]
        if people:
            offered[_("Chairs")] = [
                (f"person-{p.id}", f"{p.honorific} {p.name}, {p.title}".strip(" ,")) for p in people
            ]
        self.of.choices = offered
