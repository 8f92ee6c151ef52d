"""Passwords: argon2id at rest, the same time for a wrong password and for nobody."""

from __future__ import annotations

import asyncio
from functools import lru_cache

from argon2 import PasswordHasher, Type
from argon2.exceptions import Argon2Error, InvalidHashError

from marlin.accounts.errors import WeakPasswordError

SHORTEST = 12
LONGEST = 256

# OWASP Password Storage Cheat Sheet (argon2id, m = 46 MiB, t = 1, p = 1): an eighth of a second of one core at most,
# and a bounded amount of memory, because no more than two run at a time (see _gate).
_hasher = PasswordHasher(time_cost=1, memory_cost=47104, parallelism=1, hash_len=32, salt_len=16, type=Type.ID)

_SIMULTANEOUS = 2
_gates: dict[asyncio.AbstractEventLoop, asyncio.Semaphore] = {}


def check_password(password: str, *, email: str, name: str) -> None:
    """Refuse passwords that are guessed first.

    :raises WeakPasswordError: if it is shorter than 12 or longer than 256 characters, one repeated character, or the
        person's own address or name.
    """
    hint = f"Use at least {SHORTEST} characters; a few random words do well."
    if len(password) < SHORTEST:
        raise WeakPasswordError(f"The password is shorter than {SHORTEST} characters.", hint=hint)
    if len(password) > LONGEST:
        raise WeakPasswordError(
            f"The password is longer than {LONGEST} characters.", hint=f"Use at most {LONGEST} characters."
        )
    plain = password.strip().casefold()
    if len(set(plain)) < 4:
        raise WeakPasswordError("The password repeats a few characters only.", hint=hint)
    if plain in {email.casefold(), name.strip().casefold(), email.split("@")[0].casefold()}:
        raise WeakPasswordError("The password is your own address or name.", hint=hint)


def hash_now(password: str) -> str:
    """The argon2id hash, computed here and now (about 0.1 s): for the command line."""
    return _hasher.hash(password)


async def hash_password(password: str) -> str:
    """The argon2id hash, computed in a thread."""
    async with _gate():
        return await asyncio.to_thread(_hasher.hash, password)


async def verify_password(stored: str | None, password: str) -> bool:
    """Whether ``password`` is the one that ``stored`` was made from.

    With ``stored`` None, because there is no such person or they never chose a password, the same work is done in vain.
    """
    if len(password) > LONGEST:
        password = password[:LONGEST] + "\0"  # can't match: none that long is ever set
    async with _gate():
        return await asyncio.to_thread(_verify, stored, password)


def _verify(stored: str | None, password: str) -> bool:
    try:
        matches = _hasher.verify(stored or _decoy(), password)
    except (Argon2Error, InvalidHashError):
        return False
    return matches and stored is not None


@lru_cache(maxsize=1)
def _decoy() -> str:
    return _hasher.hash("nobody has this password")


def _gate() -> asyncio.Semaphore:
    """The bound on simultaneous hashes, one per event loop (a semaphore belongs to the loop it first waited on)."""
    loop = asyncio.get_running_loop()
    for stale in [known for known in _gates if known.is_closed()]:
        del _gates[stale]
    return _gates.setdefault(loop, asyncio.Semaphore(_SIMULTANEOUS))
