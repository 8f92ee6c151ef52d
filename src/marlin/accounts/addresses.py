"""E-mail addresses, only as far as we need them: to tell people apart. Pure."""

from __future__ import annotations

import re

from marlin.accounts.errors import AddressError

_PLAUSIBLE = re.compile(r"[^\s@<>\"(),:;\[\]\\\x00-\x20\x7f]{1,64}@[^\s@<>\"(),:;\[\]\\\x00-\x20\x7f]{1,253}")


def clean_address(email: str) -> str:
    """The address without surrounding blanks and in lower case.

    :raises AddressError: if it can't be an address. Whether it exists only a letter could tell.
    """
    address = email.strip().lower()
    if len(address) > 254 or not _PLAUSIBLE.fullmatch(address):
        raise AddressError(
            "This is not an e-mail address.",
            hint="Give an address such as ada@example.org.",
            errors=[{"field": "email", "message": "This is not an e-mail address."}],
        )
    return address


SIMULATED_DOMAIN = "simulated.invalid"
"""Of simulated people; nobody can own it (RFC 2606), so no message to them ever leaves."""


def is_simulated(email: str) -> bool:
    """Whether this is the address of a simulated person: they take part in synthetic campaigns alone."""
    return email.lower().endswith(f"@{SIMULATED_DOMAIN}")
