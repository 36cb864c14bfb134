"""Lists in pages of fifty."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import sqlalchemy as sa
from flask import request, url_for

from meetings.database import db
from meetings.official import numbers

T = TypeVar("T")
SIZE = 50


def asked_page() -> int:
    """The page number in the address, 1 for anything that is none."""
    return max(1, min(numbers.read(request.args.get("page")) or 1, 100_000))


def asked_words() -> str:
    """What is typed into the search box of a list, as the address has it."""
    return " ".join(request.args.get("q", "").split())[:100]


@dataclass(frozen=True)
class Page(Generic[T]):
    """One page of a list: its rows, its number from 1, and how many rows there are in all."""

    rows: Sequence[T]
    number: int
    total: int
    size: int = SIZE

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // self.size))

    @property
    def first(self) -> int:
        return (self.number - 1) * self.size + 1 if self.total else 0

    @property
    def last(self) -> int:
        return min(self.number * self.size, self.total)

    def url(self, number: int) -> str:
        """This very page's address with another page number."""
        values: dict[str, Any] = {**(request.view_args or {}), **request.args.to_dict(flat=False), "page": number}
        return url_for(request.endpoint or "", **values)


def page_of(query: sa.Select[Any], number: int, size: int = SIZE) -> Page[Any]:
    """Page *number* of the things that *query* finds (its order is the list's)."""
    number, total = _counted(query, number, size)
    return Page(db.session.scalars(_cut(query, number, size)).unique().all(), number, total, size)


def rows_of(query: sa.Select[*tuple[Any, ...]], number: int, size: int = SIZE) -> Page[Any]:
    """As :func:`page_of` for a query of several columns: whole rows."""
    number, total = _counted(query, number, size)
    return Page(db.session.execute(_cut(query, number, size)).all(), number, total, size)


def page_in(things: Sequence[T], number: int, size: int = SIZE) -> Page[T]:
    """Page *number* of *things* that are all at hand."""
    number = min(number, max(1, -(-len(things) // size)))
    return Page(things[(number - 1) * size : number * size], number, len(things), size)


def _counted(query: sa.Select[*tuple[Any, ...]], number: int, size: int) -> tuple[int, int]:
    """The page that there is in the place of *number*, and how many rows there are in all."""
    total = db.session.scalar(sa.select(sa.func.count()).select_from(query.order_by(None).subquery())) or 0
    return min(number, max(1, -(-total // size))), total


def _cut(query: sa.Select[*tuple[Any, ...]], number: int, size: int) -> sa.Select[*tuple[Any, ...]]:
    return query.limit(size).offset((number - 1) * size)
