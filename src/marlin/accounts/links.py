"""Addresses that carry a token: to be sent to whoever is invited, or signs in."""

from __future__ import annotations


def invitation_url(base_url: str, token: str) -> str:
    """The address to send to whoever is invited. The token is a fragment: browsers don't send it to any server."""
    return f"{base_url}/invite#{token}"


def sign_in_url(base_url: str, token: str) -> str:
    """The address that signs a person in; see :func:`invitation_url`."""
    return f"{base_url}/sign-in/link#{token}"
