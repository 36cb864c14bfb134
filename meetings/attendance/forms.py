"""What a person may type on the board."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from wtforms import HiddenField, IntegerField

from meetings.attendance.rules import MAX_HEAD_COUNT, MAX_REASON, Decision, Move
from meetings.clock import instant
from meetings.errors import Refused
from meetings.i18n import gettext as _
from meetings.i18n import lazy_gettext as _l
from meetings.official import numbers
from meetings.readiness.forms import QueuedForm
from meetings.web.forms import DayOf, Form, Line, TimeOfDay, between, optional


class MarkForm(QueuedForm):
    """One mark: from a button (``mark`` is ``ID:move``), or from a site's panel with its number and reason."""

    mark = HiddenField()
    back = HiddenField()
    head_count = IntegerField(_l("Number of delegates"), [optional(), between(1, MAX_HEAD_COUNT)])
    notice = HiddenField(_l("Was notice given?"))  # "yes" or "no"; a row's button does not say
    reason = Line(_l("Reason"), max=MAX_REASON)
    correction = Line(_l("Why it is corrected"), max=MAX_REASON)
    note = Line(_l("Note"), max=MAX_REASON)  # beside the marks, or who sits there as a substitute

    @property
    def noticed(self) -> bool | None:
        """Whether notice was given, None where the page did not ask."""
        return {"yes": True, "no": False}.get(self.notice.data or "")

    def asked(self) -> tuple[int, Move] | None:
        """The site's id and the mark that was pressed; None for what no button sends."""
        text, _, move = (self.mark.data or "").partition(":")
        id = numbers.read(text)
        return (id, Move(move)) if id is not None and move in set(Move) else None


class RemarkForm(MarkForm):
    """What is said beside the marks: ``mark`` is ``ID:note`` or ``ID:substitute``."""

    KINDS = ("note", "substitute")

    def about(self) -> tuple[int, str] | None:
        """The site's id and what is said of it; None for a mark."""
        text, _, kind = (self.mark.data or "").partition(":")
        id = numbers.read(text)
        return (id, kind) if id is not None and kind in self.KINDS else None


class UndoForm(Form):
    """Take one mark back."""

    mark = HiddenField()
    back = HiddenField()

    def asked(self) -> int | None:
        return numbers.read(self.mark.data)


class HostForm(Form):
    """How many sit at the host site."""

    back = HiddenField()
    head_count = IntegerField(_l("Delegates at the host site"), [between(1, MAX_HEAD_COUNT)])


class OpenForm(Form):
    """Nothing to type: one button."""


class CloseForm(Form):
    """The end of the meeting, and what stands on the confirm page for each site that never came."""

    ended_at = TimeOfDay(_l("The meeting ended at"))
    ended_on = DayOf(_l("Day"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.posted: Mapping[str, str] = {}  # fields of the sites: as many as there are
        self.counts: dict[int, int] = {}  # by the id of the meeting's site
        self.miscounted: dict[int, str] = {}  # ids whose number cannot be meant, and what is said there

    def validate(self, extra_validators: Mapping[str, Iterable[Any]] | None = None) -> bool:
        for id in _ids(self.posted, "count-"):
            text = self.posted[f"count-{id}"].strip()
            number = numbers.read(text) or 0
            if 1 <= number <= MAX_HEAD_COUNT:
                self.counts[id] = number
            elif text:
                self.miscounted[id] = _("Enter a number from %(low)s to %(high)s.", low=1, high=MAX_HEAD_COUNT)
        return super().validate(extra_validators) and not self.miscounted

    def check_listed(self, unsaid: Mapping[int, str]) -> None:
        """Refuse to write of a site (id → name) what the page never showed: it lost its mark while the page stood open.

        ``unlisted`` is how many the page knew of and had no room for.
        """
        fresh = [name for id, name in unsaid.items() if f"mark-{id}" not in self.posted]
        known = numbers.read(self.posted.get("unlisted"))
        if known is not None and len(fresh) > known:
            raise Refused(
                _(
                    "While this page stood open, sites lost the mark they had: %(sites)s. Look at what will be written of"
                    " them, and close again.",
                    sites=", ".join(fresh[:5]),
                ),
                status=422,
            )

    def decisions(self) -> dict[int, Decision]:
        """The overrides that were posted: ``mark-ID``, ``reason-ID``, ``count-ID``; what is missing keeps its proposal."""
        posted = self.posted
        found: dict[int, Decision] = {}
        for id in _ids(self.posted, "mark-"):
            move, reason = posted[f"mark-{id}"], " ".join(posted.get(f"reason-{id}", "").split())[:MAX_REASON]
            match move:
                case "absent_notice":
                    found[id] = Decision(Move.ABSENT, with_notice=True, reason=reason)
                case "absent":
                    found[id] = Decision(Move.ABSENT, with_notice=False, reason=reason)
                case "in":
                    found[id] = Decision(Move.IN, reason=reason, head_count=self.counts.get(id))
        return found


def _ids(posted: Mapping[str, str], name: str) -> list[int]:
    """The ids for which a field ``NAME-ID`` was posted."""
    texts = (key.removeprefix(name) for key in posted if key.startswith(name))
    return [id for text in texts if (id := numbers.read(text)) is not None]


def moment(form: CloseForm) -> datetime | None:
    """The instant of the typed end (aware) on the day that was chosen; None when it was left open."""
    if form.ended_at.data is None:
        return None
    return instant(form.ended_on.data, form.ended_at.data)
