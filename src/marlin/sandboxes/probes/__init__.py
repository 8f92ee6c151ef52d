"""Proof of isolation: hostile code that tries every way out (``python -m marlin.sandboxes.probes``)."""

from marlin.sandboxes.probes.suite import ProbeResult, harmful, run_probes
from marlin.sandboxes.probes.table import PROBES, Probe

__all__ = ["PROBES", "Probe", "ProbeResult", "harmful", "run_probes"]
