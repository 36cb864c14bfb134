"""The operator pastes a link: works with every video system, and is what remains when another platform does not answer."""

from __future__ import annotations

from datetime import datetime

from meetings.adapters.platforms.contract import Capabilities, Failed, Occasion, Room, Seat


class Manual:
    """Every site is sent to the one link that was pasted."""

    name = "manual"
    capabilities = Capabilities()

    def ensure_room(self, occasion: Occasion, known: Room | None) -> Room | Failed:
        return Room(occasion.key)

    def join_url(self, occasion: Occasion, room: Room | None, seat: Seat, *, now: datetime, until: datetime) -> str:
        return occasion.link
