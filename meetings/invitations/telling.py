"""The facts of inviting, told as sentences for the history of a meeting."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from meetings.i18n import gettext as _
from meetings.invitations.rules import Reply, Source

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
            said = _("%(site)s sends %(name)s as a substitute (%(way)s).", site=site, name=name, way=way)
        case Reply.DECLINED.value:
            said = _("%(site)s cannot attend: %(reason)s (%(way)s).", site=site, reason=reason, way=way)
        case _:
            return _("A site answered.")
    return _("%(said)s After the deadline.", said=said) if details.get("late") else said


def _way(details: Details) -> str:
    match details.get("source"):
        case Source.TELEPHONE.value:
            return _("by telephone: %(who)s", who=details.get("said_by", ""))
        case Source.ACCOUNT.value:
            return _("signed in")
        case Source.CALENDAR.value:
            return _("by calendar")
        case _:
            return _("private link")


def _issued(details: Details) -> str:
    if details.get("by_post", True):
        return _("%(site)s was invited.", site=details.get("site", ""))
    return _("%(site)s was invited without e-mail: on paper or by telephone.", site=details.get("site", ""))


def _consented(details: Details) -> str:
    values = {name: details.get(name, "") for name in ("site", "by", "substitute")}
    if details.get("given"):
        return _("%(by)s consents to the substitute of %(site)s: %(substitute)s.", **values)
    return _("%(by)s does not consent to the substitute of %(site)s: %(substitute)s.", **values)


_TOLD: Final[dict[str, Callable[[Details], str]]] = {
    "invitation.answered": _answered,
    "invitation.issued": _issued,
    "invitation.consented": _consented,
    "invitation.seen": lambda d: _("%(site)s opened its page.", site=d.get("site", "")),
    "invitation.link_renewed": lambda d: _("%(site)s was given a new link.", site=d.get("site", "")),
    "invitation.withdrawn": lambda d: _("%(site)s is no longer invited.", site=d.get("site", "")),
    "letter.resent": lambda d: (
        _("A letter was sent again to a corrected address.") if d.get("readdressed") else _("A letter was sent again.")
    ),
    "letter.confirmed": lambda d: _("An uncertain letter was noted as arrived."),
    "meeting.sites_left_to_ask": lambda d: _("More sites are being invited."),
}
