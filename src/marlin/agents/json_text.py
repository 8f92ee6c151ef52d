"""JSON as agents and models write it, which may hold what is no text."""

from __future__ import annotations

import json
import re
from typing import Any

_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


def read_json(data: bytes) -> Any:
    r"""What ``data`` says, with U+FFFD in place of whatever is no Unicode text.

    JSON can escape one half of a surrogate pair (``"\ud83d"``), and programs that cut text in UTF-16 send such halves.
    Python reads them, but can neither store nor send what it read.

    :raises ValueError: it is no JSON.
    :raises RecursionError: it is nested too deeply.
    """
    text = data.decode("utf-8", "replace")
    found = json.loads(text)
    if _SURROGATE.search(text):
        whole = json.dumps(found, ensure_ascii=False)
        found = json.loads(whole.encode("utf-16", "surrogatepass").decode("utf-16", "replace"))
    return found
