"""Every page that the demo's people can reach by its links: sound, accessible, and no wider than a phone."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page

from tests.e2e import journey, look
from tests.e2e.installation import Installation, answer
from tests.e2e.post import Letter

# Minutes of Chromium: the long version. Every page is looked at once more by the client of the short tests.
pytestmark = pytest.mark.prove
Open = Callable[..., Page]
PASSWORD = "mật khẩu của người xem thử"
ROLES = ("secretary", "administrator", "approver", "records_clerk", "finance", "leader", "technician")
MOST = 60
LOOKED_AT: set[str] = set()
"""Shapes of pages that axe has seen: the same page of another role differs by a button or two."""


@pytest.fixture(scope="module")
def demo(loaded: Installation, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """The demo, served, with a person in every role."""
    made = loaded.copy(tmp_path_factory.mktemp("demo") / "instance")
    made.flask("demo")
    made.work()
    for role in ROLES:
        unit = "VN" if role == "administrator" else organiser(made)
        made.flask(
            "create-user", f"{role}@thu.example", "--name", "Người Xem", "--role", role, "--unit", unit, typed=PASSWORD
        )
    made.serve()
    yield made
    made.stop()


def organiser(made: Installation) -> str:
    """Code of the body that holds the demo's conferences."""
    rows = made.ask("SELECT unit.code FROM meeting JOIN unit ON unit.id = meeting.organiser_id LIMIT 1")
    return str(rows[0][0])


def shape(path: str) -> str:
    """*path* with its numbers and codes taken out: one page of each shape is looked at."""
    parts = urlsplit(path)
    plain = re.sub(r"HN-\d{4}-\d+", lambda m: m[0], re.sub(r"/\d+", "/N", parts.path))
    return plain + ("?" + re.sub(r"=[^&]*", "=", parts.query) if parts.query else "")


def walk(page: Page, start: str) -> Iterator[str]:
    """The pages that can be reached from *start* by links, one of each shape."""
    waiting, seen = deque([start]), {shape(start)}
    while waiting and len(seen) <= MOST:
        path = waiting.popleft()
        answer = page.goto(path)
        assert answer is not None
        assert answer.status < 400, f"the link to {path} answers {answer.status}"
        yield path
        for address in page.eval_on_selector_all("a[href]", "links => links.map(link => link.href)"):
            parts = urlsplit(address)
            inner = parts.path + (f"?{parts.query}" if parts.query else "")
            # a file, or a way out to the video platform, which is elsewhere
            leads_off = re.search(r"\.(docx|xlsx|zip|ics|eml|csv|json)$|/join$|^/j/", parts.path)
            if parts.netloc == urlsplit(page.url).netloc and not leads_off and shape(inner) not in seen:
                seen.add(shape(inner))
                waiting.append(inner)


@pytest.mark.parametrize("role", ROLES)
def test_every_page_that_a_role_can_reach_is_a_good_page(demo: Installation, open_browser: Open, role: str) -> None:
    desk = open_browser(demo.url)
    journey.sign_in(desk, f"{role}@thu.example", PASSWORD)
    phone = open_browser(demo.url, phone=True)
    journey.sign_in(phone, f"{role}@thu.example", PASSWORD)
    faults = []
    for path in walk(desk, "/"):
        faults += [f"{path}: {fault}" for fault in look.served(desk, path)]
        if shape(path) in LOOKED_AT:
            continue
        LOOKED_AT.add(shape(path))
        faults += [f"{path}: {fault}" for fault in look.inaccessible(desk)]
        phone.goto(path)
        faults += [f"{path} on a phone: {fault}" for fault in look.too_wide(phone)]
    assert not faults, f"{len(faults)} faults:\n" + "\n".join(faults)


def test_the_calendar_is_a_good_page_in_every_view(demo: Installation, open_browser: Open) -> None:
    desk, phone = open_browser(demo.url), open_browser(demo.url, phone=True)
    for page in (desk, phone):
        journey.sign_in(page, "secretary@thu.example", PASSWORD)
    faults = []
    for path in (
        *(f"/calendar?view={view}&by={by}" for view in ("day", "week", "month") for by in ("room", "site", "chair")),
        "/calendar/subscriptions",
        "/calendar/busy",
    ):
        faults += [f"{path}: {fault}" for fault in [*look.served(desk, path), *look.inaccessible(desk)]]
        phone.goto(path)
        faults += [f"{path} on a phone: {fault}" for fault in [*look.too_wide(phone), *look.inaccessible(phone)]]
    assert not faults, "\n".join(faults)


def test_every_page_of_a_private_link_is_a_good_page_on_a_phone(demo: Installation, open_browser: Open) -> None:
    written = {token for path in demo.letters() for token in Letter.read(path).tokens}
    # the links of the conference that is over have run out
    tokens = sorted(token for token in written if answer(f"{demo.url}/m/{token}")[0] == 200)
    assert tokens, "the demo's outbox holds no private link of a site"
    phone = open_browser(demo.url, phone=True)
    faults = []
    for token in (tokens[0], tokens[-1]):
        for path in walk(phone, f"/m/{token}"):
            if not path.startswith("/m/"):
                continue
            shown = path.replace(token, "…")
            found = [*look.served(phone, path), *look.inaccessible(phone), *look.too_wide(phone)]
            faults += [f"{shown}: {fault}" for fault in found]
    assert not faults, f"{len(faults)} faults:\n" + "\n".join(faults)
