"""``python -m tests.benchmarks.web``: this benchmark alone."""

from __future__ import annotations

import sys

from tests.benchmarks.__main__ import main

sys.argv[1:1] = ["--only", "web"]
main()
