"""Tables of the study's page."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Markdown."""
    lines = ["| " + " | ".join(head) + " |", "|" + "---:|" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]) + "\n"


def rate(share: float, repetitions: int) -> str:
    """A share in percent, with its Monte Carlo standard error."""
    return f"{100 * share:.1f} ± {100 * np.sqrt(max(share * (1 - share), 1e-9) / repetitions):.1f}"
