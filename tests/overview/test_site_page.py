"""The pages of a site's private link, as a coordinator without an account meets them."""

from __future__ import annotations

import pytest
from flask import Flask

from meetings.scheduling.models import MeetingSite
from meetings.scheduling.rules import Status
from tests import make
from tests.pages import Client

PAGES = ("", "/reply", "/roster", "/line-test", "/check-in")


@pytest.fixture
def here(app: Flask) -> MeetingSite:
    return make.sites_of(make.meeting(status=Status.SCHEDULED))[0]


@pytest.mark.parametrize("page", PAGES)
def test_every_page_shows(here: MeetingSite, client: Client, page: str) -> None:
    assert client.get(make.private(here) + page).status_code == 200
