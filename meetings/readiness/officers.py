"""The officers of the sites below a head, from a list that was pasted: read as the directory reads its lists, and named.

A second room of ``cascading``: the same rules hold. A line that cannot be taken holds up no other, and nobody who is named
with an address already is put out of office.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from meetings.accounts.rules import Actor
from meetings.directory import checking, columns, tables, wording
from meetings.directory.columns import Column
from meetings.directory.matching import Place, Register
from meetings.directory.models import Duty, Site
from meetings.i18n import gettext as _
from meetings.invitations import queries as invitations
from meetings.official.text import fold
from meetings.readiness import cascading
from meetings.scheduling import bringing, cascades
from meetings.scheduling.cascade_rules import Deed
from meetings.scheduling.models import MeetingSite


@dataclass(frozen=True)
class Good:
    """A line that says who answers for *site*."""

    site: Site
    who: checking.Holder


@dataclass(frozen=True)
class Unusable:
    """A line as it was pasted, and why it cannot be taken."""

    number: int
    text: str
    why: str


@dataclass(frozen=True)
class Reading:
    """What a list says. *rest*: its header and the lines that are still to be mended; *known*: who is named so already."""

    good: Sequence[Good]
    wrong: Sequence[Unusable]
    known: int
    rest: str


def read(head: MeetingSite, text: str) -> Reading:
    """The lines of *text* as they fit the sites below *head*. Raises :class:`Refused` for what is no list."""
    found = cascades.open_for(head, Deed.CARE)
    sites = {one.site.id: one.site for one in bringing.candidates(head, found)}
    register = Register([Place(site.id, site.code, site.name, site.unit.type) for site in sites.values()])
    grid = tables.from_text(text)
    plan = columns.plan(grid)
    now_named = invitations.officers_at(list(sites))
    good: dict[int, Good] = {}
    wrong: list[Unusable] = []
    first: dict[int, int] = {}
    known = 0
    for number, cells in checking.lines(grid, [str(one or "") for one in plan.columns], plan.head_rows):
        place = register.find(cells.get(Column.CODE, ""), cells.get(Column.UNIT, ""))
        why = [wording.fault(one.stored()) for one in _faults(cells, place)]
        who, site = checking.holder(cells, "coordinator"), sites[place.place.key] if place.place else None
        if not why and who is not None and site is not None:
            before = now_named.get(site.id)
            held = before is not None and before.duty is Duty.COORDINATOR and bool(before.email)
            if site.id in first:
                why = [wording.fault({"why": "repeated", "values": {"line": first[site.id]}})]
            elif held and before and (fold(before.name), before.email) == (fold(who.name), who.email):
                known += 1
                continue
            elif held:
                why = [_("This site has an officer with an e-mail address already. Ring the office to change it.")]
            else:
                good[site.id] = Good(site, who)
                first[site.id] = number
                continue
        wrong.append(Unusable(number, " · ".join(filter(None, grid[number - 1]))[:160], " ".join(why)))
    kept = [*grid[: plan.head_rows], *(grid[one.number - 1] for one in wrong)] if wrong else []
    return Reading(list(good.values()), wrong, known, "\n".join("\t".join(row) for row in kept))


def _faults(cells: checking.Cells, place: checking.Found) -> list[checking.Fault]:
    """What is wrong with a line; a telephone alone is enough, as where one officer is named by hand."""
    wrong = checking.faults(cells, place, (Column.NAME, Column.PHONE, Column.EMAIL))
    return [one for one in wrong if one.why != "no_email" or not cells.get(Column.PHONE)]


def name_all(head: MeetingSite, good: Sequence[Good], *, actor: Actor) -> int:
    """Name everybody of *good*; those with an address get the invitation of their site by itself."""
    cascades.open_for(head, Deed.CARE)
    for one in good:
        who = one.who
        cascading.put_in_office(
            head, one.site, honorific=who.honorific, name=who.name, phone=who.phone, email=who.email, actor=actor
        )
    return len(good)
