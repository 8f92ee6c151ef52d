"""Cells of CSV files that spreadsheets and data frames take for what they are. Pure."""

from __future__ import annotations

import re
from uuid import UUID

_FORMULA = frozenset("'=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
"""First characters of text that a spreadsheet calculates with, wide ones among them, and our mark."""

_WORD = re.compile(r"[^\W\d_]+")
_OF_A_DATE = re.compile(
    r"e|am|pm|jan(uary)?|feb(ruary)?|mar(ch)?|apr(il)?|may|june?|july?|aug(ust)?|sep(t(ember)?)?|oct(ober)?|nov(ember)?"
    r"|dec(ember)?"
)
"""Letters that numbers, times and English dates are written with."""

_VALUES = frozenset(("true", "false", "nan", "inf", "infinity", "null", "none", "na", "n/a"))


def cell(value: object) -> object:
    """A value that is read as what it is: text that would be read as something else gets an apostrophe before it.

    That is text that begins like a formula (OWASP), and text that looks like a number, a date or a truth value: of two
    arms 4.1 and 4.10 there would be one left. So does text that begins with an apostrophe: whoever drops one leading
    apostrophe always has the value again. Ids are given as :class:`UUID`, and are left as they are.
    """
    if isinstance(value, str):
        return "'" + value if value[:1] in _FORMULA or _looks_like_a_value(value) else value
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, float):
        return f"{value:.6g}"
    return "" if value is None else value


def _looks_like_a_value(text: str) -> bool:
    told = text.strip().casefold()
    if told in _VALUES or told.startswith("#"):
        return True
    if not any(character.isdigit() for character in told):
        return False
    return "_" not in told and all(_OF_A_DATE.fullmatch(word) for word in _WORD.findall(told))
