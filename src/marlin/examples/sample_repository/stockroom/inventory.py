"""What is on the shelf."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

UNITS = ("each", "kg", "m")


class InventoryError(ValueError):
    """The stock does not allow this."""


@dataclass
class Item:
    """One article."""

    sku: str
    name: str
    unit: str
    quantity: int = 0
    average_cost: int = 0
    """Cents for one unit, weighted by quantity."""

    @property
    def value(self) -> int:
        """Cents for all of it."""
        return self.quantity * self.average_cost


class Inventory:
    """All articles, by SKU."""

    def __init__(self) -> None:
        self._items: dict[str, Item] = {}

    def __iter__(self) -> Iterator[Item]:
        return iter(sorted(self._items.values(), key=lambda item: item.sku))

    def __len__(self) -> int:
        return len(self._items)

    def __contains__(self, sku: str) -> bool:
        return sku in self._items

    def __getitem__(self, sku: str) -> Item:
        try:
            return self._items[sku]
        except KeyError:
            raise InventoryError(f"there is no article {sku}") from None

    def add(self, item: Item) -> None:
        """Put an article in as it is, replacing one with the same SKU."""
        self._items[item.sku] = item

    def receive(self, sku: str, name: str, unit: str, quantity: int, unit_cost: int) -> None:
        """Add delivered goods, and their cost to the average.

        :raises InventoryError: the article is kept in another unit.
        """
        item = self._items.get(sku)
        if item is None:
            item = self._items[sku] = Item(sku, name, unit)
        elif item.unit != unit:
            raise InventoryError(f"{sku} is kept in {item.unit}, not in {unit}")
        total = item.value + quantity * unit_cost
        item.quantity += quantity
        item.average_cost = round(total / item.quantity)

    def issue(self, sku: str, quantity: int) -> None:
        """Take goods out.

        :raises InventoryError: there is no such article, or not enough of it.
        """
        item = self[sku]
        if quantity > item.quantity:
            raise InventoryError(f"only {item.quantity} {item.unit} of {sku} left")
        item.quantity -= quantity
