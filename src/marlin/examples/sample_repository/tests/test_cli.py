import contextlib
import io
import tempfile
import unittest
from pathlib import Path

from stockroom import storage
from stockroom.cli import main

HEADER = "sku,name,quantity,unit,unit_cost\n"


class CommandLine(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.stock = self.folder / "stock.json"

    def run_main(self, *arguments):
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = main(["--stock", str(self.stock), *map(str, arguments)])
        return code, out.getvalue(), err.getvalue()

    def note(self, name, *rows):
        path = self.folder / name
        path.write_text(HEADER + "".join(rows), encoding="utf-8")
        return path

    def test_import_then_issue_then_report(self):
        note = self.note("one.csv", "A-1,Hook,10,each,1.00\n")
        self.assertEqual(self.run_main("import", note), (0, f"{note}: 1 rows received\n", ""))
        self.assertEqual(self.run_main("issue", "A-1", 4)[0], 0)
        self.assertIn("6 each", self.run_main("report")[1])

    def test_a_file_that_fails_does_not_stop_the_others(self):
        bad = self.note("bad.csv", "A-1,Hook,none,each,1.00\n")
        good = self.note("good.csv", "B-2,Rope,5,m,0.80\n")
        code, out, err = self.run_main("import", bad, good)
        self.assertEqual(code, 1)
        self.assertIn("quantity 'none' is not a whole number", err)
        self.assertIn(f"{good}: 1 rows received", out)
        self.assertEqual(storage.load(self.stock)["B-2"].quantity, 5)

    def test_not_enough_left(self):
        code, _, err = self.run_main("issue", "A-1", 1)
        self.assertEqual((code, err), (1, "stockroom: there is no article A-1\n"))

    def test_broken_stock_file_is_left_alone(self):
        self.stock.write_text("not json", encoding="utf-8")
        code, _, err = self.run_main("report")
        self.assertEqual(code, 1)
        self.assertIn("is not a stock file", err)
        self.assertEqual(self.stock.read_text(encoding="utf-8"), "not json")


if __name__ == "__main__":
    unittest.main()
