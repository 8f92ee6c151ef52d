"""Standard output that can't be written: a full disk, a closed pipe. One place for all commands."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
from collections.abc import Iterator

from marlin.errors import UnavailableError

QUIETLY = 1
"""Exit status when whoever read the output has gone, as after ``| head -1``."""


class OutputLostError(UnavailableError):
    """What the command had to say could not be written."""

    code = "output-lost"


def require_output() -> None:
    """:raises OutputLostError: standard output was closed before the command began."""
    if sys.stdout is None:
        raise OutputLostError(
            "Standard output is closed, so nothing could be told.", hint="Send it to a file or to /dev/null."
        )


def visible(text: str) -> str:
    """What somebody else wrote, without what a terminal would obey or can't show."""
    return "".join(one if one.isprintable() or one in "\n\t" else "\N{REPLACEMENT CHARACTER}" for one in text)


@contextlib.contextmanager
def written_out() -> Iterator[None]:
    """Write what is left at the end, and tell a failure of standard output from every other one.

    :raises OutputLostError: it can't be written.
    :raises SystemExit: its reader has gone.
    """
    try:
        yield
        if sys.stdout is not None:
            sys.stdout.flush()
    except BrokenPipeError:
        if not _lost():
            raise
        _forget()
        raise SystemExit(QUIETLY) from None
    except OSError as error:
        if error.filename is not None or error.errno not in _FULL or not _lost():
            raise
        _forget()
        raise OutputLostError(
            f"Standard output can't be written: {error.strerror}.",
            hint="What the command did is done; make room, or send its output elsewhere, and ask again.",
        ) from None


_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)


def _lost() -> bool:
    """Whether it is standard output that failed: it takes no further line either."""
    try:
        os.write(sys.stdout.fileno(), b"\n")
    except OSError:
        return True
    return False


def _forget() -> None:
    """Let what could not be written go, or Python would try once more at its end and say so."""
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, sys.stdout.fileno())
    os.close(nothing)
