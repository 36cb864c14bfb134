"""How the booking reads a choice of sites, and says what came of it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from werkzeug.datastructures import MultiDict

from meetings.accounts.rules import Actor
from meetings.directory import queries as directory
from meetings.directory.models import Site
from meetings.errors import Refused
from meetings.i18n import gettext as _
from meetings.i18n import ngettext
from meetings.official.text import fold, printable
from meetings.scheduling import queries
from meetings.scheduling.models import Meeting

_PREFIX = re.compile(r"^(tinh|thanh pho|tp|xa|phuong|dac khu|uy ban nhan dan|ubnd)\.?\s+")


def ids(values: MultiDict[str, str], name: str) -> set[int]:
    """The ids posted under *name*; what is no id is left out."""
    return {int(text) for text in values.getlist(name) if text.isascii() and text.isdigit() and len(text) < 10}


def asked(values: Mapping[str, str], actor: Actor) -> Sequence[Site]:
    """The sites that a quick choice names. Raises ``Refused`` for a choice that does not exist."""
    what, number = values.get("what", ""), values.get("id", "")
    id = int(number) if number.isascii() and number.isdigit() and len(number) < 10 else 0
    if what == "provinces":
        return queries.province_sites()
    if what == "communes" and id:
        return queries.commune_sites(id)
    if what == "all-communes":
        return queries.all_commune_sites()
    if what == "group" and id in {group.id for group in directory.groups_for(actor)}:
        return queries.group_sites(id)
    if what == "meeting":
        return queries.sites_like(queries.meeting_for(actor, printable(values.get("code", ""))))
    if what == "everything":
        return queries.sites_offered()
    raise Refused(_("Choose which sites are to be added."), status=422)


def asked_out(values: Mapping[str, str], actor: Actor, meeting: Meeting) -> set[int]:
    """The ids of the sites that a quick choice takes out; "everything" is all that are in, also those since closed."""
    if values.get("what") == "everything":
        return {row.site_id for row in queries.sites_of(meeting)}
    return {site.id for site in asked(values, actor)}


def _plain(text: str) -> str:
    return _PREFIX.sub("", fold(text).strip())


def read(pasted: str) -> tuple[list[Site], list[str]]:
    """The sites that pasted lines name by code or by name, and the lines that name none (or more than one)."""
    lines = [" ".join(line.split()) for line in re.split(r"[\n;,\t]", pasted)]
    lines = list(dict.fromkeys(line for line in lines if line))[:40_000]
    offered = queries.sites_offered()
    by_code = {site.code.casefold(): site for site in offered}
    by_name: dict[str, list[Site]] = {}
    for site in offered:
        for name in {_plain(site.name), _plain(site.unit.name), fold(site.unit.full_name)}:
            by_name.setdefault(name, []).append(site)
    found, unknown = [], []
    for line in lines:
        coded = by_code.get(line.casefold()) or by_code.get(line.zfill(2)) or by_code.get(line.zfill(5))
        named = [coded] if coded else by_name.get(fold(line), []) or by_name.get(_plain(line), [])
        if len(named) == 1:
            found.append(named[0])
        else:
            unknown.append(line)
    return found, unknown


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
        number = values.get(button, "")
        if number.isascii() and number.isdigit() and len(number) < 4:
            here, there = int(number), int(number) + step
            if 0 <= here < len(rows) and 0 <= there < len(rows):
                rows[here], rows[there] = rows[there], rows[here]
            return rows, True
    number = values.get("out", "")
    if number.isascii() and number.isdigit() and len(number) < 4:
        return [row for at, row in enumerate(rows) if at != int(number)], True
    if "more" in values:
        return [*rows, {"title": "", "minutes": "15", "presenter": ""}], True
    return rows, False
