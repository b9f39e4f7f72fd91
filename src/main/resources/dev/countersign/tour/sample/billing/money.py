"""Amounts are whole cents. Prices come as decimal text, such as "12.34"."""
from decimal import Decimal


def cents(price):
    """A price as whole cents."""
    return int(float(price) * 100)


def share(amount, percent):
    """This many percent of an amount in cents, rounded half up."""
    return int((Decimal(amount) * percent / 100).to_integral_value(rounding="ROUND_HALF_UP"))
