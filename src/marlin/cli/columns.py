"""Columns of the tables that commands print, none of which cuts what somebody types again."""

from __future__ import annotations

from rich.table import Column


def whole(head: str) -> Column:
    """Names that are typed again: they take the room they need."""
    return Column(head, no_wrap=True)


def folded(head: str) -> Column:
    """Words that go on in the next line where there is no room."""
    return Column(head, overflow="fold", min_width=max(map(len, head.split())))


def number(head: str) -> Column:
    """Numbers, their last digits below each other."""
    return Column(head, justify="right", no_wrap=True)
