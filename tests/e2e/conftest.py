"""Browsers and installations for the tests that walk through the product as a person does."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from werkzeug.serving import make_server

from tests.e2e.installation import Installation

CHROMIUM = "/usr/bin/chromium"
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
expect.set_options(timeout=20_000)
DESK: dict[str, Any] = {"viewport": {"width": 1440, "height": 900}}
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 2,
    "is_mobile": True,
    "has_touch": True,
}


LONGEST_FIRST = (
    "test_main_journey",
    "test_clean_start",
    "test_directory_journeys",
    "test_scenario_9",
    "test_scheduling_journeys",
    "test_no_link_leaks",
    "test_scenarios_21_23",
    "test_scenarios_17_18_20",
    "test_two_writers",
    "test_mailbox",
    "test_phone_journey",
    "test_scenario_16",
    "test_scenario_19",
    "test_scenario_25",
    "test_scenario_5",
    "test_scanner",
    "test_all_at_once",
)
"""Files that take longest, so that two that work beside each other end together; the others follow as they are called."""


def pytest_itemcollected(item: pytest.Item) -> None:
    item.add_marker(pytest.mark.e2e)


@pytest.hookimpl(trylast=True)  # after what pytest does to them
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    def place(item: pytest.Item) -> tuple[int, str]:
        if item.get_closest_marker("e2e") is None:
            return -1, ""
        name = item.path.stem
        return LONGEST_FIRST.index(name) if name in LONGEST_FIRST else len(LONGEST_FIRST), name

    items.sort(key=place)


@pytest.fixture(scope="session")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """An installation migrated and with the units of the country loaded: nothing else."""
    made = Installation(tmp_path_factory.mktemp("loaded") / "instance")
    made.folder.mkdir()
    made.flask("db", "upgrade")
    made.flask("load-units")
    return made


@pytest.fixture
def installation(loaded: Installation, tmp_path: Path) -> Iterator[Installation]:
    """The units of the country and nothing else, served."""
    made = loaded.copy(tmp_path / "instance")
    made.serve()
    try:
        yield made
    finally:
        made.stop()
        print(made.faults()[-6000:])  # shown when the test failed


@pytest.fixture
def served(app: Flask) -> Iterator[str]:
    """The application of this test, served."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield launched
        launched.close()


@pytest.fixture
def open_browser(chromium: Browser, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[..., Page]]:
    """Opens browsers that know nothing of each other: ``open_browser(url)`` at a desk, ``open_browser(url, phone=True)``.

    A page that reaches for another machine, throws an error in its script or breaks its own policy fails the test.
    """
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    def opened(base: str, *, phone: bool = False, **more: Any) -> Page:
        here = urlsplit(base).netloc
        context = chromium.new_context(
            base_url=base, locale="vi-VN", timezone_id="Asia/Ho_Chi_Minh", **{**(PHONE if phone else DESK), **more}
        )
        context.set_default_timeout(40_000)  # a build server may be busy; a page that never comes fails all the same
        contexts.append(context)
        page = context.new_page()

        def watch(asked: Any) -> None:
            parts = urlsplit(asked.url)
            if parts.scheme in ("http", "https") and parts.netloc != here:
                faults.append(f"{page.url} asked for {asked.url}")

        page.on("request", watch)
        page.on("pageerror", lambda error: faults.append(f"{page.url}: {error}"))
        page.on("console", lambda line: faults.append(f"{page.url}: {line.text}") if _is_fault(line) else None)
        page.on("response", lambda got: faults.append(f"{got.status} {got.url}") if got.status >= 500 else None)
        return page

    yield opened
    for number, context in enumerate(contexts):
        for page in context.pages:
            if request.session.testsfailed:
                page.screenshot(path=tmp_path / f"at-the-end-{number}.png")
        context.close()
    assert not faults, "\n".join(faults)


def _is_fault(line: Any) -> bool:
    """Errors of a script or of the policy; that a form was refused (4xx) is no fault of the page."""
    return line.type == "error" and "Failed to load resource" not in line.text
