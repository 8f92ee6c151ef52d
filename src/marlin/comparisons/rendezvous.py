"""Both sides prompt at the same moment, or one alone when the other can't."""

from __future__ import annotations

import asyncio
import time


class Rendezvous:
    """Where the rollouts of a turn wait for each other before they prompt.

    :param parties: how many come: 2, or 1 when only one side is left to run after a recovery.
    """

    def __init__(self, parties: int) -> None:
        self._waiting_for = parties
        self._all_here = asyncio.Event()
        self._moments: list[float] = []
        self._prompting = 0

    async def arrive(self) -> None:
        """Wait until everyone is here or has dropped out."""
        self._prompting += 1
        self._one_less()
        await self._all_here.wait()

    def drop_out(self) -> None:
        """This side will not prompt (it failed to prepare, or was finished before): the others need not wait."""
        self._one_less()

    def close(self) -> None:
        """A side's step is over, perhaps without having been entered at all: nobody waits here any longer."""
        self._all_here.set()

    def _one_less(self) -> None:
        self._waiting_for -= 1
        if self._waiting_for <= 0:
            self._all_here.set()

    def prompted(self) -> float | None:
        """Note that this side's prompt is on its way.

        :returns: milliseconds between the first and the last prompt, once, to whoever was last; None to the others.
        """
        self._moments.append(time.monotonic())
        if len(self._moments) == self._prompting and self._prompting > 1:
            return (max(self._moments) - min(self._moments)) * 1000
        return None
