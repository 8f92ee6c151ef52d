"""The stock file."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from pathlib import Path

from stockroom.inventory import Inventory, Item

FORMAT = 1


class StorageError(ValueError):
    """The stock file can't be read."""


def load(path: Path) -> Inventory:
    """The stock in ``path``; empty when there is no such file.

    :raises StorageError: the file is not a stock file of a known format.
    """
    inventory = Inventory()
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return inventory
    except ValueError as error:
        raise StorageError(f"{path} is not a stock file: {error}") from error
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise StorageError(f"{path} is not a stock file of format {FORMAT}")
    for item in data["items"]:
        inventory.add(Item(**item))
    return inventory


def save(inventory: Inventory, path: Path) -> None:
    """Write the stock to ``path``; the old file stays whole until the new one is complete."""
    data = {"format": FORMAT, "items": [asdict(item) for item in inventory]}
    beside = path.with_name(path.name + ".new")
    beside.write_text(json.dumps(data, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    os.replace(beside, path)
