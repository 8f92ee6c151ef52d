"""User ids: as a sandbox sees them, as the disk stores them, as the host's processes have them.

Inside, files belong to ids 0 … 65535 (root is 0, the agent's user is 1000). On disk the same ids are kept above
``DISK_BASE``, in every layer and on every host, so that layers can be shared and nothing in the store ever belongs to a
real account. A live sandbox's processes get a range of 65,536 host ids of their own (a *slot*); idmapped mounts
translate between the two, so no two sandboxes share a host id.
"""

from __future__ import annotations

RANGE = 65_536
DISK_BASE = 0x4000_0000
SLOT_BASE = 0x5000_0000
SLOTS = 8_192
"""Ids stay below 2^31, because some tools read them as signed."""

ROOT = 0
USER = 1000


def slot_base(slot: int) -> int:
    """The first host id of ``slot``."""
    if not 0 <= slot < SLOTS:
        raise ValueError(f"slot {slot} is outside 0 … {SLOTS - 1}")
    return SLOT_BASE + slot * RANGE
