"""The journal of a meeting in sentences."""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa

from meetings.attendance.rules import STATE_WORDS, State
from meetings.i18n import lazy_gettext as _l
from meetings.invitations import telling
from meetings.journal.models import Entry
from meetings.minutes import following_words as tasks
from meetings.minutes import hand_out_words as hand_outs
from meetings.minutes import signing_words as signing
from meetings.minutes import telling as minutes
from meetings.minutes import transcript_words as transcripts
from meetings.readiness import telling as readiness
from meetings.scheduling.models import Meeting
from meetings.web.pages import Page, page_of

FACTS: Final = {
    "meeting": _l("Arranging"),
    "regime": _l("Meeting regime"),
    "paper": _l("Papers"),
    "invitation": _l("Answers"),
    "roster": _l("Rosters"),
    "line_test": _l("Line tests"),
    "line_test_slot": _l("Slots of the rehearsal"),
    "presence": _l("Roll call"),
    "witness": _l("Attendance by machines"),
    "record": _l("Record"),
    "hand_out": _l("Receipts"),
    "record_file": _l("Files of the record"),
    "assignment": _l("Tasks"),
    "recording": _l("Recordings"),
    "transcript": _l("Transcripts"),
    "savings": _l("Savings"),
    "room": _l("Video room"),
    "mail": _l("Incoming mail"),
    "chase": _l("Reminders"),
    "cascade": _l("Communes by province"),
}

_SENTENCES: Final[dict[str, Any]] = {
    "meeting.drafted": _l("A draft was begun."),
    "meeting.described": _l("The facts of the meeting were changed."),
    "meeting.sites_added": _l("%(count)s sites were added."),
    "meeting.sites_dropped": _l("%(count)s sites were taken out."),
    "meeting.placed": _l("The time was set."),
    "meeting.clash_accepted": _l("Sites that are busy are invited all the same. Reason: %(reason)s"),
    "meeting.displaced": _l("%(by)s took %(count)s places that this draft held."),
    "meeting.people_set": _l("Whose calendar counts besides the chair's was set."),
    "meeting.sites_required": _l("Of %(count)s sites it was changed whether the hour has to suit them."),
    "meeting.agenda_set": _l("The agenda was set."),
    "meeting.worded": _l("The giấy mời was worded."),
    "meeting.sent": _l("The invitations were released to %(sites)s sites."),
    "meeting.room_named": _l("The video room was named."),
    "room.prepared": _l("The room was made on %(system)s."),
    "room.failed": _l("No room could be made on %(system)s."),
    "meeting.opened": _l("The meeting was opened."),
    "meeting.closed": _l("The meeting was closed."),
    "meeting.dropped": _l("The draft was given up."),
    "series.made": _l("A series of %(count)s dates was made."),
    "series.taken_back": _l("The series was taken back."),
    "series.changed": _l("%(count)s dates of the series were changed together. Reason: %(reason)s"),
    "series.sites_left_to_tell": _l("More sites are being told."),
    "meeting.recoded": _l(
        "The code became %(code)s instead of %(before)s, because the meeting is held in another year."
    ),
    "regime.urgent": _l("The meeting was made an urgent one. Reason: %(reason)s. Approved by: %(leader)s."),
    "regime.overridden": _l("“%(name)s” was overridden. Reason: %(reason)s. Approved by: %(leader)s."),
    "regime.passed_as_urgent": _l(
        "“%(name)s” stepped aside for an urgent meeting. Reason: %(reason)s. Approved by: %(leader)s."
    ),
    "regime.no_case_confirmed": _l("It was confirmed that none of the five cases applies in which no meeting is held."),
    "regime.warned": _l("Sent in spite of warnings: %(names)s."),
    "paper.added": _l("The paper “%(title)s” was added."),
    "paper.removed": _l("The paper “%(title)s” was taken out."),
    "witness.taken": _l("An attendance file was taken: %(file)s (%(rows)s rows, %(matched)s matched by themselves)."),
    "witness.heard": _l("%(system)s began to report by itself who is connected."),
    "witness.withdrawn": _l("The attendance file %(file)s was withdrawn; it is kept and counts no more."),
    "witness.shifted": _l("The clock of the attendance file %(file)s was set by %(seconds)s seconds."),
    "connection.matched": _l("%(count)s participants of attendance files were said to be sites or none."),
    "roll.host_counted": _l("The main site counts %(head_count)s delegates."),
}


def told(entry: Entry) -> str:
    """*entry* as a sentence in the reader's language; a fact without a sentence is shown by its name and details."""
    for tell in (
        telling.told,
        readiness.told,
        minutes.told,
        hand_outs.told,
        transcripts.told,
        signing.told,
        tasks.told,
    ):
        if (said := tell(entry.fact, entry.details)) is not None:
            return said
    details = {key: value for key, value in entry.details.items() if not isinstance(value, list | dict)}
    name = str(entry.details.get("site", ""))
    sentence = _SENTENCES.get(entry.fact)
    if sentence is not None:
        try:
            return str(sentence) % details
        except (KeyError, ValueError):
            return str(sentence)
    words = _marked(entry) or _words(entry.fact)
    shown = [str(details[key]) for key in _TOLD if details.get(key) not in ("", None, False)]
    line = f"{name}: {words}" if name else words
    line = f"{line} – {'; '.join(shown)}" if shown else line
    return line[:1].upper() + line[1:].rstrip(".") + "."


def _marked(entry: Entry) -> str:
    """The state a mark of the roll left its site in; "" for other facts."""
    state = entry.details.get("after") if entry.fact == "presence.marked" else None
    return str(STATE_WORDS[State(state)]) if state in set(State) else ""


_TOLD: Final = ("reason", "correction", "said_by", "name", "title")
"""Details that a reader can make something of; sums, editions and ids stay in the journal file."""

_FACT_WORDS: Final[dict[str, Any]] = {
    "contact.named": _l("a new officer was named"),
    "roster.filed": _l("the roster was filed"),
    "roster.changed": _l("the roster was changed"),
    "roster.corrected": _l("the roster was changed"),
    "roster.delegate_added": _l("the roster was changed"),
    "roster.delegate_changed": _l("the roster was changed"),
    "roster.delegate_moved": _l("the roster was changed"),
    "roster.delegate_removed": _l("the roster was changed"),
    "roster.row_dropped": _l("the roster was changed"),
    "roster.absences_noted": _l("delegates were noted as absent"),
    "line_test.kept_as_rehearsal": _l("tests before the earlier hour count as a rehearsal"),
    "presence.marked": _l("presence was marked"),
    "presence.undone": _l("a mark was undone"),
    "presence.corrected": _l("presence was corrected"),
    "presence.noted": _l("a note was kept"),
    "roll.opened": _l("the roll was opened"),
    "roll.closed": _l("the roll was closed"),
    "hand_out.code_sent": _l("a code to read the record was sent"),
    "hand_out.read": _l("the record was opened with its code"),
    "hand_out.opened": _l("the record was read"),
    "savings.estimated": _l("the savings were estimated"),
    "savings.adjusted": _l("an assumption of the savings was changed"),
    "savings.venue_chosen": _l("another venue was assumed for the savings"),
}


def _words(fact: str) -> str:
    known = _FACT_WORDS.get(fact)
    return str(known) if known is not None else fact


def page(meeting: Meeting, fact: str, number: int) -> Page[Entry]:
    """One page of the journal of *meeting*, newest first; *fact* narrows it to one subject."""
    query = sa.select(Entry).where(Entry.root.in_(meeting.codes))
    if fact in FACTS:
        query = query.where(Entry.fact.startswith(f"{fact}."))
    return page_of(query.order_by(Entry.id.desc()), number)
