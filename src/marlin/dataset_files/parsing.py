"""Lines of a dataset's files, one after the other, and what each says; of none more than a row can have."""

from __future__ import annotations

import itertools
import json
import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

from marlin.dataset_files.errors import DatasetDamagedError, DatasetUnreadableError

MOST_LINE = 256 << 20
"""Bytes of a row; one that was built stays well below. A file without line feeds must not fill the memory."""
_AGAIN = "Build it again, or copy it again."
_HALF = re.compile(r"\\u[dD][89a-fA-F]")


def numbered(path: Path, most: int = MOST_LINE) -> Iterator[tuple[int, bytes]]:
    """Every line of a file, from 1.

    :param most: bytes of one.
    :raises DatasetDamagedError: one is longer than a row can be, or it is no file at all.
    :raises DatasetUnreadableError: it is missing, or can't be read.
    """
    try:
        if path.exists() and not path.is_file():  # a pipe, say, would be waited for
            raise DatasetDamagedError(f"{path} is no file of rows, but something else.", hint=_AGAIN)
        with path.open("rb") as file:
            for number in itertools.count(1):
                line = file.readline(most + 1)
                if len(line) > most:
                    raise DatasetDamagedError(
                        f"{path}:{number} is longer than a row can be: more than {most:,} bytes.", hint=_AGAIN
                    )
                if not line:
                    return
                yield number, line
    except OSError as error:
        raise unreadable(path, error) from error


def unreadable(path: Path, error: OSError) -> DatasetUnreadableError:
    """What to raise where a file of a dataset can't be read."""
    return DatasetUnreadableError(f"{path} can't be read: {error.strerror}.", hint="Was the dataset moved or removed?")


def row_of(path: Path, number: int, line: bytes) -> dict[str, Any]:
    r"""The row of a line, with U+FFFD in place of whatever is no text: ``"\ud83d"``, half a character, can be read, but
    neither stored nor sent.

    :raises DatasetDamagedError: it is no JSON object; it names file and line.
    """
    try:
        text = line.decode()
        row = _loaded(text)
        if _HALF.search(text):
            whole = json.dumps(row, ensure_ascii=False)
            row = _loaded(whole.encode("utf-16", "surrogatepass").decode("utf-16", "replace"))
    except (ValueError, RecursionError) as error:
        raise DatasetDamagedError(f"{path}:{number} is no JSON: {error}", hint=_AGAIN) from error
    if not isinstance(row, dict):
        raise DatasetDamagedError(f"{path}:{number} is no JSON object.", hint=_AGAIN)
    return row


def _loaded(text: str) -> Any:
    return json.loads(text, parse_constant=_no_number, parse_float=_number)


def _no_number(said: str) -> NoReturn:
    raise ValueError(f"{said} is no number")  # Python reads NaN and Infinity, JSON has neither


def _number(said: str) -> float:
    number = float(said)
    if not math.isfinite(number):
        _no_number(said)
    return number
