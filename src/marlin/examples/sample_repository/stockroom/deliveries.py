"""Reading delivery notes (docs/delivery-notes.md)."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass

from stockroom.inventory import UNITS, Inventory, InventoryError
from stockroom.money import parse_cents

COLUMNS = ("sku", "name", "quantity", "unit", "unit_cost")


class DeliveryError(ValueError):
    """The delivery note can't be used."""


@dataclass(frozen=True)
class Delivered:
    """One row of a delivery note."""

    sku: str
    name: str
    quantity: int
    unit: str
    unit_cost: int


def import_delivery(inventory: Inventory, lines: Iterable[str]) -> int:
    """Receive the goods of one delivery note; how many rows it had.

    :param lines: the file, as :func:`open` yields it with ``newline=""``.
    :raises DeliveryError: a column is missing, or a row is wrong.
    """
    reader = csv.DictReader(lines)
    missing = [column for column in COLUMNS if column not in (reader.fieldnames or ())]
    if missing:
        raise DeliveryError(f"column {missing[0]} is missing")
    rows = 0
    for row in reader:
        delivered = parse_row(row)
        try:
            inventory.receive(
                delivered.sku, delivered.name, delivered.unit, delivered.quantity, delivered.unit_cost
            )
        except InventoryError as error:
            raise DeliveryError(str(error)) from error
        rows += 1
    return rows


def parse_row(row: dict[str, str]) -> Delivered:
    """Check one row and convert its values.

    :raises DeliveryError: a value is missing or wrong.
    """
    values = {column: (row.get(column) or "").strip() for column in COLUMNS}
    for column in COLUMNS:
        if not values[column]:
            raise DeliveryError(f"{column} is empty")
    try:
        quantity = int(values["quantity"])
    except ValueError:
        raise DeliveryError(f"quantity {values['quantity']!r} is not a whole number") from None
    if quantity <= 0:
        raise DeliveryError(f"quantity {quantity} is not above zero")
    if values["unit"] not in UNITS:
        raise DeliveryError(f"unit {values['unit']!r} is none of {', '.join(UNITS)}")
    try:
        unit_cost = parse_cents(values["unit_cost"])
    except ValueError:
        raise DeliveryError(f"unit_cost {values['unit_cost']!r} is not an amount") from None
    return Delivered(values["sku"], values["name"], quantity, values["unit"], unit_cost)
