"""What every backend must do: the executable form of the Protocol's sentences.

Each check is an async function that takes a :class:`Bench`; ``CHECKS`` lists them. A new backend passes when
``for check in CHECKS: await check(Bench(backend, base, store))`` raises nothing. Nothing here knows a backend.
"""

from marlin.sandboxes.conformance import amounts, commands, lifetimes, reach, terminals
from marlin.sandboxes.conformance.bench import CHECKS, SMALL, Bench, Check

__all__ = ["CHECKS", "SMALL", "Bench", "Check", "amounts", "commands", "lifetimes", "reach", "terminals"]
