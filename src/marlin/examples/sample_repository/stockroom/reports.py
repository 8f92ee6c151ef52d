"""The stock as text."""

from __future__ import annotations

from stockroom.inventory import Inventory
from stockroom.money import format_cents


def stock_report(inventory: Inventory, *, low: int | None = None) -> str:
    """A table of all articles, or of those with at most ``low`` left, and what they are worth together."""
    items = [item for item in inventory if low is None or item.quantity <= low]
    if not items:
        return "Nothing to report."
    rows = [("SKU", "NAME", "QUANTITY", "VALUE")]
    rows += [
        (item.sku, item.name, f"{item.quantity} {item.unit}", format_cents(item.value)) for item in items
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    table = [
        f"{sku:<{widths[0]}}  {name:<{widths[1]}}  {quantity:>{widths[2]}}  {value:>{widths[3]}}"
        for sku, name, quantity, value in rows
    ]
    return "\n".join([*table, f"Total value: {format_cents(sum(item.value for item in items))}"])
