"""A draft of the ministry's secretary, and what she types into it."""

from __future__ import annotations

from typing import Any

import pytest

from meetings.accounts.models import User
from meetings.accounts.rules import Actor
from meetings.database import db
from meetings.scheduling import services
from meetings.scheduling.models import Meeting
from meetings.scheduling.rules import MeetingType, Secrecy
from meetings.units.models import Unit
from tests import make


def details(**more: Any) -> services.Details:
    """The first step of the booking as it was typed."""
    values: dict[str, Any] = {
        "title": "Hội nghị trực tuyến sơ kết công tác chuyển đổi số",
        "type": MeetingType.REVIEW,
        "urgent": False,
        "urgent_reason": "",
        "secrecy": Secrecy.ORDINARY,
        "chair_honorific": "Ông",
        "chair_name": "Lê Minh Khang",
        "chair_title": "Bộ trưởng",
        "minutes_long": 120,
        "composition": "Lãnh đạo Ủy ban nhân dân",
        "max_delegates": 20,
        "host_composition": "",
        "note": "",
        **more,
    }
    return services.Details(**values)


def wording(**more: Any) -> services.Wording:
    """What the giấy mời says beyond the facts."""
    values: dict[str, Any] = {
        "signer_authority": "TL. BỘ TRƯỞNG",
        "signer_title": "CHÁNH VĂN PHÒNG",
        "signer_name": "Trần Văn Duyệt",
        "contact_name": "Bà Nguyễn Thị Hoa",
        "contact_phone": "024 000 1234",
        "technical_phone": "",
        "recipients": "",
        "invitation_number": "",
        "invitation_on": "",
        "platform_link": "",
        "dial_string": "",
        **more,
    }
    return services.Wording(**values)


@pytest.fixture
def ministry(units: dict[str, Unit]) -> Unit:
    return units[make.MINISTRY]


@pytest.fixture
def who(secretary: User) -> Actor:
    return make.actor(secretary)


@pytest.fixture
def draft(app: Any, ministry: Unit, secretary: User, who: Actor) -> Meeting:
    """A draft with nothing but its facts, in a ministry that has a site."""
    make.site(ministry)
    begun = services.begin(details(), ministry, secretary, actor=who)
    db.session.flush()
    return begun


@pytest.fixture
def complete(draft: Meeting, who: Actor) -> Meeting:
    """A draft of which every step is done: two provinces on 10 December at 08:00."""
    services.add_sites(draft, [make.site(make.NGHE_AN), make.site(make.HA_TINH)], actor=who)
    services.place(draft, make.at("2026-12-10 08:00"), 180, actor=who)
    services.set_agenda(draft, [services.Item("Khai mạc", 10, "Ban Tổ chức")], actor=who)
    services.word(draft, wording(), actor=who)
    return draft
