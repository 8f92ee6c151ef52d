"""``python -m tests.benchmarks.statistics [--scale 1] [--again PART]… [--only PART]… [--no-page]``.

Parts: speed, type-one, per-vote, rules, control, registered, strength, fraud, coverage, two-way, drawing,
drawing-valid. What is finished is kept in results.json beside this file, so a run that was ended goes on where it was;
``--again type-one`` computes that part anew. At scale 1 all of it takes about three quarters of an hour on one core.
Seeds are fixed: the same numbers come out each time, speeds aside; what those are measured beside is in
requirements.txt here.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
from datetime import UTC, datetime
from pathlib import Path

from tests.benchmarks.statistics.cells import KEPT, Cells
from tests.benchmarks.statistics.covering import coverage, two_way
from tests.benchmarks.statistics.drawing import gain, valid
from tests.benchmarks.statistics.looking import control, fraud, per_vote, rules, type_one
from tests.benchmarks.statistics.page import PAGE, written
from tests.benchmarks.statistics.registered import registered
from tests.benchmarks.statistics.speed import speeds
from tests.benchmarks.statistics.strength import strength

PARTS = {
    "speed": speeds,
    "type-one": type_one,
    "per-vote": per_vote,
    "rules": rules,
    "control": control,
    "registered": registered,
    "strength": strength,
    "fraud": fraud,
    "coverage": coverage,
    "two-way": two_way,
    "drawing": gain,
    "drawing-valid": valid,
}


def main() -> int:
    """Run what is asked for and write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", type=float, default=1.0, help="of the numbers of repetitions")
    parser.add_argument("--again", action="append", default=[], help="compute these cells anew")
    parser.add_argument("--only", action="append", default=[], choices=list(PARTS))
    parser.add_argument("--results", type=Path, default=KEPT)
    parser.add_argument("--no-page", action="store_true")
    given = parser.parse_args()
    cells = Cells(tuple(given.again), given.results)
    found = {name: part(cells, given.scale) for name, part in PARTS.items() if not given.only or name in given.only}
    if given.only or given.no_page:
        return 0
    kernel = platform.release().split("-")[0]
    machine = f"{os.cpu_count()} cores, {platform.system()} {kernel}, Python {platform.python_version()}"
    PAGE.write_text(written(found, machine, datetime.now(UTC).date().isoformat()))
    print(PAGE, file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
