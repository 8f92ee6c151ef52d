"""The bubblewrap backend keeps every promise of the Protocol."""

from __future__ import annotations

import pytest

from marlin.sandboxes import BubblewrapBackend, Layer
from marlin.sandboxes.conformance import CHECKS, Bench, Check


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
async def test_conformance(check: Check, backend: BubblewrapBackend, base_image: Layer):
    bench = Bench(backend, base_image, backend.store)
    try:
        await check(bench)
    finally:
        await bench.close()
