import unittest
from pathlib import Path

from stockroom.deliveries import DeliveryError, import_delivery
from stockroom.inventory import Inventory

DATA = Path(__file__).parent / "data"
HEADER = "sku,name,quantity,unit,unit_cost\n"


class ImportDelivery(unittest.TestCase):
    def setUp(self):
        self.inventory = Inventory()

    def test_receives_every_row(self):
        with (DATA / "note-17.csv").open(encoding="utf-8", newline="") as lines:
            self.assertEqual(import_delivery(self.inventory, lines), 4)
        self.assertEqual([item.sku for item in self.inventory], ["A-100", "B-210", "C-007"])
        self.assertEqual(self.inventory["A-100"].quantity, 30)
        self.assertEqual(self.inventory["A-100"].average_cost, 125)
        self.assertEqual(self.inventory["B-210"].average_cost, 80)

    def test_columns_may_stand_in_any_order(self):
        lines = ["unit_cost,unit,quantity,name,sku\n", "2.50,each,4,Hook,H-1\n"]
        import_delivery(self.inventory, lines)
        self.assertEqual(self.inventory["H-1"].value, 1000)

    def test_missing_column_is_named(self):
        with self.assertRaisesRegex(DeliveryError, "column unit_cost is missing"):
            import_delivery(self.inventory, ["sku,name,quantity,unit\n"])

    def test_wrong_values_are_refused(self):
        for row, message in [
            ("A-1,Hook,two,each,1.00\n", "quantity 'two' is not a whole number"),
            ("A-1,Hook,0,each,1.00\n", "quantity 0 is not above zero"),
            ("A-1,Hook,2,dozen,1.00\n", "unit 'dozen' is none of"),
            ("A-1,Hook,2,each,cheap\n", "unit_cost 'cheap' is not an amount"),
            (",Hook,2,each,1.00\n", "sku is empty"),
        ]:
            with self.subTest(row=row), self.assertRaisesRegex(DeliveryError, message):
                import_delivery(self.inventory, [HEADER, row])

    def test_other_unit_is_refused(self):
        with self.assertRaisesRegex(DeliveryError, "A-1 is kept in each, not in kg"):
            import_delivery(self.inventory, [HEADER, "A-1,Hook,2,each,1.00\n", "A-1,Hook,2,kg,1.00\n"])


if __name__ == "__main__":
    unittest.main()
