"""A line of ten milliseconds to a server on this machine: python -m bench._far HERE THERE (two ports)."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from typing import Final

ROUND_TRIP: Final = 0.010


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    loop = asyncio.get_running_loop()
    while data := await reader.read(1 << 18):
        loop.call_later(ROUND_TRIP / 2, writer.write, data)
    loop.call_later(ROUND_TRIP / 2, writer.close)


async def _serve(here: int, there: int) -> None:
    async def joined(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(ROUND_TRIP)  # what the handshake of TCP takes
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", there)
        with contextlib.suppress(OSError):
            await asyncio.gather(_pipe(reader, far_writer), _pipe(far_reader, writer))

    async with await asyncio.start_server(joined, "127.0.0.1", here) as server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1]), int(sys.argv[2])))
