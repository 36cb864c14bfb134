"""What the eye and the budget ask of tokens, style sheets, scripts and templates; no application is needed."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from meetings.web.assets import STATIC, build_fonts

ROOT = STATIC.parents[2]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
LETTERS = [
    path
    for path in TEMPLATES
    if (path.name == "letter.html" and path.parent.name != "overview")
    or '{% extends "post/letter.html" %}' in path.read_text("utf-8")
    or path.name == "_pieces.html"  # of letters
]
PAGES = [path for path in TEMPLATES if path not in LETTERS]
"""A letter travels without our style sheets, so it carries its own; every other template is a page or part of one."""
STATUSES = (
    "not_invited", "invited", "seen", "accepted", "substitute", "declined", "line_checked", "ready", "in", "lost", "absent",
)  # fmt: skip
KILOBYTE = 1024


@cache
def themes() -> dict[str, dict[str, str]]:
    """The custom properties of ``tokens.css``: light, dark by the reader's choice, dark by her device."""
    text = (STATIC / "tokens.css").read_text("utf-8")

    def block(start: str) -> dict[str, str]:
        inner = text[text.index(start) + len(start) :]
        return dict(re.findall(r"--([\w-]+):\s*(#[0-9A-Fa-f]{6})\b", inner[: inner.index("}")]))

    light = block(":root{")
    device = block(":root:not([data-theme=light]){")
    return {"light": light, "dark": {**light, **block("\n[data-theme=dark]{")}, "device": {**light, **device}}


def luminance(colour: str) -> float:
    """Relative luminance of ``#RRGGBB`` (WCAG 2.2)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours, 1 to 21 (WCAG 2.2)."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


TEXT_PAIRS = [
    *[(ink, ground) for ink in ("text", "text-2") for ground in ("bg", "surface", "surface-2", "surface-3", "brand-tint")],
    ("text-3", "surface"), ("text-3", "bg"), ("text-3", "surface-2"),
    ("brand", "surface"), ("brand", "bg"), ("brand", "brand-tint"), ("on-brand", "brand"), ("on-brand", "brand-strong"),
    ("on-head", "head"), ("on-head", "head-2"), ("on-head-2", "head"), ("on-head-2", "head-2"),
    ("on-ok", "ok"), ("danger-text", "surface"), ("danger-text", "bg"), ("danger-text", "danger-tint"),
    ("text", "danger-tint"), ("text", "warn-tint"), ("text", "ok-tint"), ("warn-text", "warn-tint"),
    *[(f"s-{key}-ink", f"s-{key}-bg") for key in STATUSES],
]  # fmt: skip

EDGE_PAIRS = [
    ("line-strong", "surface"), ("line-strong", "bg"), ("focus", "surface"), ("focus", "bg"), ("ok", "surface"),
    ("on-head-edge", "head-2"), ("gold", "head"),
    *[(f"c-{key}", "surface") for key in ("travel", "perdiem", "lodging", "hall", "papers", "time")],
]  # fmt: skip


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), TEXT_PAIRS)
def test_text_can_be_read_on_its_ground(theme: str, ink: str, ground: str) -> None:
    colours = themes()[theme]
    assert contrast(colours[ink], colours[ground]) >= 4.5


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("edge", "ground"), EDGE_PAIRS)
def test_edges_of_controls_and_charts_can_be_seen(theme: str, edge: str, ground: str) -> None:
    colours = themes()[theme]
    assert contrast(colours[edge], colours[ground]) >= 3


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("key", STATUSES)
def test_a_status_stands_out_from_the_card_by_its_edge_or_its_fill(theme: str, key: str) -> None:
    colours = themes()[theme]
    shown = max(contrast(colours[f"s-{key}-{part}"], colours["surface"]) for part in ("edge", "bg"))
    assert shown >= 3


def test_dark_by_choice_and_dark_by_the_device_are_the_same_dark() -> None:
    assert themes()["dark"] == themes()["device"]


def test_every_status_has_its_colours_and_its_icon() -> None:
    icons = (STATIC / "icons.svg").read_text("utf-8")
    tokens = (STATIC / "tokens.css").read_text("utf-8")
    for key in STATUSES:
        assert f'id="i-{key}"' in icons
        assert f".s-{key}{{" in tokens


def test_every_icon_that_a_template_names_is_in_the_sprite() -> None:
    kept = set(re.findall(r'id="i-([\w-]+)"', (STATIC / "icons.svg").read_text("utf-8")))
    named = {
        name for path in TEMPLATES for name in re.findall(r"""\bicon(?:\(|=)"([\w-]+)\"""", path.read_text("utf-8"))
    }
    assert named <= kept, f"not drawn: {sorted(named - kept)}"


def test_style_sheets_use_only_colours_that_the_tokens_define() -> None:
    defined = set(re.findall(r"(--[\w-]+)\s*:", "".join(p.read_text("utf-8") for p in STATIC.glob("*.css"))))
    for path in STATIC.glob("*.css"):
        used = set(re.findall(r"var\((--[\w-]+)\)", path.read_text("utf-8")))
        assert used <= defined, f"{path.name} uses {sorted(used - defined)}"


def test_all_our_scripts_together_stay_within_30_kilobytes() -> None:
    assert sum(path.stat().st_size for path in STATIC.glob("*.js")) <= 30 * KILOBYTE


def test_the_style_sheets_of_every_page_stay_small() -> None:
    shared = sum((STATIC / name).stat().st_size for name in ("tokens.css", "app.css"))
    assert shared <= 44 * KILOBYTE


def test_the_face_is_cut_to_forty_kilobytes_with_every_vietnamese_letter(tmp_path: Path) -> None:
    from fontTools.ttLib import TTFont

    build_fonts(tmp_path)
    made = sorted(tmp_path.glob("*.woff2"))
    assert sum(path.stat().st_size for path in made) <= 40 * KILOBYTE
    letters = {code for path in made for code in TTFont(path).getBestCmap()}
    wanted = "ăâđêôơưĂÂĐÊÔƠƯ₫" + "".join(map(chr, range(0x1EA0, 0x1EFA)))
    assert not [letter for letter in wanted if ord(letter) not in letters]
    assert all("fvar" in TTFont(path) for path in made), "one file carries every weight"
    before = [path.stat().st_mtime_ns for path in made]
    build_fonts(tmp_path)
    assert [path.stat().st_mtime_ns for path in made] == before, "a second set-up cuts nothing again"


INLINE = {
    "a style attribute": r"\sstyle\s*=",
    "a style element": r"<style\b",
    "a script without an address": r"<script(?![^>]*\bsrc=)(?![^>]*type=\"application/json\")",
    "an event attribute": r"\son(?!ly\b)[a-z]+\s*=\s*[\"']",  # only= is a parameter of an address
    "something from elsewhere": r"(?:src|href|action|srcset)\s*=\s*[\"'](?:https?:)?//",
}


def test_no_page_carries_what_the_security_policy_refuses() -> None:
    faults = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in PAGES
        for name, pattern in INLINE.items()
        if re.search(pattern, path.read_text("utf-8"))
    ]
    assert not faults, "\n".join(faults)


def test_no_style_sheet_or_script_loads_anything_from_elsewhere() -> None:
    for path in [*STATIC.glob("*.css"), *STATIC.glob("*.js"), *STATIC.glob("*.svg")]:
        text = path.read_text("utf-8").replace("http://www.w3.org/2000/svg", "")
        assert not re.search(r"https?://", text), path.name


def test_scripts_leave_alone_what_an_input_method_is_still_composing() -> None:
    for path in STATIC.glob("*.js"):
        text = path.read_text("utf-8")
        if '"keydown", (event)' in text or "'keydown', (event)" in text:
            assert "isComposing" in text, f"{path.name} listens to keys while Unikey may be typing"
