"""Acceptance checks of `stockroom-import`; run in the repository: check_import.py atomic|problems|unchanged."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, os.getcwd())

HEADER = "sku,name,quantity,unit,unit_cost,remark\n"
KNOWN = HEADER + "A-1,Hook,10,each,1.00,\nB-2,Rope,40,m,0.80,\n"


class Shop:
    """A folder with delivery notes and a stock file."""

    def __init__(self, folder: str) -> None:
        self.folder = Path(folder)
        self.stock = self.folder / "stock.json"

    def note(self, name: str, text: str) -> str:
        (self.folder / name).write_text(text, encoding="utf-8")
        return name

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "PYTHONPATH": os.getcwd(), "PYTHONDONTWRITEBYTECODE": "1"}
        command = [sys.executable, "-m", "stockroom", "--stock", str(self.stock), *arguments]
        return subprocess.run(command, cwd=self.folder, env=environment, text=True, capture_output=True, timeout=20)

    def items(self) -> dict[str, tuple[object, ...]]:
        data = json.loads(self.stock.read_text(encoding="utf-8"))
        return {i["sku"]: (i["name"], i["unit"], i["quantity"], i["average_cost"]) for i in data["items"]}


def lines_reported(result: subprocess.CompletedProcess[str], name: str) -> list[int]:
    found = re.findall(rf"^{re.escape(name)}:(\d+): .+$", result.stderr, flags=re.MULTILINE)
    return [int(line) for line in found]


# atomic


def new_articles_are_not_kept(shop: Shop) -> None:
    shop.run("import", shop.note("bad.csv", HEADER + "N-1,New,5,each,1.00,\nN-2,New,none,each,1.00,\n"))
    assert not shop.stock.exists() or shop.items() == {}, f"kept {shop.items()}"


def known_articles_keep_quantity_and_cost(shop: Shop) -> None:
    shop.run("import", shop.note("known.csv", KNOWN))
    before = shop.items()
    bad = HEADER + "A-1,Hook,10,each,3.00,\nN-1,New,5,each,1.00,\nB-2,Rope,none,m,1.00,\n"
    result = shop.run("import", shop.note("bad.csv", bad))
    assert result.returncode == 1, f"exit code {result.returncode}"
    assert shop.items() == before, f"{before} became {shop.items()}"


def a_corrected_file_counts_once(shop: Shop) -> None:
    shop.run("import", shop.note("known.csv", KNOWN))
    shop.run("import", shop.note("note.csv", HEADER + "A-1,Hook,10,each,3.00,\nB-2,Rope,5,kg,1.00,\n"))
    shop.run("import", shop.note("note.csv", HEADER + "A-1,Hook,10,each,3.00,\nB-2,Rope,5,m,0.80,\n"))
    expected = {"A-1": ("Hook", "each", 20, 200), "B-2": ("Rope", "m", 45, 80)}
    assert shop.items() == expected, f"{shop.items()}"


def other_files_are_imported(shop: Shop) -> None:
    shop.run("import", shop.note("known.csv", KNOWN))
    shop.note("one.csv", HEADER + "A-1,Hook,1,each,1.00,\n")
    shop.note("bad.csv", HEADER + "A-1,Hook,100,each,1.00,\nA-1,Hook,,each,1.00,\n")
    shop.note("two.csv", HEADER + "A-1,Hook,2,each,1.00,\n")
    result = shop.run("import", "one.csv", "bad.csv", "two.csv")
    assert result.returncode == 1, f"exit code {result.returncode}"
    assert shop.items()["A-1"][2] == 13, f"A-1: {shop.items()['A-1'][2]}, not 13"


def the_function_leaves_the_inventory_alone(shop: Shop) -> None:
    from stockroom.deliveries import DeliveryError, import_delivery
    from stockroom.inventory import Inventory

    inventory = Inventory()
    inventory.receive("A-1", "Hook", "each", 10, 100)
    try:
        import_delivery(inventory, [HEADER, "A-1,Hook,10,each,3.00,\n", "A-1,Hook,10,kg,3.00,\n"])
    except DeliveryError:
        pass
    else:
        raise AssertionError("no DeliveryError")
    seen = [(item.sku, item.quantity, item.average_cost) for item in inventory]
    assert seen == [("A-1", 10, 100)], f"{seen}"


# problems


def every_bad_row_is_listed(shop: Shop) -> None:
    bad = "A-1,Hook,none,each,1.00,\nA-2,Hook,1,each,1.00,\nA-3,Hook,1,dozen,1.00,\n,Hook,1,each,1.00,\n"
    result = shop.run("import", shop.note("bad.csv", HEADER + bad))
    assert result.returncode == 1, f"exit code {result.returncode}"
    assert lines_reported(result, "bad.csv") == [2, 4, 5], f"{result.stderr!r}"
    assert "Traceback" not in result.stderr, f"{result.stderr!r}"


def messages_say_what_is_wrong(shop: Shop) -> None:
    result = shop.run("import", shop.note("bad.csv", HEADER + "A-1,Hook,none,each,1.00,\nA-2,Hook,1,each,x,\n"))
    assert "quantity 'none' is not a whole number" in result.stderr, f"{result.stderr!r}"
    assert "unit_cost 'x' is not an amount" in result.stderr, f"{result.stderr!r}"


def refused_by_the_stock_counts(shop: Shop) -> None:
    shop.run("import", shop.note("known.csv", KNOWN))
    bad = HEADER + "A-1,Hook,1,kg,1.00,\nN-1,New,1,each,1.00,\nN-1,New,1,kg,1.00,\n"
    result = shop.run("import", shop.note("bad.csv", bad))
    assert lines_reported(result, "bad.csv") == [2, 4], f"{result.stderr!r}"


def blank_lines_are_counted(shop: Shop) -> None:
    bad = HEADER + "\nA-1,Hook,1,each,1.00,\n\n\nA-1,Hook,none,each,1.00,\n"
    result = shop.run("import", shop.note("bad.csv", bad))
    assert lines_reported(result, "bad.csv") == [6], f"{result.stderr!r}"


def remarks_over_several_lines_are_counted(shop: Shop) -> None:
    bad = HEADER + 'A-1,Hook,1,each,1.00,"two\nlines"\nA-1,Hook,none,each,1.00,\nA-1,Hook,x,each,1,"a\nb"\n'
    result = shop.run("import", shop.note("bad.csv", bad))
    reported = lines_reported(result, "bad.csv")
    assert reported in ([4, 5], [4, 6]), f"{result.stderr!r}"


# unchanged


def good_files_are_imported(shop: Shop) -> None:
    note = Path("tests/data/note-17.csv").read_text(encoding="utf-8")
    result = shop.run("import", shop.note("note.csv", note))
    assert (result.returncode, result.stdout) == (0, "note.csv: 4 rows received\n"), f"{result}"
    assert shop.items()["A-100"] == ("Hinge 60 mm", "each", 30, 125), f"{shop.items()}"


def issue_and_report_work(shop: Shop) -> None:
    shop.run("import", shop.note("known.csv", KNOWN))
    assert shop.run("issue", "A-1", "4").returncode == 0
    assert shop.items()["A-1"] == ("Hook", "each", 6, 100), f"{shop.items()}"
    assert shop.run("report").stdout.endswith("Total value: 38.00\n")


def a_missing_column_is_an_error(shop: Shop) -> None:
    result = shop.run("import", shop.note("bad.csv", "sku,name,quantity,unit\nA-1,Hook,1,each\n"))
    assert result.returncode == 1, f"exit code {result.returncode}"
    assert "column unit_cost is missing" in result.stderr, f"{result.stderr!r}"


GROUPS: dict[str, list[Callable[[Shop], None]]] = {
    "atomic": [
        new_articles_are_not_kept,
        known_articles_keep_quantity_and_cost,
        a_corrected_file_counts_once,
        other_files_are_imported,
        the_function_leaves_the_inventory_alone,
    ],
    "problems": [
        every_bad_row_is_listed,
        messages_say_what_is_wrong,
        refused_by_the_stock_counts,
        blank_lines_are_counted,
        remarks_over_several_lines_are_counted,
    ],
    "unchanged": [good_files_are_imported, issue_and_report_work, a_missing_column_is_an_error],
}


def main() -> int:
    failed = 0
    for check in GROUPS[sys.argv[1]]:
        name = check.__name__.replace("_", " ")
        with tempfile.TemporaryDirectory() as folder:
            try:
                check(Shop(folder))
            except Exception as error:  # whatever goes wrong in there is the result's fault
                failed += 1
                reason = f"{type(error).__name__}: {error}" if not isinstance(error, AssertionError) else str(error)
                print(f"not ok - {name}: {' '.join(reason.split())[:300]}")
            else:
                print(f"ok - {name}")
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
