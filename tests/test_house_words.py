"""Every sentence of the code stands in the catalogue in Vietnamese, and the catalogue holds nothing else."""

from __future__ import annotations

import ast
import importlib
import inspect
import io
import pkgutil
import re
import textwrap
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from babel.messages.extract import extract
from babel.messages.pofile import read_po
from wtforms.fields.core import UnboundField

import meetings
from meetings.web.forms import Form

ROOT = Path(__file__).resolve().parent.parent
CATALOGUES = sorted((ROOT / "meetings" / "i18n" / "vi").glob("*.po"))
SPEAKING = {"_", "_l", "gettext", "lazy_gettext", "ngettext"}
KEYWORDS = {"_": None, "_l": None, "gettext": None, "lazy_gettext": None, "ngettext": (1, 2)}


def sources() -> Iterator[tuple[Path, str]]:
    for path in sorted((ROOT / "meetings").rglob("*.py")):
        yield path, "python"
    for path in sorted((ROOT / "templates").rglob("*")):
        if path.suffix in (".html", ".txt", ".xml"):
            yield path, "jinja2"


@cache
def said() -> dict[str, str]:
    """Every msgid of the code (of a plural, the singular), with the first place it stands at."""
    found: dict[str, str] = {}
    for path, method in sources():
        with path.open("rb") as file:
            options = (
                {"silent": "false", "trimmed": "true", "extensions": "jinja2.ext.do"} if method == "jinja2" else {}
            )
            for line, message, _comments, _context in extract(method, file, keywords=KEYWORDS, options=options):
                key = message[0] if isinstance(message, tuple) else message
                if key:
                    found.setdefault(key, f"{path.relative_to(ROOT)}:{line}")
    return found


UNHEARD = {
    "Choices cannot be None.",  # told to a programmer
    "Not a valid date value.",  # our Day and TimeOfDay have sentences of their own
    "Not a valid datetime value.",
    "Not a valid time value.",
}


def heard() -> dict[str, str]:
    """The sentences of WTForms that a field or a validator of one of our forms can say, with such a field."""
    for module in pkgutil.walk_packages(meetings.__path__, "meetings."):
        importlib.import_module(module.name)
    found: dict[str, str] = {}
    for form in (form for form in below(Form) if form.__module__.startswith("meetings.")):
        for name, field in inspect.getmembers(form, lambda member: isinstance(member, UnboundField)):
            given = [*field.args[1:], *field.kwargs.get("validators", ())]
            validators = [one for v in given for one in (v if isinstance(v, list | tuple) else [v])]
            silent = [v for v in validators if getattr(v, "message", "") is None]  # without a sentence from us
            for kind in (field.field_class, *map(type, silent)):
                for sentence in spoken_by(kind) - UNHEARD:
                    found[sentence] = f"{form.__module__}.{form.__name__}.{name}"
    return found


def below(kind: type) -> Iterator[type]:
    for child in kind.__subclasses__():
        yield child
        yield from below(child)


@cache
def spoken_by(kind: type) -> set[str]:
    found: set[str] = set()
    for parent in kind.__mro__:
        if parent.__module__.startswith("wtforms"):
            text = io.BytesIO(textwrap.dedent(inspect.getsource(parent)).encode())
            for _line, message, _comments, _context in extract(
                "python", text, keywords={"gettext": None, "ngettext": (1, 2)}
            ):
                found.add(message[0] if isinstance(message, tuple) else message)
    return found


@cache
def kept() -> dict[str, tuple[str, str]]:
    """msgid → its Vietnamese and the catalogue it stands in."""
    found: dict[str, tuple[str, str]] = {}
    for path in CATALOGUES:
        with path.open("rb") as file:
            for message in read_po(file, locale="vi"):
                if message.id:
                    key = message.id if isinstance(message.id, str) else message.id[0]
                    words = message.string if isinstance(message.string, str) else message.string[0]
                    found[key] = (words, path.name)
    return found


def test_every_sentence_has_its_vietnamese() -> None:
    missing = [f"{place}: {key!r}" for key, place in said().items() if not kept().get(key, ("", ""))[0].strip()]
    assert not missing, f"{len(missing)} sentences without Vietnamese:\n" + "\n".join(missing)


def test_what_the_library_of_forms_can_say_has_its_vietnamese() -> None:
    missing = [f"{place}: {key!r}" for key, place in heard().items() if not kept().get(key, ("", ""))[0].strip()]
    assert not missing, "\n".join(missing)


def test_the_catalogue_holds_no_sentence_that_nobody_says() -> None:
    known = {**said(), **heard()}
    unused = [f"{path}: {key!r}" for key, (_, path) in kept().items() if key not in known]
    assert not unused, f"{len(unused)} sentences that nobody says:\n" + "\n".join(unused)


def test_a_sentence_and_its_vietnamese_have_the_same_places_to_fill() -> None:
    def places(*texts: str) -> set[str]:
        return {name for text in texts for name in re.findall(r"%\((\w+)\)[sd]", text)} - {"num"}

    faults = []
    for path in CATALOGUES:
        with path.open("rb") as file:
            for message in read_po(file, locale="vi"):
                english = (message.id,) if isinstance(message.id, str) else tuple(message.id)
                vietnamese = (message.string,) if isinstance(message.string, str) else tuple(message.string)
                plural = not isinstance(message.id, str)  # Vietnamese writes 05 where English counts 5: its own place
                if message.id and any(vietnamese) and not plural and places(*english) != places(*vietnamese):
                    faults.append(
                        f"{path.name}: {english[0]!r} fills {places(*english)}, its Vietnamese {places(*vietnamese)}"
                    )
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.name)
def test_a_catalogue_is_in_order(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert "#~" not in text, "obsolete entries"
    assert "#, fuzzy" not in text, "an entry that nobody has looked at"
    with path.open("rb") as file:
        doubtful = [m.id for m in read_po(file, locale="vi") if m.fuzzy and m.id]
    assert not doubtful
    ids = re.findall(r'^msgid "(.+)"$', text, re.M)
    double = sorted({i for i in ids if ids.count(i) > 1})
    assert not double, f"twice in {path.name}: {double}"


def test_one_sentence_has_one_vietnamese() -> None:
    where: dict[str, dict[str, str]] = {}
    for path in CATALOGUES:
        with path.open("rb") as file:
            for message in read_po(file, locale="vi"):
                if message.id:
                    key = message.id if isinstance(message.id, str) else message.id[0]
                    words = message.string if isinstance(message.string, str) else message.string[0]
                    where.setdefault(key, {})[path.name] = words
    torn = [f"{key!r}: {words}" for key, words in where.items() if len(set(words.values())) > 1]
    assert not torn, "said in two ways:\n" + "\n".join(torn)


def test_no_sentence_is_glued_or_hidden_from_the_catalogue() -> None:
    faults = []
    for path in sorted((ROOT / "meetings").rglob("*.py")):
        if path.parent.name == "i18n":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            place = f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}"
            if isinstance(node, ast.JoinedStr):
                if any(isinstance(n, ast.Call) and speaks(n) for n in ast.walk(node)):
                    faults.append(f"{place}: a sentence inside an f-string, which no extractor sees")
            elif isinstance(node, ast.Call) and speaks(node) and isinstance(node.func, ast.Name):
                first = node.args[0] if node.args else None
                if not (isinstance(first, ast.Constant) and isinstance(first.value, str)):
                    faults.append(f"{place}: a sentence that is computed: {ast.unparse(node)[:80]}")
    assert not faults, "\n".join(faults)


def speaks(call: ast.Call) -> bool:
    name = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
    return name in SPEAKING
