import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from billing.invoice import total
from billing.money import cents, share


class MoneyTest(unittest.TestCase):
    def test_a_price_is_exact_to_the_cent(self):
        self.assertEqual(cents("19.99"), 1999)
        self.assertEqual(cents("1.15"), 115)
        self.assertEqual(cents("0.29"), 29)

    def test_a_share_is_rounded_half_up(self):
        self.assertEqual(share(250, 7), 18)


class InvoiceTest(unittest.TestCase):
    def test_a_total_adds_net_and_tax(self):
        lines = [("tea", "19.99", 3, "reduced"), ("pot", "40.00", 1, "standard")]
        self.assertEqual(total(lines), {"net": 9997, "tax": 1220, "gross": 11217})


if __name__ == "__main__":
    unittest.main()
