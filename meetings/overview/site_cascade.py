"""Doorways of a site to those below it: the officer of a province and her communes, behind her own link or signed in.

Hung into the site's page and its desk like the steps of ``site_entries``. Every page asks ``cascades`` whose sites it shows;
an id in an address that is not below this very site is none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from flask import make_response, request
from werkzeug.wrappers import Response

from meetings.clock import now
from meetings.directory.matching import Found
from meetings.directory.models import Site
from meetings.i18n import gettext as _
from meetings.i18n import ngettext
from meetings.invitations import queries as invitations
from meetings.invitations import reminding, reminding_by_hand
from meetings.invitations.forms import REPLY_WORDS, TelephoneForm
from meetings.invitations.mail_forms import AnswerBackForm
from meetings.official import numbers
from meetings.official.text import fold
from meetings.overview import cascade_queries as rollup
from meetings.overview import picking
from meetings.overview.cascade_forms import BringForm, OfficerForm, OfficersForm, OutForm, RemindForm
from meetings.overview.cascade_queries import Sums
from meetings.overview.site_entries import Entry, Visit
from meetings.readiness import cascading, officers, slotting
from meetings.scheduling import bringing, cascades
from meetings.scheduling.bringing import Candidate
from meetings.scheduling.cascade_rules import MAY, WHY_NOT, Deed, Stage
from meetings.scheduling.clashes import Collision
from meetings.scheduling.models import Cascade, MeetingSite
from meetings.web.forms import answer
from meetings.web.pages import asked_page


@dataclass(frozen=True)
class Box:
    """What the site's own page says of the sites below it."""

    sums: Sums
    until: datetime | None
    stage: Stage
    note: str
    most: int | None

    def may(self, deed: str) -> bool:
        return Deed(deed) in MAY[self.stage]

    @property
    def why_not(self) -> str:
        return str(WHY_NOT.get(self.stage, ""))


def box(site: MeetingSite) -> Box | None:
    """The sites below *site*, counted; None where nothing is asked of it, or the meeting does not stand."""
    found = cascades.of(site.meeting)
    if found is None or not cascades.may_go(site, found):
        return None
    stands = cascades.stage(site.meeting, found)
    return _box(site, found, stands) if Deed.SEE in MAY[stands] else None


def _box(site: MeetingSite, found: Cascade, stands: Stage) -> Box:
    return Box(rollup.sums(site.meeting, cascades.below(site)), cascades.until(found), stands, found.note, found.most)


def _show(visit: Visit, which: str, found: Cascade, **values: Any) -> str:
    return visit.show(
        f"sites/{which}",
        box=_box(visit.site, found, cascades.stage(visit.site.meeting, found)),
        done=_said(request.args.get("did", ""), numbers.read(request.args.get("n")) or 0),
        figure_words=rollup.WORDS,
        reply_words=REPLY_WORDS,
        **values,
    )


def _words() -> str:
    return " ".join((request.form.get("q") or request.args.get("q", "")).split())[:100]


# ------------------------------------------------------------------ the list


def cascade_list(visit: Visit) -> str:
    found = cascades.open_for(visit.site)
    only = request.args.get("only", "")[:20]
    words = _words()
    page = rollup.listed(
        visit.site.meeting, cascades.below(visit.site), only=only, words=words, number=asked_page(), phones=True
    )
    return _show(visit, "list", found, listing=page, only=only, words=words)


# ------------------------------------------------------------------ adding


@dataclass(frozen=True)
class Group:
    """Sites of one kind of unit, as they are ticked."""

    words: str
    rows: Sequence[Candidate]


def _groups(rows: Sequence[Candidate]) -> list[Group]:
    made: dict[str, list[Candidate]] = {}
    for row in rows:
        made.setdefault(row.group, []).append(row)
    return [Group(words[:1].upper() + words[1:], found) for words, found in made.items()]


def _called(row: Candidate, words: str) -> bool:
    said = fold(f"{row.site.name} {row.site.unit.full_name} {row.site.code}")
    return all(fold(word) in said for word in words.split()[:6])


def cascade_add(visit: Visit) -> Response:
    """Tick, look, bring: the second page says what is busy and whom no letter reaches before anything is done."""
    found = cascades.open_for(visit.site, Deed.BRING)
    form = visit.form(BringForm)
    offered = bringing.candidates(visit.site, found)
    free = {one.site.id for one in offered if not one.state}
    ticked = picking.ids(request.form, "site") & free
    lines = [line for line in (" ".join(text.split())[:200] for text in (form.codes.data or "").split("\n")) if line]
    named, unclear = bringing.read(offered, lines[:2000]) if lines else ([], [])
    chosen = ticked | {site.id for site in named if site.id in free} | (picking.ids(request.form, "meant") & free)
    again = not form.is_submitted() or any(button in request.form for button in ("all", "none", "find", "back"))

    def act() -> Response | str:
        if "go" not in request.form:
            if unclear or not chosen:
                return _ticks(visit, found, form, offered, chosen, unclear)
            return _look(visit, found, form, offered, chosen)
        busy = {one.resource[1] for one in _busy(visit, offered, chosen)}
        spite = picking.ids(request.form, "spite")
        wanted = {id for id in picking.ids(request.form, "site") if id not in busy or id in spite}
        reason = form.in_spite_of.data if busy & wanted else ""
        change = bringing.bring(
            visit.site, wanted, in_spite_of=reason, actor=cascading.in_person(visit.site, visit.actor)
        )
        return visit.to("cascade_list", did="brought", n=len(change.sites))

    def show() -> str:
        current = cascades.open_for(visit.site, Deed.BRING)
        if "go" in request.form:
            return _look(visit, current, form, bringing.candidates(visit.site, current), chosen)
        marked = chosen
        if "all" in request.form:
            group = request.form["all"]
            marked = chosen | {one.site.id for one in offered if not one.state and group in ("", one.group)}
        elif "none" in request.form:
            marked = set()
        return _ticks(visit, current, form, bringing.candidates(visit.site, current), marked, unclear)

    return make_response(show()) if again else answer(form, act, show)


def _ticks(
    visit: Visit,
    found: Cascade,
    form: BringForm,
    offered: Sequence[Candidate],
    ticked: set[int],
    unclear: Sequence[tuple[str, Found]],
) -> str:
    words = _words()
    shown = [one for one in offered if not words or _called(one, words)]
    return _show(
        visit,
        "add",
        found,
        form=form,
        groups=_groups(shown),
        kept=sorted(ticked - {one.site.id for one in shown}),
        ticked=ticked,
        unclear=unclear,
        free=sum(not one.state for one in offered),
        words=words,
        nothing="look" in request.form and not ticked and not unclear,
    )


def _busy(visit: Visit, offered: Sequence[Candidate], chosen: set[int]) -> list[Collision]:
    sites = [one.site for one in offered if one.site.id in chosen]
    return bringing.busy(visit.site.meeting, sites, visit.actor)


def _look(visit: Visit, found: Cascade, form: BringForm, offered: Sequence[Candidate], chosen: set[int]) -> str:
    sites: list[Site] = [one.site for one in offered if one.site.id in chosen]
    busy: dict[int, list[Collision]] = {}
    for one in _busy(visit, offered, chosen):
        busy.setdefault(one.resource[1], []).append(one)
    officers = invitations.officers_at([site.id for site in sites])
    silent = [site for site in sites if (who := officers.get(site.id)) is None or not who.email]
    return _show(
        visit,
        "look",
        found,
        form=form,
        sites=sites,
        free=[site for site in sites if site.id not in busy],
        busy=[(site, busy[site.id]) for site in sites if site.id in busy],
        spite=picking.ids(request.form, "spite"),
        unwritable=silent,
    )


# ------------------------------------------------------------------ reminding


def _those(visit: Visit, only: str) -> list[int]:
    """The sites that a figure of the list names; all the silent where it names none."""
    if only not in ("seen", "nothing"):
        return []
    return rollup.ids(visit.site.meeting, cascades.below(visit.site), only)[:500] or [0]


def cascade_remind(visit: Visit) -> Response:
    cascades.open_for(visit.site, Deed.CARE)
    only = request.args.get("only", "")
    form = visit.form(RemindForm)

    def act() -> Response:
        those = _those(visit, only)
        told, _held = cascading.remind(visit.site, form.seen.data or "", sites=those, actor=visit.actor)
        return visit.to("cascade_list", did="reminded", n=told)

    def show() -> str:
        found = cascades.open_for(visit.site, Deed.CARE)
        at = now()
        readers = cascading.readers(visit.site, at, sites=_those(visit, only))
        form.seen.data = reminding_by_hand.shown(readers.now)
        occasion = reminding.by_hand(visit.site.meeting, at)
        first = readers.now[0] if readers.now else None
        sample = reminding_by_hand.sample(visit.site.meeting, first, occasion, slotting.to_come) if first else None
        return _show(visit, "remind", found, form=form, readers=readers, sample=sample, only=only)

    return answer(form, act, show)


# ------------------------------------------------------------------ who answers there, by a list


def cascade_officers(visit: Visit) -> Response:
    """Paste, look, name: the second page says who would be named where, and which lines want mending."""
    form = visit.form(OfficersForm)

    def show(reading: officers.Reading | None = None, named: int = 0) -> str:
        found = cascades.open_for(visit.site, Deed.CARE)
        return _show(visit, "officers", found, form=form, reading=reading, named=_named(named) if named else "")

    def act() -> Response | str:
        reading = officers.read(visit.site, form.listed.data)
        if "go" not in request.form or not reading.good:
            return show(reading)
        named = officers.name_all(visit.site, reading.good, actor=visit.actor)
        if not reading.wrong:
            return visit.to("cascade_list", did="officers", n=named)
        form.listed.data = reading.rest  # what is still to be mended is not lost
        return show(officers.read(visit.site, reading.rest), named)

    return answer(form, act, show)


# ------------------------------------------------------------------ one site


def _one(visit: Visit, below_id: int, **forms: Any) -> str:
    found = cascades.open_for(visit.site)
    site = cascades.one_below(visit.site, below_id)
    invitation = invitations.of_site(site)
    return _show(
        visit,
        "one",
        found,
        below=site,
        place=rollup.one(site.meeting, site.id),
        invitation=invitation,
        mine=cascading.taken_by_her(invitation, visit.actor) if invitation is not None else None,
        ours=site.brought_by_id == visit.site.id,
        phone_form=forms.get("phone_form") or visit.form(TelephoneForm, formdata=None),
        back_form=forms.get("back_form") or visit.form(AnswerBackForm, formdata=None),
        officer_form=forms.get("officer_form") or visit.form(OfficerForm, formdata=None),
        out_form=forms.get("out_form") or visit.form(OutForm, formdata=None),
    )


def cascade_site(visit: Visit, below_id: int) -> str:
    return _one(visit, below_id)


def cascade_answer(visit: Visit, below_id: int) -> Response:
    """What a site below said on the telephone, entered in its place."""
    form = visit.form(TelephoneForm)

    def act() -> Response:
        cascading.answer(visit.site, below_id, form.said, form.caller.data, actor=visit.actor)
        return visit.to("cascade_site", below_id=below_id, did="answered")

    return answer(form, act, lambda: _one(visit, below_id, phone_form=form))


def cascade_undo(visit: Visit, below_id: int) -> Response:
    form = visit.form(AnswerBackForm)

    def act() -> Response:
        cascading.take_back(visit.site, below_id, form.why.data, actor=visit.actor)
        return visit.to("cascade_site", below_id=below_id, did="back")

    return answer(form, act, lambda: _one(visit, below_id, back_form=form))


def cascade_officer(visit: Visit, below_id: int) -> Response:
    form = visit.form(OfficerForm)

    def act() -> Response:
        site = cascades.one_below(visit.site, below_id).site
        cascading.name_officer(visit.site, site, actor=visit.actor, **form.facts)
        return visit.to("cascade_site", below_id=below_id, did="officer")

    return answer(form, act, lambda: _one(visit, below_id, officer_form=form))


def cascade_out(visit: Visit, below_id: int) -> Response:
    form = visit.form(OutForm)

    def act() -> Response:
        change = bringing.take_out(
            visit.site, below_id, form.because.data, actor=cascading.in_person(visit.site, visit.actor)
        )
        return visit.to("cascade_list", did="out", n=len(change.sites))

    return answer(form, act, lambda: _one(visit, below_id, out_form=form))


def _said(did: str, count: int) -> str:
    """The sentence about what was done on the page before; kept in no cookie, which these browsers may refuse."""
    match did:
        case "brought":
            return bringing.said(count)
        case "reminded":
            return ngettext("%(num)s site is being reminded.", "%(num)s sites are being reminded.", count)
        case "answered":
            return _("The answer has been kept.")
        case "back":
            return _("The answer was taken back.")
        case "officer":
            return _("The officer of the site has been named.")
        case "officers":
            return _named(count)
        case "out":
            return ngettext("%(num)s site was taken out.", "%(num)s sites were taken out.", count)
        case _:
            return ""


def _named(count: int) -> str:
    return ngettext("%(num)s officer has been named.", "%(num)s officers have been named.", count)


_HERS: Final = "site.answer"
CASCADE: Final = (
    Entry("/sites", cascade_list, _HERS, ("GET",)),
    Entry("/sites/add", cascade_add, _HERS, ("GET", "POST")),
    Entry("/sites/remind", cascade_remind, _HERS, ("GET", "POST")),
    Entry("/sites/officers", cascade_officers, _HERS, ("GET", "POST")),
    Entry("/sites/<int:below_id>", cascade_site, _HERS, ("GET",)),
    Entry("/sites/<int:below_id>/answer", cascade_answer, _HERS),
    Entry("/sites/<int:below_id>/undo", cascade_undo, _HERS),
    Entry("/sites/<int:below_id>/officer", cascade_officer, _HERS),
    Entry("/sites/<int:below_id>/out", cascade_out, _HERS),
)
