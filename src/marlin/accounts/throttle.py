"""How long to wait after failed attempts to sign in. Pure; ``service`` keeps the counts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Limit:
    """Attempts that are free, and the wait that doubles with each one after them.

    :ivar free: failed attempts without a wait.
    :ivar first_wait: seconds after the first failure beyond the free ones.
    :ivar longest_wait: seconds, at most.
    """

    free: int
    first_wait: float
    longest_wait: float

    def wait(self, failures: int) -> timedelta:
        """The pause after ``failures`` failed attempts."""
        beyond = failures - self.free
        if beyond < 0:
            return timedelta(0)
        return timedelta(seconds=min(self.longest_wait, self.first_wait * 2.0 ** min(beyond, 30)))


FORGOTTEN_AFTER = timedelta(hours=24)
"""A count without a new failure for so long starts again at zero."""

PER_PERSON_AND_ADDRESS = Limit(free=5, first_wait=2, longest_wait=900)
"""One network address trying one person's password."""

PER_PERSON = Limit(free=50, first_wait=2, longest_wait=60)
"""Everyone trying one person's password. Mild: strangers must not be able to lock a person out."""

PER_ADDRESS = Limit(free=30, first_wait=2, longest_wait=900)
"""One network address trying many people. Generous: an office shares one address."""


def seconds_left(last_attempt: datetime, failures: int, limit: Limit, now: datetime) -> float:
    """Seconds until the next attempt is heard; 0 when it is heard now."""
    return max(0.0, (last_attempt + limit.wait(failures) - now).total_seconds())
