"""What the history says of an answer."""

import pytest

from meetings.invitations.telling import told

ANSWER = {"site": "Nghệ An", "source": "link", "late": False}


@pytest.mark.parametrize(
    ("details", "sentence"),
    [
        ({**ANSWER, "after": {"reply": "accepted"}}, "Nghệ An xác nhận tham dự (đường dẫn riêng)."),
        (
            {**ANSWER, "late": True, "after": {"reply": "accepted"}},
            "Nghệ An xác nhận tham dự (đường dẫn riêng). Sau hạn.",
        ),
        (
            {**ANSWER, "source": "telephone", "said_by": "Ông Tám", "after": {"reply": "declined", "reason": "Bão"}},
            "Nghệ An không tham dự được: Bão (qua điện thoại: Ông Tám).",
        ),
        (
            {**ANSWER, "after": {"reply": "substitute", "substitute_name": "Bà Lan"}},
            "Nghệ An cử Bà Lan dự thay (đường dẫn riêng).",
        ),
        (
            {**ANSWER, "source": "account", "after": {"reply": "accepted"}},
            "Nghệ An xác nhận tham dự (đăng nhập).",
        ),
        ({}, "Một điểm cầu đã trả lời."),
    ],
)
def test_an_answer_is_told_as_a_sentence(details: dict[str, object], sentence: str) -> None:
    assert told("invitation.answered", details) == sentence


def test_facts_of_other_features_are_left_to_them() -> None:
    assert told("meeting.sent", {}) is None


@pytest.mark.parametrize(
    "fact",
    ["invitation.issued", "invitation.consented", "invitation.seen", "invitation.link_renewed", "invitation.withdrawn",
     "letter.resent", "letter.confirmed", "meeting.sites_left_to_ask"],
)  # fmt: skip
def test_every_fact_is_told_even_when_its_details_were_purged(fact: str) -> None:
    assert told(fact, {})
