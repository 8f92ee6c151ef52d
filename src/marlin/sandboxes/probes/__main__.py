"""``python -m marlin.sandboxes.probes [--markdown]``: run all probes on this machine and print what came of them."""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

from marlin.sandboxes.bubblewrap import BubblewrapBackend
from marlin.sandboxes.images import host_view
from marlin.sandboxes.layers import LayerStore, remove_tree
from marlin.sandboxes.probes.suite import ProbeResult, harmful, run_probes
from marlin.sandboxes.probes.table import PROBES


def main() -> int:
    """Run them; 1 when one is harmful."""
    parser = argparse.ArgumentParser(prog="python -m marlin.sandboxes.probes", description=__doc__)
    parser.add_argument("--markdown", action="store_true", help="print the page docs/reference/probes.md")
    arguments = parser.parse_args()
    home = Path(tempfile.mkdtemp(prefix="marlin-probes-"))
    try:
        backend, results = asyncio.run(_run(home))
    finally:
        remove_tree(home)
    sys.stdout.write(markdown(backend, results) if arguments.markdown else plain(results))
    return 1 if harmful(results) else 0


async def _run(home: Path) -> tuple[str, list[ProbeResult]]:
    store = LayerStore(home / "layers")
    backend = BubblewrapBackend(home, store, demo=True, unproven=True)
    try:
        results = await run_probes(backend, host_view(store), home)
        return backend.name, results
    finally:
        await backend.close()


def plain(results: list[ProbeResult]) -> str:
    """One line a probe."""
    return "".join(f"{r.outcome:9}  {r.name:28}  {r.detail}\n" for r in results)


def markdown(backend: str, results: list[ProbeResult]) -> str:
    """The reference page."""
    counts = {kind: sum(r.outcome == kind for r in results) for kind in ("contained", "emulated", "harmful")}
    lines = [
        "# Isolation probes",
        "",
        "What hostile code tries inside a sandbox, and what comes of it. This page is made by",
        "`python -m marlin.sandboxes.probes --markdown`. The same probes run on every machine before its first",
        "untrusted command, once since it was started. One *harmful* probe, and Marlin refuses untrusted work there.",
        "",
        f"Backend: {backend}. {counts['contained']} contained, {counts['emulated']} emulated harmlessly, "
        f"{counts['harmful']} harmful.",
    ]
    found = {result.name: result for result in results}
    group = ""
    for probe in PROBES:
        if probe.group != group:
            group = probe.group
            lines += ["", f"## {group.capitalize()}", "", "| probe | tries | outcome |", "|---|---|---|"]
        result = found[probe.name]
        outcome = result.outcome if result.outcome != "emulated" else f"emulated: {probe.harmless}"
        lines.append(f"| `{probe.name}` | {probe.what} | {outcome} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
