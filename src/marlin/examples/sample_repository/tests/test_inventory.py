import unittest

from stockroom.inventory import Inventory, InventoryError
from stockroom.money import format_cents, parse_cents
from stockroom.reports import stock_report


class Stock(unittest.TestCase):
    def setUp(self):
        self.inventory = Inventory()
        self.inventory.receive("A-1", "Hook", "each", 10, 100)

    def test_average_cost_is_weighted(self):
        self.inventory.receive("A-1", "Hook", "each", 30, 200)
        self.assertEqual(self.inventory["A-1"].average_cost, 175)

    def test_issue_keeps_the_average_cost(self):
        self.inventory.issue("A-1", 4)
        self.assertEqual((self.inventory["A-1"].quantity, self.inventory["A-1"].average_cost), (6, 100))

    def test_issue_refuses_more_than_there_is(self):
        with self.assertRaisesRegex(InventoryError, "only 10 each of A-1 left"):
            self.inventory.issue("A-1", 11)
        with self.assertRaisesRegex(InventoryError, "there is no article Z-9"):
            self.inventory.issue("Z-9", 1)

    def test_report_lists_what_runs_out(self):
        self.inventory.receive("B-2", "Rope", "m", 3, 80)
        report = stock_report(self.inventory, low=5)
        self.assertIn("B-2", report)
        self.assertNotIn("A-1", report)
        self.assertTrue(report.endswith("Total value: 2.40"))


class Money(unittest.TestCase):
    def test_amounts(self):
        for text, cents in [("12", 1200), ("4.2", 420), ("4,20", 420), (" 0.05 ", 5)]:
            self.assertEqual(parse_cents(text), cents)
        for text in ["", "-1", "1.234", "1.2.3", "4 EUR"]:
            with self.assertRaises(ValueError):
                parse_cents(text)
        self.assertEqual(format_cents(-105), "-1.05")


if __name__ == "__main__":
    unittest.main()
