"""Slowing down whoever guesses private links.

A wrong link arrives by GET, and a GET writes nothing; so the count stands in memory, for each process its own. That is
enough: a token has 128 bits, the count is there to keep a guesser from filling the log and the processor. Only wrong
tokens are counted and only wrong tokens are turned away: an office behind one address keeps its good links.
"""

from __future__ import annotations

import threading
from collections import OrderedDict, deque
from datetime import datetime, timedelta


class Throttle:
    """At most *most* wrong tries by address within *window*; remembers at most *addresses* of them."""

    def __init__(self, most: int, window: timedelta, addresses: int = 10_000) -> None:
        self._most, self._window, self._addresses = most, window, addresses
        self._tries: OrderedDict[str, deque[datetime]] = OrderedDict()
        self._guard = threading.Lock()

    def wrong(self, address: str, now: datetime) -> bool:
        """Count a wrong try of *address*; True when it was one too many."""
        with self._guard:
            tries = self._tries.setdefault(address, deque(maxlen=self._most))
            self._tries.move_to_end(address)
            if len(self._tries) > self._addresses:
                self._tries.popitem(last=False)
            while tries and now - tries[0] > self._window:
                tries.popleft()
            full = len(tries) >= self._most
            tries.append(now)
            return full

    def forget(self) -> None:
        """Begin anew."""
        with self._guard:
            self._tries.clear()
