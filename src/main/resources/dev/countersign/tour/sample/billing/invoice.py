"""An invoice: lines of (text, price, quantity, rate)."""
import json
import pathlib

from billing.money import cents, share

RATES = json.loads((pathlib.Path(__file__).parent.parent / "rates.json").read_text())


def total(lines):
    """Net, tax and gross in cents."""
    net = tax = 0
    for _, price, quantity, rate in lines:
        amount = cents(price) * quantity
        net += amount
        tax += share(amount, RATES[rate])
    return {"net": net, "tax": tax, "gross": net + tax}
