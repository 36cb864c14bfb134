"""How the booking reads a choice of sites, and says what came of it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from werkzeug.datastructures import MultiDict

from meetings.accounts.rules import Actor
from meetings.clock import today
from meetings.directory import queries as directory
from meetings.directory.models import Site
from meetings.errors import Refused
from meetings.i18n import gettext as _
from meetings.i18n import ngettext
from meetings.official import numbers
from meetings.official.text import fold, printable
from meetings.scheduling import queries
from meetings.scheduling.models import MeetingSite


def ids(values: MultiDict[str, str], name: str) -> set[int]:
    """The ids posted under *name*; what is no id is left out."""
    return {id for text in values.getlist(name) if (id := numbers.read(text)) is not None}


def asked(values: Mapping[str, str], actor: Actor) -> Sequence[Site]:
    """The sites that a quick choice names. Raises ``Refused`` for a choice that does not exist."""
    what = values.get("what", "")
    if what == "provinces":
        return queries.province_sites()
    if what == "all-communes":
        return queries.all_commune_sites()
    if what == "communes" and (province := numbers.read(values.get("of"))):
        return queries.commune_sites(province)
    group = numbers.read(values.get("group"))
    if what == "group" and group in {group.id for group in directory.groups_for(actor)}:
        return queries.group_sites(group)
    if what == "meeting":
        return queries.sites_like(queries.meeting_for(actor, printable(values.get("like", ""))))
    raise Refused(_("Choose which sites are to be added."), status=422)


def read(pasted: str) -> tuple[list[Site], list[str]]:
    """The sites that pasted lines name by code or by name, and the lines that name none (or more than one).

    Names are read as an imported list's are: with or without «UBND» and «tỉnh», and never guessed at.
    """
    lines = [" ".join(line.split()) for line in re.split(r"[\n;,\t]", pasted)]
    lines = list(dict.fromkeys(line for line in lines if line))[:40_000]
    offered = {site.id: site for site in queries.sites_offered()}
    by_code = {site.code.casefold(): site for site in offered.values()}
    by_name: dict[str, list[Site]] = {}
    for site in offered.values():
        for name in {fold(site.name), fold(site.unit.full_name)}:
            by_name.setdefault(name, []).append(site)
    register = directory.register(("/",), today())
    found, unknown = [], []
    for line in lines:
        meant = by_code.get(line.casefold()) or by_code.get(line.zfill(2)) or by_code.get(line.zfill(5))
        if meant is None:
            named = register.find("", line, suggest=False)
            alike = by_name.get(fold(line), []) if named.why == "unknown" else []
            meant = offered.get(named.place.key) if named.place else alike[0] if len(alike) == 1 else None
        if meant is None:
            unknown.append(line)
        else:
            found.append(meant)
    return found, unknown


def named(rows: Sequence[MeetingSite], words: str) -> list[MeetingSite]:
    """The sites of a meeting whose own or unit's name has every word, whatever its case and diacritics."""
    wanted = [fold(word) for word in words.split()[:6]]
    return [row for row in rows if all(word in fold(f"{row.name} {row.unit_name}") for word in wanted)]


def not_found(lines: Sequence[str]) -> str:
    """The sentence about lines that name no site, or several of the same name."""
    shown = "; ".join(line[:60] for line in lines[:5]) + ("…" if len(lines) > 5 else "")
    return ngettext(
        "%(num)s line names no single site: %(lines)s. Use the code of the unit.",
        "%(num)s lines name no single site: %(lines)s. Use the codes of the units.",
        len(lines),
        lines=shown,
    )


def said(added: int, dropped: int) -> str:
    """What became of a choice."""
    if added and dropped:
        return _("%(added)s sites were added and %(dropped)s taken out.", added=added, dropped=dropped)
    if dropped:
        return ngettext("%(num)s site was taken out.", "%(num)s sites were taken out.", dropped)
    return ngettext("%(num)s site was added.", "%(num)s sites were added.", added)


def arranged(rows: list[dict[str, str]], values: Mapping[str, str]) -> tuple[list[dict[str, str]], bool]:
    """Agenda *rows* after the button that was pressed: one up, one down, one out, or an empty one added."""
    for button, step in (("up", -1), ("down", 1)):
        here = numbers.read(values.get(button))
        if here is not None:
            there = here + step
            if 0 <= here < len(rows) and 0 <= there < len(rows):
                rows[here], rows[there] = rows[there], rows[here]
            return rows, True
    out = numbers.read(values.get("out"))
    if out is not None:
        return [row for at, row in enumerate(rows) if at != out], True
    if "more" in values:
        return [*rows, {"title": "", "minutes": "15", "presenter": ""}], True
    return rows, False
