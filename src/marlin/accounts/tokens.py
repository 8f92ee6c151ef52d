"""Random tokens: what a person holds, and the hash that we keep. Pure but for the operating system's generator.

A token carries 256 random bits, so a plain SHA-256 of it is enough at rest: unlike a password, it can't be guessed. All
tokens begin with ``mrl_``, which :mod:`marlin.logging` redacts.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from enum import StrEnum


class Purpose(StrEnum):
    """What a token is good for. It is part of the token and of its hash, so that one kind never passes for another."""

    SIGN_IN = "s"
    LINK = "l"
    INVITATION = "i"
    API = "t"
    CHECKOUT = "g"


def new_token(purpose: Purpose) -> str:
    """A fresh token, shown once to the person who holds it and never stored."""
    return f"mrl_{purpose.value}_{secrets.token_urlsafe(32)}"


def hash_token(purpose: Purpose, token: str) -> bytes:
    """What is stored and looked up instead of ``token``: 32 bytes."""
    return hashlib.sha256(f"{purpose.value}\0{token}".encode(errors="surrogatepass")).digest()


def csrf_token(sign_in_token: str) -> str:
    """The token that Marlin's pages send in ``X-CSRF-Token``: bound to the sign-in, and of no use to find its token.

    See OWASP, Cross-Site Request Forgery Prevention Cheat Sheet, "Signed Double-Submit Cookie".
    """
    return hmac.new(sign_in_token.encode(), b"marlin-csrf-1", hashlib.sha256).hexdigest()


def csrf_matches(sign_in_token: str, given: str | None) -> bool:
    """Whether ``given`` is the CSRF token of the sign-in, in constant time."""
    return given is not None and hmac.compare_digest(csrf_token(sign_in_token).encode(), given.encode())
