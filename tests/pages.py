"""A test client that looks at every page it receives, so that no test can pass over a page nobody could use."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from contextvars import Context
from typing import Any
from urllib.parse import urlsplit

from bs4 import BeautifulSoup, Tag
from flask import has_app_context
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

TYPED = ("input", "select", "textarea")
UNLABELLED = {"hidden", "submit", "button", "reset", "image"}
TOKEN = re.compile(r'name="csrf_token"[^>]* value="([^"]+)"')
POINTERS = ("aria-describedby", "aria-labelledby", "aria-controls", "aria-errormessage", "aria-owns", "list")


class Page(TestResponse):
    """An answer, with the page it holds already read."""

    @property
    def soup(self) -> BeautifulSoup:
        """The page as a tree."""
        if "_soup" not in self.__dict__:
            self.__dict__["_soup"] = BeautifulSoup(self.get_data(as_text=True), "html.parser")
        return self.__dict__["_soup"]

    @property
    def words(self) -> str:
        """What a reader sees, white space folded."""
        return " ".join(self.soup.get_text(" ").split())

    def form(self, holding: str = "", fields: Collection[str] = ()) -> Tag:
        """The first POST form whose action, id or text holds *holding* and that has all of *fields*."""
        for form in self.soup.find_all("form"):
            if str(form.get("method", "")).lower() != "post" or not names(form).issuperset(fields):
                continue
            if holding in f"{form.get('action', '')} {form.get('id', '')} {' '.join(form.get_text(' ').split())}":
                return form
        wanted = f"{holding!r}" + (f" and the fields {', '.join(fields)}" if fields else "")
        raise AssertionError(f"no form with {wanted} on {self.request.path}")


class Client(FlaskClient):
    """A browser without a screen: keeps cookies, carries the form token, and complains about bad pages.

    Requests run in a context of their own, as on a server: nothing of the test's session leaks into them.
    """

    token: str | None = None
    before_request: Callable[[], None] | None = None
    look = True

    def open(self, *args: Any, **kwargs: Any) -> Page:
        # a redirect is followed from inside the request's own context, where the test's session is not
        if self.before_request is not None and has_app_context():
            self.before_request()
        with_token = kwargs.pop("with_token", True)
        if str(kwargs.get("method", "")).upper() == "POST" and with_token:
            kwargs = self._with_token(kwargs)
        answer: Page = Context().run(super().open, *args, **kwargs)
        if answer.mimetype == "text/html" and not 300 <= answer.status_code < 400:
            if self.look:
                look_at(answer)
            token = TOKEN.search(answer.get_data(as_text=True))
            if token is not None:
                self.token = token[1]
        return answer

    def _with_token(self, kwargs: dict[str, Any]) -> dict[str, Any]:
        data = kwargs.get("data")
        if data is not None and not isinstance(data, Mapping):
            return kwargs  # raw bytes: the test knows what it does
        if data and "csrf_token" in data:
            return kwargs
        if self.token is None:
            Client.open(self, "/sign-in", method="GET", follow_redirects=True)
        return {**kwargs, "data": {**(data or {}), "csrf_token": self.token or ""}}

    def submit(
        self, path: str, values: Mapping[str, Any] | None = None, *, form: str = "", follow: bool = True
    ) -> Page:
        """Open *path*, fill its form (found by *form*: action, id or text) with *values* over what stands there, press."""
        page = self.get(path)
        assert page.status_code == 200, f"{path} answered {page.status_code}"
        found = page.form(form, values or ())
        filled = {**standing(found), **(values or {})}
        return self.post(str(found.get("action") or path), data=filled, follow_redirects=follow)


def names(form: Tag) -> set[str]:
    """Names of the fields of *form*."""
    return {str(field["name"]) for field in form.find_all((*TYPED, "button")) if field.get("name")}


def standing(form: Tag) -> dict[str, Any]:
    """What a browser would send if *form* were sent as it stands, no button pressed."""
    values: dict[str, Any] = {}

    def put(name: str, value: str) -> None:
        if name in values:
            before = values[name]
            values[name] = [*before, value] if isinstance(before, list) else [before, value]
        else:
            values[name] = value

    for field in form.find_all(TYPED):
        name, kind = field.get("name"), str(field.get("type", "")).lower()
        if not name or field.has_attr("disabled") or kind in ("submit", "button", "image", "file"):
            continue
        if kind in ("checkbox", "radio"):
            if field.has_attr("checked"):
                put(name, str(field.get("value", "on")))
        elif field.name == "select":
            options = field.find_all("option")
            chosen = [o for o in options if o.has_attr("selected")] or (
                [] if field.has_attr("multiple") else options[:1]
            )
            for option in chosen:
                put(name, str(option.get("value", option.get_text())))
        elif field.name == "textarea":
            put(name, field.get_text().removeprefix("\n"))
        else:
            put(name, str(field.get("value", "")))
    return values


def look_at(page: Page) -> None:
    """Fail with everything that is wrong with *page*."""
    text = page.get_data(as_text=True)
    faults = list(faults_of(page.soup, whole="<html" in text))
    if "<html" in text:
        policy = page.headers.get("Content-Security-Policy", "")
        if "default-src 'self'" not in policy and "default-src 'none'" not in policy:
            faults.append("no Content-Security-Policy that keeps the page to its own origin")
    if faults:
        raise AssertionError(
            f"{page.request.method} {page.request.path} ({page.status_code}) is not a good page:\n  "
            + "\n  ".join(faults)
        )


class Tags(dict[str, list[Tag]]):
    """The tags of a page by their name, read out of the tree once: asking the tree for each rule costs more than the rules."""

    def __init__(self, soup: BeautifulSoup) -> None:
        super().__init__()
        self.all: list[Tag] = soup.find_all(True)
        for tag in self.all:
            self.setdefault(tag.name, []).append(tag)

    def __missing__(self, name: str) -> list[Tag]:
        return []

    def of(self, names: Collection[str]) -> list[Tag]:
        """Those that bear one of *names*, in the order of the page."""
        return [tag for tag in self.all if tag.name in names]


def faults_of(soup: BeautifulSoup, *, whole: bool) -> list[str]:
    """What is wrong with a page, or with a part of one where *whole* is False; a sentence each."""
    tags = Tags(soup)
    faults = _ids(tags, whole)
    faults += _fields(tags)
    faults += _forms(tags)
    faults += _policy(tags)
    if whole:
        faults += _frame(tags)
    visible = soup.find("body") or soup
    for placeholder in re.findall(r"%\(\w+\)[sd]", visible.get_text(" ")):
        faults.append(f"the placeholder {placeholder} was not filled")
    return faults


def _frame(tags: Tags) -> list[str]:
    faults = []
    html = next(iter(tags["html"]), None)
    if html is None or html.get("lang") not in ("vi", "en"):
        faults.append("<html> does not say its language")
    headings = tags["h1"]
    if len(headings) != 1:
        faults.append(f"{len(headings)} <h1> instead of one")
        return faults
    said = " ".join(headings[0].get_text(" ").split())
    title = " ".join(tags["title"][0].get_text().split()) if tags["title"] else ""
    if not said:
        faults.append("the <h1> is empty")
    elif said not in title:
        faults.append(f"the title {title!r} does not hold the heading {said!r}")
    if len(tags["main"]) != 1:
        faults.append("there is not exactly one <main>")
    return faults


def _ids(tags: Tags, whole: bool) -> list[str]:
    ids = [str(tag["id"]) for tag in tags.all if tag.has_attr("id")]
    faults = [f"the id {id!r} stands {n} times" for id, n in Counter(ids).items() if n > 1]
    known = set(ids)
    for tag in tags.all if whole else ():
        for pointer in POINTERS:
            for id in str(tag.get(pointer) or "").split():
                if id not in known:
                    faults.append(f"<{tag.name}> points by {pointer} to {id!r}, which is not there")
    for label in tags["label"]:
        target = label.get("for")
        if target and target not in known:
            faults.append(f"the label {' '.join(label.get_text(' ').split())!r} meets no id {target!r}")
        elif not target and not label.find(TYPED):
            faults.append(f"the label {' '.join(label.get_text(' ').split())!r} is for nothing")
    for link in tags["a"] if whole else ():
        target = str(link.get("href", ""))
        if target.startswith("#") and target != "#" and target[1:] not in known:
            faults.append(f"the link {target} leads nowhere on the page")
    return faults


def _fields(tags: Tags) -> list[str]:
    labelled = {str(label["for"]) for label in tags["label"] if label.has_attr("for")}
    faults = []
    for field in tags.of(TYPED):
        if field.name == "input" and str(field.get("type", "")).lower() in UNLABELLED:
            continue
        named = field.get("aria-label") or field.get("aria-labelledby")
        if not named and field.get("id") not in labelled and not field.find_parent("label"):
            faults.append(f"the field {field.get('name') or field.get('id')!r} has no label")
    for button in tags["button"]:
        if not " ".join(button.get_text(" ").split()) and not button.get("aria-label"):
            faults.append("a button says nothing")
    for image in tags["img"]:
        if not image.has_attr("alt"):
            faults.append(f"the image {image.get('src')} has no alt")
    return faults


def _forms(tags: Tags) -> list[str]:
    faults = []
    for form in tags["form"]:
        method = str(form.get("method", "get")).lower()
        tokens = form.find_all("input", {"name": "csrf_token"})
        if method == "post" and (len(tokens) != 1 or not tokens[0].get("value")):
            faults.append(f"the form to {form.get('action') or 'this page'!r} has {len(tokens)} tokens instead of one")
        if method == "get" and tokens:
            faults.append(f"the GET form to {form.get('action')!r} would put its token in the address")
        action = str(form.get("action") or "")
        if urlsplit(action).netloc:
            faults.append(f"a form is sent elsewhere: {action}")
    return faults


def _policy(tags: Tags) -> list[str]:
    """What the strict Content-Security-Policy would keep from working, and what the network would not give."""
    faults = []
    for tag in tags.all:
        if tag.has_attr("style"):
            faults.append(f"<{tag.name}> has an inline style, which the policy refuses")
        faults += [f"<{tag.name}> has an inline {name}" for name in tag.attrs if name.startswith("on")]
        for name in ("src", "srcset", "poster"):
            if tag.get(name) and urlsplit(str(tag[name])).netloc:
                faults.append(f"<{tag.name}> fetches {tag[name]} from elsewhere")
    for script in tags["script"]:
        if not script.get("src") and script.get("type") not in ("application/json", "application/ld+json"):
            faults.append("an inline script, which the policy refuses")
    for link in tags["link"]:
        rels = link.get("rel") or []
        if urlsplit(str(link.get("href", ""))).netloc and not {"canonical", "alternate"} & set(rels):
            faults.append(f"a <link> to elsewhere: {link['href']}")
    if tags["style"]:
        faults.append("an inline <style>, which the policy refuses")
    return faults
