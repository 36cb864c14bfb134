"""What comes into the mailbox is told apart: a corpus with the conclusion to each message, and hostile bytes."""

import email
import random
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC
from email.message import Message

import pytest
from icalendar import Calendar
from tnefparse import TNEF

from meetings.invitations.incoming import Kind, Verdict, read, verdicts
from meetings.invitations.incoming.mime import opened
from meetings.invitations.incoming.tnef import read as read_tnef
from tests.invitations.corpus.bounces import BOUNCES
from tests.invitations.corpus.others import OTHERS
from tests.invitations.corpus.replies import PLAIN_TNEF, REPLIES, WRITER, beside
from tests.invitations.corpus.written import ASKED, CAME, UID, Case, calendar, event

CORPUS = [*REPLIES, *BOUNCES, *OTHERS]


@pytest.mark.parametrize("case", CORPUS, ids=lambda case: case.name)
def test_each_message_of_the_corpus_is_concluded_right(case: Case) -> None:
    message = read(case.raw)
    assert message.kind is case.kind, message
    for name, value in case.facts.items():
        assert getattr(message, name) == value, (name, message)
    for name, value in case.answer.items():
        assert getattr(message.answers[0], name) == value, (name, message.answers)
    assert bool(message.answers) == (case.kind in (Kind.REPLY, Kind.COUNTER, Kind.REFRESH))
    failures = [(one.recipient, one.action, one.status) for one in message.failures]
    assert failures == case.failures
    assert all(one.ours is case.ours for one in message.failures if one.action == "failed"), message.failures
    settled = [one for answer in message.answers for one in verdicts(message, answer, ASKED, CAME)]
    assert [(found, hers.invitation_id if hers else None) for found, hers in settled] == case.settled


def test_the_corpus_is_wide_enough() -> None:
    kinds = Counter(case.kind for case in CORPUS)
    assert len(CORPUS) >= 60 and set(kinds) == set(Kind), kinds
    assert {found for case in CORPUS for found, _ in case.settled} == set(Verdict)
    assert len({case.name for case in CORPUS}) == len(CORPUS)


# ------------------------------------------------------------------ others read the same


WHOLE = [case for case in REPLIES if case.kind is Kind.REPLY and case.settled[0][0] is not Verdict.UNCLEAR]


@pytest.mark.filterwarnings("ignore:Timezone:icalendar.error.GloballyUniqueTZIDGuessed")
@pytest.mark.parametrize("case", WHOLE, ids=lambda case: case.name)
def test_icalendar_reads_the_same_answers(case: Case) -> None:
    message = read(case.raw)
    whole, _ = opened(case.raw)
    parts = [part for part in whole.outside_reports() if part.type in ("text/calendar", "application/ics")]
    if not parts:
        pytest.skip("no calendar part of its own")
    text = parts[0].calendar(1_000_000).replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\r\n")
    events = Calendar.from_ical(text).walk("VEVENT")
    assert len(events) == len(message.answers)
    for theirs, answer in zip(events, message.answers, strict=True):
        named = theirs.get("ATTENDEE", [])
        people = {
            str(person).lower().removeprefix("mailto:"): str(person.params.get("PARTSTAT", "")).upper()
            for person in (named if isinstance(named, list) else [named])
        }
        assert people[answer.attendee] == answer.said
        assert str(theirs["UID"]).strip() == answer.uid or str(theirs["UID"]).startswith("04000000")
        assert int(theirs.get("SEQUENCE", 0)) == answer.sequence
        assert theirs["DTSTAMP"].dt == answer.stamp
        if "DTSTART" in theirs and theirs["DTSTART"].dt.tzinfo is not None:
            assert theirs["DTSTART"].dt == answer.starts_at


@pytest.mark.parametrize("case", CORPUS, ids=lambda case: case.name)
def test_the_standard_library_takes_messages_apart_in_the_same_way(case: Case) -> None:
    if b"\n" not in case.raw or "blank line between" in case.name:
        pytest.skip("the standard library reads no such message")
    whole, cut = opened(case.raw)
    theirs = email.message_from_bytes(case.raw)
    assert not cut
    assert [part.type for part in whole.walk()] == [part.get_content_type() for part in _outside(theirs)]
    for ours, other in zip(whole.walk(), _outside(theirs), strict=True):
        if not other.is_multipart():
            assert ours.body(10**7).strip() == (other.get_payload(decode=True) or b"").strip()
        assert ours.file_name == (other.get_filename() or "")


def _outside(message: Message) -> Iterator[Message]:
    yield message
    if message.get_content_maintype() == "multipart":
        for part in message.get_payload():
            assert isinstance(part, Message)
            yield from _outside(part)


def test_tnefparse_finds_the_same_in_a_winmail() -> None:
    theirs = TNEF(PLAIN_TNEF)
    assert [one.data for one in theirs.msgprops if one.name == TNEF.ATTMESSAGECLASS] == [
        "IPM.Microsoft Schedule.MtgRespP"
    ]
    found = {(one.guid_prop or one.name): one.data for one in theirs.mapiprops}
    ours = read_tnef(PLAIN_TNEF, WRITER)
    assert ours is not None
    answer = ours.answers[0]
    assert answer.uid.encode() in found[0x23] and found[0x8201] == answer.sequence
    assert found[0x01].replace(tzinfo=UTC) == answer.stamp
    assert found[0x5D02].rstrip("\0") == answer.attendee


# ------------------------------------------------------------------ forged answers


def test_no_forged_answer_is_taken() -> None:
    """Five hundred answers with something wrong: another meeting, another reader, an older edition, another method."""
    dice, settled = random.Random(13), Counter[Verdict]()
    lies: list[Callable[[], dict[str, str]]] = [
        lambda: {"uid": f"{dice.randrange(10**9)}@so.example"},
        lambda: {"uid": UID[:-1]},
        lambda: {"uid": UID.upper()},
        lambda: {"sequence": str(dice.randrange(2))},
        lambda: {"sequence": "-1"},
        lambda: {"attendee": "ATTENDEE;PARTSTAT=DECLINED:mailto:stc@tinh.example"},
        lambda: {"attendee": 'ATTENDEE;PARTSTAT=DECLINED;SENT-BY="mailto:ai.do@tinh.example":mailto:stc@tinh.example'},
        lambda: {"attendee": 'ATTENDEE;PARTSTAT=DECLINED;SENT-BY="mailto:ke.gia@khac.example":mailto:stc@tinh.example'},
        lambda: {"sequence": str(dice.randrange(4, 10**6))},
        lambda: {"attendee": "ATTENDEE;PARTSTAT=DECLINED:mailto:vanphong@huyen.example"},
        lambda: {"attendee": "ATTENDEE;PARTSTAT=DECLINED:mailto:syt@tinh.example.khac.example"},
        lambda: {"method": dice.choice(["CANCEL", "REQUEST", "PUBLISH", "ADD", "DECLINECOUNTER"])},
        lambda: {"more": f"RECURRENCE-ID:2026112{dice.randrange(10)}T0{dice.randrange(10)}0000Z"},
    ]
    for _ in range(500):
        lie = dice.choice(lies)()
        attendee = lie.get("attendee", "ATTENDEE;PARTSTAT=DECLINED:mailto:syt@tinh.example")
        text = calendar(
            lie.get("method", "REPLY"),
            event(
                attendee,
                *([lie["more"]] if "more" in lie else []),
                uid=lie.get("uid", UID),
                sequence=lie.get("sequence", "2"),
            ),
        )
        writer = "syt@tinh.example" if "attendee" not in lie else "ke.gia@khac.example"
        message = read(beside(text, sender=writer))
        found = [one for answer in message.answers for one, _ in verdicts(message, answer, ASKED)]
        settled.update(found)
        assert Verdict.TAKE not in found, (lie, message)
    assert len(settled) >= 5, settled
