"""The letters that remind: to a silent site, and to a province about its own silent sites. As data, like ``letters``.

They say what is still open, until when, and nothing that could be wrong by the time it is read: "today" stands only in a
letter that is not carried on another day.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from meetings import i18n
from meetings.clock import wall
from meetings.directory.models import Contact
from meetings.i18n import gettext as _
from meetings.i18n import ngettext
from meetings.invitations import letters
from meetings.invitations.letters import JOIN_BY, Row
from meetings.invitations.rules import ChaseStep
from meetings.official import dates
from meetings.official.text import placed
from meetings.post.letters import Form, bodies
from meetings.post.message import Address, slot
from meetings.post.services import Draft, Ticket
from meetings.scheduling.models import Meeting, MeetingSite
from meetings.units.models import Unit

KIND: Final = "reminder"
PROVINCE: Final = "province_reminder"
KINDS: Final = (KIND, PROVINCE)


class Task(StrEnum):
    """What a site still has to do."""

    ANSWER = "answer"
    ROSTER = "roster"


@dataclass(frozen=True, slots=True)
class Occasion:
    """Why sites are written to: the rung, when it is done, and until when a letter of it is carried."""

    step: ChaseStep
    at: datetime
    until: datetime

    def late(self, meeting: Meeting) -> bool:
        """Whether the deadline has come as the letter is written."""
        return meeting.reply_by is not None and self.at >= meeting.reply_by


@dataclass(frozen=True, slots=True)
class Wording:
    """What the letters share that go to readers of one language with the same things to do."""

    text: str
    html: str
    locale: str


def wording(
    meeting: Meeting,
    occasion: Occasion,
    tasks: Sequence[Task],
    *,
    public_url: str,
    locale: str = "vi",
    rung: bool = False,
) -> Wording:
    """The reminder to every site that still has *tasks* to do. *rung*: to those who are told when their line is tested."""
    with i18n.in_locale(locale):

        def values(form: Form) -> dict[str, Any]:
            told = lead(meeting, occasion, tasks, slot("site", form))
            return letters.frame(meeting, "", public_url, form) | {
                "subject": meeting.title,
                "preheader": letters.preheader(letters.when_short(meeting), form, told),
                "lead": told,
                "tasks": _open(meeting, occasion, tasks),
                "left": ngettext(
                    "%(site)s has %(num)s thing left to do:",
                    "%(site)s has %(num)s things left to do:",
                    len(tasks),
                    site=slot("site", form),
                ),
                "first": [
                    *_first(meeting, occasion, form),
                    *([Row(_("Line test"), slot("test", form))] if rung else []),
                ],
                "button": _("Send the list of delegates") if tasks == (Task.ROSTER,) else _("Answer now"),
                "on_the_day": occasion.step is ChaseStep.ON_THE_DAY,
            }

        return Wording(*bodies("invitations/reminder", values), locale)


def lead(meeting: Meeting, occasion: Occasion, tasks: Sequence[Task], site: str) -> str:
    """What the reader is to know and to do, in one sentence or two."""
    assert meeting.starts_at is not None
    locale, by = i18n.locale(), meeting.reply_by
    if occasion.step is ChaseStep.ON_THE_DAY:
        return _(
            "The meeting begins at %(hour)s. Please be in the room before %(join)s. %(site)s has not answered yet: "
            "please say now whether it attends.",
            hour=dates.moment_short(meeting.starts_at, locale),
            join=dates.clock(meeting.starts_at - JOIN_BY, locale),
            site=site,
        )
    if Task.ANSWER not in tasks:
        if by is None or occasion.late(meeting):
            return _("%(site)s has not sent its list of delegates. Please send it now.", site=site)
        return _(
            "%(site)s has not sent its list of delegates. Please send it before %(moment)s.",
            site=site,
            moment=dates.moment(by, locale),
        )
    if by is None:
        return _("%(site)s has not answered yet. Please answer now.", site=site)
    if occasion.late(meeting):
        return _(
            "The deadline for answers was %(moment)s, and %(site)s has not answered. Please answer now: an answer is "
            "taken until the meeting begins.",
            moment=dates.moment(by, locale),
            site=site,
        )
    return _(
        "%(site)s has not answered yet. Please answer before %(moment)s.", site=site, moment=dates.moment(by, locale)
    )


def _first(meeting: Meeting, occasion: Occasion, form: Form) -> list[Row]:
    """The facts that are read at first; a deadline that has passed is no fact to act on, the sentence above says it."""
    late = occasion.late(meeting)
    return [row for row in letters.first_rows(meeting, form) if not late or row.label != _("Please reply")]


def _open(meeting: Meeting, occasion: Occasion, tasks: Sequence[Task]) -> list[str]:
    words = {Task.ANSWER: _("answer the invitation"), Task.ROSTER: _("send the list of delegates")}
    if meeting.reply_by is None or occasion.late(meeting):
        return [words[task] for task in tasks]
    by = dates.moment_short(meeting.reply_by, i18n.locale())
    return [_("%(task)s (due %(by)s)", task=words[task], by=by) for task in tasks]


def subject(meeting: Meeting, occasion: Occasion, tasks: Sequence[Task], site: str) -> str:
    """Which site, what is missing, until when; the code last."""
    assert meeting.starts_at is not None
    locale, code, by = i18n.locale(), meeting.code, meeting.reply_by
    if occasion.step is ChaseStep.ON_THE_DAY:
        join = dates.clock(meeting.starts_at - JOIN_BY, locale)
        if wall(meeting.starts_at).date() != wall(occasion.at).date():
            at = dates.moment_short(meeting.starts_at, locale)
            return _("%(at)s: please be in the room before %(join)s [%(code)s]", at=at, join=join, code=code)
        hour = dates.clock(meeting.starts_at, locale)
        return _("Today %(hour)s: please be in the room before %(join)s [%(code)s]", hour=hour, join=join, code=code)
    if Task.ANSWER not in tasks:
        if by is None or occasion.late(meeting):
            return _("Reminder: %(site)s has sent no list of delegates [%(code)s]", site=site, code=code)
        return _(
            "Reminder: %(site)s has sent no list of delegates, due %(by)s [%(code)s]",
            site=site,
            by=_by(by, occasion),
            code=code,
        )
    if by is None:
        return _("Reminder: %(site)s has not answered [%(code)s]", site=site, code=code)
    if occasion.late(meeting):
        return _(
            "Reminder: %(site)s has not answered, the deadline was %(by)s [%(code)s]",
            site=site,
            by=_by(by, occasion),
            code=code,
        )
    return _("Reminder: %(site)s has not answered, due %(by)s [%(code)s]", site=site, by=_by(by, occasion), code=code)


def _by(by: datetime, occasion: Occasion) -> str:
    """``17 giờ 00 hôm nay`` where the letter is carried on that day or not at all, else ``08/12``: a subject is short."""
    locale = i18n.locale()
    if wall(by).date() == wall(occasion.at).date() == wall(occasion.until).date():
        return _("%(hour)s today", hour=dates.clock(by, locale))
    return dates.day_month(by, locale)


def to_site(
    meeting: Meeting,
    meeting_site: MeetingSite,
    contact: Contact,
    occasion: Occasion,
    tasks: Sequence[Task],
    words: Wording,
    link: Ticket,
    *,
    key: str,
    made_by: str = "",
    test_at: datetime | None = None,
) -> Draft:
    """The reminder to one site, by way of *contact*. *test_at*: when its line is tested, where *words* leave room for it."""
    with i18n.in_locale(words.locale):
        fills = letters.fills(meeting_site, contact.email)
        if test_at is not None:
            fills["test"] = dates.moment(test_at, words.locale)
        told = subject(meeting, occasion, tasks, _("the site %(name)s", name=meeting_site.name))
    draft = letters.about(
        meeting, Address(contact.name, contact.email), told, (words.text, words.html), key=key, kind=KIND
    )
    return replace(
        draft,
        fills=fills,
        link=link,
        not_after=occasion.until,
        urgency=1 if occasion.step is ChaseStep.ON_THE_DAY else 4,
        locale=words.locale,
        made_by=made_by,
    )


# ------------------------------------------------------------------ to a province


def to_province(
    meeting: Meeting,
    province: Unit,
    silent: Sequence[str],
    contact: Contact,
    occasion: Occasion,
    link: Ticket | None,
    *,
    public_url: str,
    key: str,
) -> Draft:
    """One message to *province* with the names of its own silent sites, and nobody's telephone. *link*: of its own page."""
    locale = contact.locale
    with i18n.in_locale(locale):
        told = _province_subject(meeting, province, len(silent), occasion)

        def values(form: Form) -> dict[str, Any]:
            said = _province_lead(meeting, province, len(silent), occasion)
            return letters.frame(meeting, told, public_url, form) | {
                "preheader": said,
                "lead": said,
                "silent": list(silent),
                "first": letters.said([Row(_("Time"), letters.when(meeting)), letters.contact_row(meeting)]),
                "linked": link is not None,
            }

        body = bodies("invitations/province_reminder", values)
    draft = letters.about(meeting, Address(contact.name, contact.email), told, body, key=key, kind=PROVINCE)
    return replace(
        draft,
        fills={"unit": province.full_name, "address": contact.email},
        link=link,
        not_after=occasion.until,
        urgency=4,
        locale=locale,
    )


def _province_lead(meeting: Meeting, province: Unit, count: int, occasion: Occasion) -> str:
    if meeting.reply_by is None or not occasion.late(meeting):
        return ngettext(
            "%(num)s site of %(province)s has not answered yet. Please remind it.",
            "%(num)s sites of %(province)s have not answered yet. Please remind them.",
            count,
            province=placed(province.name, province.full_name),
        )
    return ngettext(
        "The deadline for answers was %(moment)s. %(num)s site of %(province)s has not answered yet. Please remind it.",
        "The deadline for answers was %(moment)s. %(num)s sites of %(province)s have not answered yet. "
        "Please remind them.",
        count,
        province=placed(province.name, province.full_name),
        moment=dates.moment(meeting.reply_by, i18n.locale()),
    )


def _province_subject(meeting: Meeting, province: Unit, count: int, occasion: Occasion) -> str:
    by = meeting.reply_by
    if by is None:
        return ngettext(
            "Reminder: %(num)s site of %(province)s has not answered [%(code)s]",
            "Reminder: %(num)s sites of %(province)s have not answered [%(code)s]",
            count,
            province=province.name,
            code=meeting.code,
        )
    return ngettext(
        "Reminder: %(num)s site of %(province)s has not answered, the deadline was %(by)s [%(code)s]",
        "Reminder: %(num)s sites of %(province)s have not answered, the deadline was %(by)s [%(code)s]",
        count,
        province=province.name,
        by=_by(by, occasion),
        code=meeting.code,
    )
