"""The rules of the house that can be read off the code: order, purity, who commits, what a view may hold.

The other rules stand beside: words (every sentence has its Vietnamese), doors (who may see what), tables (migrations).
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from importlinter.cli import lint_imports

ROOT = Path(__file__).resolve().parent.parent
CODE = ROOT / "meetings"
FEATURES = (
    "overview",
    "minutes",
    "savings",
    "attendance",
    "readiness",
    "invitations",
    "scheduling",
    "directory",
    "accounts",
    "units",
    "journal",
    "post",
    "numbering",
)
ACTING = {
    "": {"__init__", "models", "queries", "letters", "services", "forms", "views"},
    "accounts": {"access"},
    "attendance": {
        "remarks",
        "door",
        "facts",
        "kept",
        "feed_views",
        "listening",
        "live",
        "poll",
        "pressing",
        "side_by_side",
        "witness_queries",
        "witness_sheet",
        "witness_views",
        "witness_words",
        "witnessing",
        "words",
    },
    "directory": {"loader", "catalogue"},
    "journal": {"changes"},
    "invitations": {
        "asking",
        "awaiting",
        "doorstep",
        "enclosures",
        "posted",
        "private_link",
        "replies",
        "seating",
        "answering",
        "approval",
        "approving",
        "batch",
        "batch_views",
        "cascade_letters",
        "chase_settings",
        "consent_letters",
        "calendar_answers",
        "calendar_links",
        "changes",
        "colliding",
        "office_letters",
        "paper_letters",
        "printing",
        "receiving",
        "registry",
        "ladders",
        "reminders",
        "reminding",
        "reminding_by_hand",
        "renewing",
        "renewing_series",
        "resending",
        "returned_letters",
        "rounds",
        "series_letters",
        "settings",
        "settling",
        "suggestion_letters",
        "tray",
        "limit_settings",
        "texts",
        "tray_views",
        "trial",
    },
    "minutes": {
        "block_queries",
        "blocks",
        "deadline",
        "desk_letters",
        "door_queries",
        "files",
        "filling",
        "following",
        "following_agenda",
        "following_desk",
        "following_doors",
        "following_files",
        "following_letters",
        "following_queries",
        "following_report",
        "following_up",
        "hand_edits",
        "hand_out_list",
        "handing",
        "hearing",
        "life",
        "notice_words",
        "papers",
        "receipts",
        "recipients",
        "record_numbers",
        "recordings",
        "register",
        "sheets",
        "standing",
        "pdfs",
        "signature_images",
        "signed_files",
        "signing",
        "signing_box",
        "signing_set_up",
        "transcribing",
        "transcript_queries",
        "urging_letter",
        "voice_offers",
        "writing",
        "signers",
    },
    "readiness": {
        "cascading",
        "absences",
        "arrivals",
        "filing",
        "papers",
        "officers",
        "ladder_pages",
        "ladders",
        "sheet",
        "slotting",
    },
    "savings": {
        "sheet",
        "mapping",
        "norming",
        "norm_sheet",
        "norm_views",
        "year_queries",
        "line_queries",
        "papers",
        "listing",
        "file_views",
        "planning",
    },
    "scheduling": {
        "blocking",
        "bringing",
        "busy_views",
        "cascades",
        "clashes",
        "departures",
        "finder",
        "holding",
        "moving",
        "numbers",
        "occupancy",
        "office",
        "paper_views",
        "papers",
        "regime_pages",
        "register",
        "rooms",
        "ruling",
        "series",
        "series_forms",
        "series_moves",
        "settings",
        "working_time",
    },
    "post": {"carry", "converting", "quota", "texting"},
}
"""The rooms that may know the database or the request, in every feature and in single ones. Every other room is pure."""

DOORS = {
    "web/doors.py": "a request that succeeded",
    "worker/__init__.py": "a delivery, a batch of reminders, a heartbeat, a seal",
    "worker/alone.py": "that a lock was asked for or given back",
    "worker/beside.py": "what one far server said",
    "worker/errands.py": "what an errand made, and that it was kept",
    "worker/papers.py": "a PDF, a signature or a comparison, before and after it is made",
    "worker/recordings.py": "a recording, before and after the service is asked",
    "commands.py": "a command, once",
    "overview/demo.py": "the demonstration, day by day",
    "post/carry.py": "a letter, before and after each word to the server",
    "post/texting.py": "a text message, before and after each word to the gateway",
}
"""Where a transaction is committed, and of what."""

"""Templates that were looked at: what they mark as safe holds nothing that anybody typed."""

NAMELESS = {"utils", "util", "helpers", "helper", "common", "core", "manager", "misc"}
PURE = ("official", "invitations/incoming", "attendance/witnesses", "minutes/transcripts")
"""Packages all of whose rooms are pure."""


def python_files(folder: Path = CODE) -> Iterator[Path]:
    yield from sorted(p for p in folder.rglob("*.py") if "__pycache__" not in p.parts)


def short(path: Path) -> str:
    return str(path.relative_to(CODE))


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def imports(module: ast.Module) -> Iterator[tuple[int, str]]:
    """Every imported name in full, with its line: ``from meetings.web import doors`` is ``meetings.web.doors``."""
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                yield node.lineno, f"{node.module}.{alias.name}"


def acting(feature: str) -> set[str]:
    named = {p.stem for p in (CODE / feature).glob("*_forms.py")}
    if feature == "overview":  # it composes what the features own: nothing of it is argued about, but for its rules
        named |= {p.stem for p in (CODE / feature).glob("*.py")} - {"rules"}
    return ACTING[""] | ACTING.get(feature, set()) | named


def pure_rooms() -> list[Path]:
    found = []
    for feature in FEATURES:
        folder = CODE / feature
        found += [p for p in python_files(folder) if p.parent == folder and p.stem not in acting(feature)]
    return found + [p for package in PURE for p in python_files(CODE / package)]


def views() -> list[Path]:
    # /readyz must answer when the database does not: its try is its purpose
    return [
        p for p in python_files() if "Blueprint(" in p.read_text(encoding="utf-8") and short(p) != "overview/health.py"
    ]


def test_a_later_stage_uses_an_earlier_one_and_never_the_other_way_round(capsys: pytest.CaptureFixture[str]) -> None:
    assert lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True) == 0, capsys.readouterr().out


def test_the_contract_names_every_package() -> None:
    written = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    packages = [p.name for p in CODE.iterdir() if p.is_dir() and (p / "__init__.py").exists()]
    modules = [p.stem for p in CODE.glob("*.py") if p.stem != "__init__"]
    absent = [name for name in packages + modules if f"meetings.{name}" not in written]
    assert not absent, f"not in the import contract: {absent}"


@pytest.mark.parametrize("path", pure_rooms(), ids=short)
def test_a_pure_room_knows_no_database_no_request_and_no_acting_room(path: Path) -> None:
    faults = []
    for line, name in imports(tree(path)):
        parts = name.split(".")
        outside = parts[0] in ("flask", "sqlalchemy", "flask_sqlalchemy", "wtforms", "flask_wtf", "requests", "smtplib")
        acts = parts[0] == "meetings" and (
            parts[1:2] in (["database"], ["web"], ["worker"], ["commands"])
            or (len(parts) > 2 and parts[1] in FEATURES and parts[2] in acting(parts[1]) - {"__init__"})
            or parts[1:2] == ["adapters"]
        )
        if outside or acts:
            faults.append(f"{path.name}:{line} imports {name}")
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("path", [p for p in pure_rooms() if p.stem == "rules"], ids=short)
def test_rules_are_handed_the_time(path: Path) -> None:
    faults = []
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call):
            said = ast.unparse(node.func)
            if said in ("now", "clock.now", "today", "clock.today", "datetime.now", "date.today", "time.time"):
                faults.append(f"{path.name}:{node.lineno} asks the clock: {said}()")
    assert not faults, "\n".join(faults)


def test_only_the_doors_commit() -> None:
    faults = []
    for path in python_files():
        if short(path) in DOORS:
            continue
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "commit":
                faults.append(f"{short(path)}:{node.lineno} commits: {ast.unparse(node.func)}()")
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("path", views(), ids=short)
def test_a_view_is_a_doorway(path: Path) -> None:
    faults = []
    module = tree(path)
    for node in ast.walk(module):
        if isinstance(node, ast.Try):
            faults.append(f"{path}:{node.lineno} has a try")
        elif isinstance(node, ast.Call):
            said = ast.unparse(node.func).rpartition(".")[2]
            if said in ("select", "commit", "execute", "scalar", "scalars"):
                faults.append(f"{path}:{node.lineno} asks the database itself: {said}()")
    for line, name in imports(module):
        if name.startswith(("meetings.adapters", "sqlalchemy", "smtplib", "requests")):
            faults.append(f"{path}:{line} imports {name}")
    assert not faults, "\n".join(faults)


def test_services_know_no_request_and_no_network() -> None:
    faults = []
    for path in python_files():
        if path.stem != "services" and path.parent.name != "services":
            continue
        for line, name in imports(tree(path)):
            if name.startswith(("flask.request", "flask.flash", "flask.session", "flask.g", "requests", "smtplib")):
                faults.append(f"{short(path)}:{line} imports {name}")
    assert not faults, "\n".join(faults)


def test_nothing_is_named_after_nothing() -> None:
    found = [short(p) for p in python_files() if NAMELESS & {p.stem, p.parent.name}]
    assert not found, f"say what is in it: {found}"


def test_requests_never_wait_for_ever() -> None:
    faults = []
    for path in python_files():
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in (
                "requests.get",
                "requests.post",
                "requests.request",
            ):
                if "timeout" not in {keyword.arg for keyword in node.keywords}:
                    faults.append(f"{short(path)}:{node.lineno}")
    assert not faults, f"without timeout=: {faults}"


def test_templates_leave_escaping_to_the_engine() -> None:
    faults = []
    for path in sorted((ROOT / "templates").rglob("*.html")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if "|safe" in line.replace(" ", "") or "autoescape false" in line:
                faults.append(f"{path.relative_to(ROOT)}:{number}")
    assert not faults, f"text marked as safe: {faults}"
