"""A meeting of two provinces at its hour, and the ways to mark its sites."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from meetings.accounts.models import User
from meetings.accounts.rules import Actor
from meetings.attendance import services
from meetings.attendance.models import Mark
from meetings.attendance.rules import MarkSource, Move
from meetings.scheduling.models import Meeting, MeetingSite
from meetings.scheduling.rules import Status
from tests import make
from tests.conftest import Clock

OFFICER = Actor.link(7, "Ông Trần Đầu Mối")


@pytest.fixture
def hour(clock: Clock, app: Any) -> Clock:
    """Ten minutes past the start of :func:`meeting`."""
    clock.at("2026-12-10 08:10")
    return clock


@pytest.fixture
def meeting(app: Any, clock: Clock, secretary: User) -> Meeting:
    """Sent, at 08:00 of 10 December, with the sites of Nghệ An and Hà Tĩnh."""
    return make.meeting(status=Status.SCHEDULED, secretary=secretary)


@pytest.fixture
def nghe_an(meeting: Meeting) -> MeetingSite:
    return next(site for site in make.sites_of(meeting) if site.name == "Nghệ An")


@pytest.fixture
def ha_tinh(meeting: Meeting) -> MeetingSite:
    return next(site for site in make.sites_of(meeting) if site.name == "Hà Tĩnh")


@pytest.fixture
def who(secretary: User) -> Actor:
    return make.actor(secretary)


@pytest.fixture
def press(who: Actor) -> Callable[..., Mark]:
    """The secretary marks a site."""

    def pressed(site: MeetingSite, move: Move, **more: Any) -> Mark:
        return services.mark(site, move, **{"actor": who, "source": MarkSource.SECRETARY, **more})

    return pressed
