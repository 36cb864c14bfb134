"""Kilometres by road of an OSRM server of one's own: ``GET {url}/table/v1/driving/…?annotations=distance``.

One call asks for the way from one place to many. A server that knows no way between two places says null, which is an answer.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final, Protocol

import requests
from urllib3.exceptions import HTTPError

from meetings.adapters.distance import Place

PATIENCE: Final = (5, 30)  # seconds to be let in, and to be answered
MOST: Final = 99
"""Places a call: a server takes 100 with the one they are measured from, unless it was told otherwise."""
LARGEST: Final = 256 * 1024
EARTH: Final = 5000
"""Kilometres that no road within the country has."""


class Roads(Protocol):
    """What knows ways by road."""

    def kilometres(self, one: Place, others: Sequence[Place]) -> tuple[int | None, ...] | None:
        """Whole kilometres from *one* to each of at most :data:`MOST` *others*, None for a way that is not known; None for all
        where the service could not be asked. Never raises for what the far side does."""


class Osrm:
    """The server at *url*."""

    def __init__(self, url: str, *, patience: tuple[float, float] = PATIENCE) -> None:
        self._url, self._patience = url, patience

    def kilometres(self, one: Place, others: Sequence[Place]) -> tuple[int | None, ...] | None:
        places = ";".join(f"{place.longitude:.6f},{place.latitude:.6f}" for place in (one, *others))
        address = f"{self._url}/table/v1/driving/{places}"
        try:
            with requests.get(
                address,
                params={"sources": "0", "annotations": "distance"},
                timeout=self._patience,
                allow_redirects=False,
                stream=True,
            ) as answer:
                body = answer.raw.read(LARGEST + 1, decode_content=True)
                said = json.loads(body) if len(body) <= LARGEST and answer.ok else None
        except (requests.RequestException, HTTPError, ValueError, OSError):
            return None
        return _read(said, len(others))


def _read(said: object, number: int) -> tuple[int | None, ...] | None:
    """The row of distances from the first place to the others, metres in, kilometres out (half rounded up)."""
    rows = said.get("distances") if isinstance(said, dict) and said.get("code") == "Ok" else None
    row = rows[0] if isinstance(rows, list) and rows else None
    if not isinstance(row, list) or len(row) != number + 1:
        return None
    return tuple(_whole(metres) for metres in row[1:])


def _whole(metres: object) -> int | None:
    if isinstance(metres, bool) or not isinstance(metres, int | float) or not 0 <= metres <= EARTH * 1000:
        return None
    return int(metres / 1000 + 0.5)
