"""What comes into the mailbox is told apart: a corpus with the conclusion to each message, and hostile bytes."""

from collections import Counter

import pytest

from meetings.invitations.incoming import Kind, Verdict, read, verdicts
from tests.invitations.corpus.bounces import BOUNCES
from tests.invitations.corpus.others import OTHERS
from tests.invitations.corpus.replies import REPLIES
from tests.invitations.corpus.written import ASKED, Case

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
    settled = [one for answer in message.answers for one in verdicts(message, answer, ASKED)]
    assert [(found, hers.invitation_id if hers else None) for found, hers in settled] == case.settled


def test_the_corpus_is_wide_enough() -> None:
    kinds = Counter(case.kind for case in CORPUS)
    assert len(CORPUS) >= 60 and set(kinds) == set(Kind), kinds
    assert {found for case in CORPUS for found, _ in case.settled} == set(Verdict)
    assert len({case.name for case in CORPUS}) == len(CORPUS)
