"""The document about the method shows what the product computes."""

from __future__ import annotations

from pathlib import Path

from flask import Flask

PAGE = Path(__file__).parents[2] / "docs" / "savings.md"


def test_the_figures_of_the_document_are_those_that_the_product_prints(app: Flask) -> None:
    printed = app.test_cli_runner().invoke(args=["savings-examples"])
    assert printed.exit_code == 0
    assert "34 provinces" in printed.output
    assert printed.output in PAGE.read_text(encoding="utf-8"), "run flask --app wsgi savings-examples and put it in"


def test_what_the_document_says_beside_the_published_figures_is_what_was_computed() -> None:
    said = PAGE.read_text(encoding="utf-8")
    saved, online = (
        next(row for row in said.splitlines() if row.startswith(head)) for head in ("| **Saved**", "| Meeting online")
    )

    def amounts(row: str, unit: int) -> list[float]:
        return [abs(int(cell.replace(",", ""))) / unit for cell in row.split("|")[2:5]]

    low, mid, high = amounts(saved, 10**9)
    assert f"{low:.2f} – **{mid:.2f}** – {high:.2f} billion đ net" in said
    dear, middle, cheap = amounts(online, 10**6)
    assert f"{cheap:.0f} – **{middle:.0f}** – {dear:.0f} million đ for meeting online" in said
