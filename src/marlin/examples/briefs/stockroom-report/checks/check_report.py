"""Acceptance checks of `stockroom-report`; run in the repository: check_report.py counted|low."""

from __future__ import annotations

import os
import sys

sys.path.insert(0, os.getcwd())

from stockroom.inventory import Inventory
from stockroom.reports import stock_report

inventory = Inventory()
inventory.receive("A-1", "Hook", "each", 10, 100)
inventory.receive("B-2", "Rope", "m", 40, 80)
inventory.receive("C-3", "Nail", "each", 2, 1)

report = stock_report(inventory, low=10 if sys.argv[1] == "low" else None)
wanted = {"counted": "Articles: 3", "low": "Articles: 2"}[sys.argv[1]]
last = report.splitlines()[-2:]
if len(last) < 2 or last[0] != wanted or not last[1].startswith("Total value: "):
    sys.exit(f"The last two lines should be {wanted!r} and the total value, and are {last}")
