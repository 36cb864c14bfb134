"""The facts of inviting, told as sentences for the history of a meeting."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final, Protocol

from meetings.i18n import gettext as _
from meetings.i18n import locale, ngettext
from meetings.invitations.chasing import STEP_WORDS
from meetings.invitations.rules import ChaseStep, Decision, Reply, Source, SuggestionDecision, SuggestionKind
from meetings.official import dates

Details = Mapping[str, Any]


def told(fact: str, details: Details) -> str | None:
    """*fact* with its *details* as a sentence in the reader's language; None for facts of other features.

    Details may have been purged: the sentence then says less.
    """
    tell = _TOLD.get(fact)
    return tell(details) if tell is not None else None


def _answered(details: Details) -> str:
    after = details.get("after", {})
    site, way = details.get("site", ""), _way(details)
    name, reason = after.get("substitute_name", ""), after.get("reason", "")
    match after.get("reply"):
        case Reply.ACCEPTED.value:
            said = _("%(site)s confirms that it attends (%(way)s).", site=site, way=way)
        case Reply.SUBSTITUTE.value:
            replaced = after.get("replaced_name", "")
            said = (
                _(
                    "%(site)s sends %(name)s in the place of %(other)s (%(way)s).",
                    site=site,
                    name=name,
                    other=replaced,
                    way=way,
                )
                if replaced
                else _("%(site)s sends %(name)s as a substitute (%(way)s).", site=site, name=name, way=way)
            )
        case Reply.DECLINED.value:
            said = _("%(site)s cannot attend: %(reason)s (%(way)s).", site=site, reason=reason, way=way)
        case _:
            return _("A site answered.")
    return _("%(said)s After the deadline.", said=said) if details.get("late") else said


def _came_later(details: Details) -> str:
    count, names = details.get("count", 0), _sites(details)
    if details.get("brought_by"):
        return _(
            "%(site)s brought %(count)s sites into the meeting: %(names)s.",
            site=details["brought_by"],
            count=count,
            names=names,
        )
    return _(
        "%(count)s sites were added after the invitations had left: %(names)s. Reason: %(reason)s",
        count=count,
        names=names,
        reason=details.get("reason", ""),
    )


def _way(details: Details) -> str:
    match details.get("source"):
        case Source.TELEPHONE.value:
            return _("by telephone: %(who)s", who=details.get("said_by", ""))
        case Source.ACCOUNT.value:
            return _("signed in")
        case Source.CALENDAR.value:
            return _("by calendar")
        case Source.MAIL.value:
            return _("by e-mail: %(who)s", who=details.get("said_by", ""))
        case _:
            return _("private link")


def _taken_back(details: Details) -> str:
    site, reason = details.get("site", ""), details.get("reason", "")
    if not site:
        return _("An answer was taken back.")
    if details.get("after", {}).get("reply") in (Reply.ASKED.value, None):
        return _("The answer of %(site)s was taken back; it has none now. Reason: %(reason)s", site=site, reason=reason)
    return _(
        "The answer of %(site)s was taken back; the one before it holds again. Reason: %(reason)s",
        site=site,
        reason=reason,
    )


def _came_back(details: Details) -> str:
    if not details.get("site"):
        return _("A letter came back.")
    return _("The letter to %(site)s (%(address)s) came back.", **_named(details))


def _delayed(details: Details) -> str:
    if not details.get("site"):
        return _("A letter is delayed on its way.")
    return _("The letter to %(site)s (%(address)s) is delayed on its way.", **_named(details))


def _named(details: Details) -> dict[str, Any]:
    return {name: details.get(name, "") for name in ("site", "address")}


def _suggested(details: Details) -> str:
    site = details.get("site", "")
    match details.get("kind"):
        case SuggestionKind.NEW_TIME.value if details.get("starts_at"):
            return _("%(site)s proposes %(at)s by calendar.", site=site, at=_at(details["starts_at"]))
        case SuggestionKind.DELEGATE.value:
            return _("%(site)s names another person by calendar: %(address)s.", **_named(details))
        case _:
            return _("A site made a proposal by calendar.")


def _decided(details: Details) -> str:
    site = details.get("site", "")
    if details.get("decision") == SuggestionDecision.TAKEN_UP.value:
        return _("The proposal of %(site)s was taken up.", site=site)
    return _("The proposal of %(site)s was not taken up.", site=site)


def _mail(details: Details) -> str:
    """What became of a message that came in."""
    who, site = details.get("sender", ""), details.get("site", "")
    match details.get("why"):
        case _ if not who:
            return _("A message came in.")
        case "assigned":
            return _("A message from %(who)s was noted as the answer of %(site)s.", who=who, site=site)
        case "set_aside":
            return _("A message from %(who)s was set aside: %(reason)s", who=who, reason=details.get("reason", ""))
        case "stale":
            return _("%(who)s answered to an earlier time; the answer was kept and does not count.", who=who)
        case "away":
            return _("%(who)s is away, as an automatic answer says.", who=who)
    if details.get("status") == "tray":
        return _("A message from %(who)s waits in the tray.", who=who)
    return _("A message from %(who)s was read and kept.", who=who)


def _issued(details: Details) -> str:
    if details.get("by_post", True):
        return _("%(site)s was invited.", site=details.get("site", ""))
    return _("%(site)s was invited without e-mail: on paper or by telephone.", site=details.get("site", ""))


def _consented(details: Details) -> str:
    values = {name: details.get(name, "") for name in ("site", "by", "substitute")}
    if details.get("given"):
        return _("%(by)s consents to the substitute of %(site)s: %(substitute)s.", **values)
    if reason := details.get("reason", ""):
        return _(
            "%(by)s does not consent to the substitute of %(site)s: %(substitute)s. Reason: %(reason)s",
            **values,
            reason=reason,
        )
    return _("%(by)s does not consent to the substitute of %(site)s: %(substitute)s.", **values)


def _resent(details: Details) -> str:
    if not details.get("site"):
        if details.get("readdressed"):
            return _("A letter was sent again to a corrected address.")
        return _("A letter was sent again.")
    values = {name: details.get(name, "") for name in ("site", "before", "after")}
    if details.get("readdressed"):
        return _("The letter to %(site)s was sent again, to %(after)s in the place of %(before)s.", **values)
    return _("The letter to %(site)s was sent again to the same address.", **values)


def _handed_in(details: Details) -> str:
    return _("The giấy mời was handed in for approval.")


def _approved(details: Details) -> str:
    title = details.get("title", "")
    return _("The giấy mời was approved (%(title)s).", title=title) if title else _("The giấy mời was approved.")


def _returned(details: Details) -> str:
    remarks = details.get("remarks", "")
    if remarks:
        return _("The giấy mời was returned: %(remarks)s", remarks=remarks)
    return _("The giấy mời was returned.")


def _numbered(details: Details) -> str:
    number, before, reason = details.get("number", ""), details.get("before", ""), details.get("reason", "")
    if before:
        return _(
            "The giấy mời bears the number %(number)s instead of %(before)s: %(reason)s",
            number=number,
            before=before,
            reason=reason,
        )
    if reason:
        return _("The giấy mời was given the number %(number)s: %(reason)s", number=number, reason=reason)
    return _("The giấy mời was given the number %(number)s.", number=number)


def _rescheduled(details: Details) -> str:
    before, after = details.get("before", {}), details.get("after", {})
    if not before.get("starts_at") or not after.get("starts_at"):
        return _("The meeting was moved.")
    return _(
        "The meeting was moved from %(before)s to %(after)s. Reason: %(reason)s",
        before=_at(before["starts_at"]),
        after=_at(after["starts_at"]),
        reason=details.get("reason", ""),
    )


def _at(instant: str) -> str:
    return dates.moment_short(datetime.fromisoformat(instant), locale())


def _sites(details: Details) -> str:
    """``Nghệ An, Hà Tĩnh …``: the first of those that came or went."""
    names, count = details.get("names", []), details.get("count", 0)
    return ", ".join(names[:5]) + (" …" if count > 5 else "")


def _lapsed(details: Details) -> str:
    site, reply = details.get("site", ""), details.get("before", {}).get("reply")
    match reply:
        case Reply.ACCEPTED.value:
            return _("%(site)s is asked again; it had confirmed.", site=site)
        case Reply.SUBSTITUTE.value:
            name = details["before"].get("substitute_name", "")
            return _("%(site)s is asked again; it had sent %(name)s as a substitute.", site=site, name=name)
        case Reply.DECLINED.value:
            return _("%(site)s is asked again; it had declined.", site=site)
        case _:
            return _("%(site)s is asked again.", site=site)


def _reminded(details: Details) -> str:
    site, by = details.get("site", ""), details.get("by", "")
    if by:
        return _("%(site)s was reminded by hand (%(by)s).", site=site, by=by)
    step = details.get("step", "")
    return _("%(site)s was reminded: %(step)s.", site=site, step=STEP_WORDS[ChaseStep(step)] if step else "")


def _chased(details: Details) -> str:
    step = details.get("step", "")
    words = {"told": details.get("told", 0), "to_ring": details.get("to_ring", 0)}
    if not step:
        return _("Sites were reminded.")
    return _(
        "“%(step)s”: %(told)s letters were written, %(to_ring)s readers, whom no letter reaches, are to be rung.",
        step=STEP_WORDS[ChaseStep(step)],
        **words,
    )


def _switched(details: Details) -> str:
    if details.get("on"):
        return _("The sites are reminded by themselves again.")
    return _("The sites are no longer reminded by themselves. Reason: %(reason)s", reason=details.get("reason", ""))


def _texted(details: Details) -> str:
    count, over = int(details.get("count", 0)), int(details.get("over", 0))
    said = ngettext(
        "%(num)s text message was written to a silent site.",
        "%(num)s text messages were written to silent sites.",
        count,
    )
    if not over:
        return said
    return _("%(said)s Over the bound and not written: %(over)s.", said=said, over=over)


_TOLD: Final[dict[str, Callable[[Details], str]]] = {
    "invitation.reminded": _reminded,
    "meeting.chased": _chased,
    "chase.switched": _switched,
    "meeting.texted": _texted,
    "meeting.reminded_by_hand": lambda d: _("%(count)s sites are reminded by hand.", count=d.get("count", 0)),
    "meeting.province_reminded": lambda d: _(
        "%(province)s got the list of its %(count)s silent sites.",
        province=d.get("province", ""),
        count=d.get("count", 0),
    ),
    "meeting.rescheduled": _rescheduled,
    "meeting.postponed": lambda d: _("The meeting was postponed. Reason: %(reason)s", reason=d.get("reason", "")),
    "meeting.cancelled": lambda d: _("The meeting was cancelled. Reason: %(reason)s", reason=d.get("reason", "")),
    "meeting.facts_changed": lambda d: _(
        "What the sites were told was changed. Reason: %(reason)s", reason=d.get("reason", "")
    ),
    "meeting.sites_added_later": _came_later,
    "cascade.asked": lambda d: _(
        "Provinces were asked to bring their communes, %(levels)s levels in all.", levels=d.get("levels", 2)
    ),
    "cascade.changed": lambda d: _("What provinces are asked to bring was changed."),
    "cascade.ended": lambda d: _("Provinces are no longer asked to bring communes."),
    "meeting.sites_removed": lambda d: _(
        "%(count)s sites were taken out and told so: %(names)s. Reason: %(reason)s",
        count=d.get("count", 0),
        names=_sites(d),
        reason=d.get("reason", ""),
    ),
    "meeting.sites_left_to_tell": lambda d: _("More sites are being told."),
    "meeting.sites_left_to_take_back": lambda d: _("More sites are being invited."),
    "meeting.cloned": lambda d: _("The draft was copied from %(code)s.", code=d.get("of", "")),
    "invitation.asked_again": _lapsed,
    "meeting.submitted": _handed_in,
    "meeting.approved": _approved,
    "meeting.returned": _returned,
    "meeting.approval_withdrawn": lambda d: _("The giấy mời was taken back to be changed."),
    "meeting.approved_by_nobody": lambda d: _(
        "The invitations were released without an approval: nobody holds the role of the approver for this body."
    ),
    "meeting.numbered": _numbered,
    "invitation.answered": _answered,
    "invitation.issued": _issued,
    "invitation.reply_taken_back": _taken_back,
    "letter.bounced": _came_back,
    "letter.delayed": _delayed,
    "suggestion.made": _suggested,
    "suggestion.decided": _decided,
    "mail.settled": _mail,
    "mail.reopened": lambda d: _("A message was put back into the tray."),
    "invitation.consented": _consented,
    "invitation.seen": lambda d: _("%(site)s opened its page.", site=d.get("site", "")),
    "invitation.link_renewed": lambda d: _("%(site)s was given a new link.", site=d.get("site", "")),
    "invitation.link_taken_back": lambda d: _(
        "The link of %(site)s was taken back. Reason: %(reason)s", site=d.get("site", ""), reason=d.get("reason", "")
    ),
    "invitation.withdrawn": lambda d: _("%(site)s is no longer invited.", site=d.get("site", "")),
    "letter.resent": _resent,
    "letter.tried": lambda d: _(
        "The letter to %(site)s was sent as a test to the person who prepares it.", site=d.get("site", "")
    ),
    "letter.confirmed": lambda d: _("An uncertain letter was noted as arrived."),
    "meeting.sites_left_to_ask": lambda d: _("More sites are being invited."),
}


# ------------------------------------------------------------------ approval, for the case file


class Round(Protocol):
    """A round of approval, as far as it is told."""

    @property
    def asked_by(self) -> str: ...
    @property
    def asked_at(self) -> datetime: ...
    @property
    def sha256(self) -> str: ...
    @property
    def decision(self) -> Decision | None: ...
    @property
    def decided_by(self) -> str: ...
    @property
    def decided_title(self) -> str: ...
    @property
    def decided_at(self) -> datetime | None: ...
    @property
    def remarks(self) -> str: ...


def rounds(of_a_meeting: Iterable[Round]) -> Iterator[str]:
    """A line for each round of approval, the oldest first: who asked, who decided what and when, over which file."""
    for round in reversed(list(of_a_meeting)):
        asked = dates.moment_short(round.asked_at)
        yield _(
            "Handed in by %(name)s at %(at)s. SHA-256: %(sha256)s", name=round.asked_by, at=asked, sha256=round.sha256
        )
        if round.decision is None or round.decided_at is None:
            continue
        by = ", ".join(part for part in (round.decided_by, round.decided_title) if part)
        values = {"name": by, "at": dates.moment_short(round.decided_at), "remarks": round.remarks}
        match round.decision:
            case Decision.APPROVED:
                yield _("Approved by %(name)s at %(at)s.", **values)
            case Decision.RETURNED:
                yield _("Returned by %(name)s at %(at)s: %(remarks)s", **values)
            case Decision.WITHDRAWN:
                yield _("Taken back by %(name)s at %(at)s.", **values)
