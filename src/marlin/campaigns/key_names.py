"""Names of environment variables that hold keys, told apart from keys themselves. Pure.

People paste the key where its variable's name belongs. It would land in the database: it is refused and never echoed.
"""

from __future__ import annotations

import re
from typing import Any

_NAME = re.compile(r"[A-Z_][A-Z0-9_]{1,63}")
_KNOWN_KEY = re.compile(r"(?:AKIA|ASIA|AIZA|SK_|PK_|GHP_|GLPAT|HF_[A-Z0-9]{20})")
_SECRET_SETTING = re.compile(r"(api_?key|token|secret|password|authorization|credential)s?$", re.IGNORECASE)

_NAMES_FILE = re.compile(r"^(?:[~/\\]|[a-z][a-z0-9+.-]*:/|[A-Za-z]:\\)|(?:^|[/\\])\.\.(?:[/\\]|$)")

HINT = "Put the key into an environment variable of the worker, and give that variable's name, such as ACME_API_KEY."


def key_name_problem(value: str) -> str | None:
    """Why ``value`` can't be the name of the variable that holds a key; None when it can. Never quotes the value."""
    if not _NAME.fullmatch(value):
        return "key_env takes the NAME of an environment variable (capitals, digits, underscores), not the key itself."
    digits = sum(character.isdigit() for character in value)
    if _KNOWN_KEY.match(value) or ("_" not in value and (len(value) > 24 or digits >= 4)) or digits > len(value) / 3:
        return "key_env looks like a key itself, not like the name of the environment variable that holds it."
    return None


def secret_setting(settings: dict[str, Any], path: str = "settings") -> str | None:
    """Path of the first setting that seems to hold a secret; None when there is none."""
    for name, value in settings.items():
        here = f"{path}.{name}"
        if isinstance(value, dict):
            if (found := secret_setting(value, here)) is not None:
                return found
        elif isinstance(value, str) and value and _SECRET_SETTING.search(name):
            return here
    return None


def setting_naming_a_file(value: Any, path: str = "settings") -> str | None:
    """Path of the first setting whose value names a file or an address; None when none does."""
    if isinstance(value, dict):
        parts = [(f"{path}.{name}", each) for name, each in value.items()]
    elif isinstance(value, list):
        parts = [(f"{path}[{index}]", each) for index, each in enumerate(value)]
    else:
        return path if isinstance(value, str) and _NAMES_FILE.search(value.strip()) else None
    return next((found for here, each in parts if (found := setting_naming_a_file(each, here)) is not None), None)
