"""The command line."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from stockroom import storage
from stockroom.deliveries import DeliveryError, import_delivery
from stockroom.inventory import InventoryError
from stockroom.reports import stock_report


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; the exit code."""
    arguments = _parser().parse_args(argv)
    try:
        return int(arguments.run(arguments))
    except (InventoryError, storage.StorageError, OSError) as error:
        print(f"stockroom: {error}", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="stockroom", description="Keeps the stock of a small shop.")
    parser.add_argument("--stock", type=Path, default=Path("stock.json"), help="the stock file")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    command = commands.add_parser("import", help="receive the goods of delivery notes")
    command.add_argument("files", type=Path, nargs="+", metavar="FILE")
    command.set_defaults(run=_import)

    command = commands.add_parser("issue", help="take goods out")
    command.add_argument("sku")
    command.add_argument("quantity", type=int)
    command.set_defaults(run=_issue)

    command = commands.add_parser("report", help="show what is there")
    command.add_argument("--low", type=int, metavar="N", help="only articles with at most N left")
    command.set_defaults(run=_report)
    return parser


def _import(arguments: argparse.Namespace) -> int:
    inventory = storage.load(arguments.stock)
    failed = 0
    for path in arguments.files:
        try:
            with path.open(encoding="utf-8", newline="") as lines:
                rows = import_delivery(inventory, lines)
        except DeliveryError as error:
            print(f"{path}: {error}", file=sys.stderr)
            failed += 1
        else:
            print(f"{path}: {rows} rows received")
    storage.save(inventory, arguments.stock)
    return 1 if failed else 0


def _issue(arguments: argparse.Namespace) -> int:
    inventory = storage.load(arguments.stock)
    inventory.issue(arguments.sku, arguments.quantity)
    storage.save(inventory, arguments.stock)
    return 0


def _report(arguments: argparse.Namespace) -> int:
    print(stock_report(storage.load(arguments.stock), low=arguments.low))
    return 0
