"""Patches as they are sent, kept by this process: what two commits differ by never changes, and is asked for again.

A large one costs git some tenths of a second on a core, in which the page that asks could be drawn.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from dataclasses import dataclass

from marlin.http.packing import LEAST, pack
from marlin.tasks import Code

MOST_BYTES = 64 << 20
"""Of all that one process keeps."""


@dataclass(frozen=True, slots=True)
class PatchWish:
    """Which patch is wanted, and how.

    :ivar context: unchanged lines around a change.
    """

    repository: str
    old: str
    new: str
    path: str | None = None
    ignore_whitespace: bool = False
    context: int = 3


@dataclass(frozen=True, slots=True)
class Sent:
    """A body, and the coding in which it is; None: as git printed it."""

    body: bytes
    coding: str | None


class Patches:
    """The patches that were asked for last, packed.

    :param most: bytes of all of them.
    """

    def __init__(self, most: int = MOST_BYTES) -> None:
        self._most, self._bytes = most, 0
        self._kept: OrderedDict[tuple[PatchWish, str | None], Sent] = OrderedDict()

    async def get(self, code: Code, wish: PatchWish, coding: str | None) -> Sent:
        """The patch, packed in ``coding`` if it is worth that. Raises as :meth:`marlin.tasks.Code.diff`."""
        known = self._kept.get((wish, coding))
        if known is not None:
            self._kept.move_to_end((wish, coding))
            return known
        text = await code.diff(
            wish.repository,
            wish.old,
            wish.new,
            path=wish.path,
            ignore_whitespace=wish.ignore_whitespace,
            context=wish.context,
        )
        sent = Sent(text, None)
        # A large one is some megabytes of text, and holds nothing secret beside what somebody else chose.
        if coding is not None and len(text) >= LEAST:
            sent = Sent(await asyncio.to_thread(pack, text, coding), coding)
        self._keep((wish, coding), sent)
        return sent

    def _keep(self, key: tuple[PatchWish, str | None], sent: Sent) -> None:
        if len(sent.body) > self._most // 4 or key in self._kept:
            return
        self._kept[key] = sent
        self._bytes += len(sent.body)
        while self._bytes > self._most:
            _, dropped = self._kept.popitem(last=False)
            self._bytes -= len(dropped.body)


patches = Patches()
"""Those of this process."""
