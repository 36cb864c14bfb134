"""Looking at a page in a real browser: what a screen reader, a thumb and a narrow screen would meet."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from bs4 import BeautifulSoup
from playwright.sync_api import Page

from tests.pages import faults_of

RULES = {"resultTypes": ["violations"]}
"""Every rule of axe that is not experimental: WCAG 2.2 AA, and beyond it what a reader of landmarks and headings is owed."""

OVERFLOWING = """() => {
  const wide = document.documentElement.clientWidth, found = [];
  for (const e of document.body.querySelectorAll('*')) {
    const box = e.getBoundingClientRect();
    if (!box.width || box.right <= wide + 1) continue;
    let up = e, held = false;
    while ((up = up.parentElement)) {
      const flow = getComputedStyle(up);
      if (/(auto|scroll|hidden|clip)/.test(flow.overflowX)) { held = true; break; }
    }
    if (!held) found.push(e.tagName.toLowerCase() + '.' + (e.getAttribute('class') || '') + ' to ' + Math.round(box.right));
  }
  return document.documentElement.scrollWidth > wide + 1 ? found.slice(0, 5).concat(['the page is ' +
    document.documentElement.scrollWidth + ' wide on a screen of ' + wide]) : [];
}"""


def served(page: Page, path: str) -> list[str]:
    """What is wrong with the page at *path* as it comes from the server, before any script has touched it."""
    answer = page.request.get(path)
    if "text/html" not in answer.headers.get("content-type", ""):
        return []
    return faults_of(BeautifulSoup(answer.text(), "html.parser"), whole=True)


def inaccessible(page: Page) -> list[str]:
    """What axe finds on the page as it stands; a sentence each."""
    found: dict[str, Any] = Axe().run(page, options=RULES).response
    return [
        f"{fault['id']} ({fault['impact']}): {fault['help']}; at {', '.join(str(n['target'][0]) for n in fault['nodes'][:4])}"
        + (f" and {len(fault['nodes']) - 4} more" if len(fault["nodes"]) > 4 else "")
        for fault in found["violations"]
    ]


def too_wide(page: Page) -> list[str]:
    """What makes the page scroll sideways; nothing may."""
    return list(page.evaluate(OVERFLOWING))
