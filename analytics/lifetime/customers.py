"""Customers with what they bought, and for how many days each has been known."""

from dataclasses import dataclass

import numpy as np

from analytics.arrays import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, slots=True, eq=False)
class Customers:
    """C customers and their N purchases until the end of day `until` (an ordinal).

    `since` (C,) is the day each was won. `customer` (N,) is a position in `since`, `day` (N,) the
    day of the purchase, `amount` (N,) what it was worth, refunds below zero. Whoever never bought
    counts too. Raises ValueError on a purchase before the customer was won or after `until`.
    """

    since: IntArray
    customer: IntArray
    day: IntArray
    amount: FloatArray
    until: int

    def __post_init__(self) -> None:
        if (self.age < 0).any() or (self.day > self.until).any():
            raise ValueError("a purchase lies before its customer was won, or after the last day")
        if (self.since > self.until).any():
            raise ValueError("a customer was won after the last day")

    @property
    def age(self) -> IntArray:
        """Days from being won to each purchase (N,)."""
        return self.day - self.since[self.customer]

    @property
    def known(self) -> IntArray:
        """Days that each customer has been seen for (C,), the first and the last included."""
        return self.until - self.since + 1

    def only(self, keep: BoolArray) -> "Customers":
        """The customers with True in `keep` (C,), with their purchases."""
        number = np.cumsum(keep) - 1
        theirs = keep[self.customer]
        return Customers(
            since=self.since[keep],
            customer=number[self.customer[theirs]],
            day=self.day[theirs],
            amount=self.amount[theirs],
            until=self.until,
        )

    def before(self, until: int) -> "Customers":
        """As it was known at the end of day `until`."""
        earlier = self.day <= until
        known = Customers(
            since=np.minimum(self.since, until),
            customer=self.customer[earlier],
            day=self.day[earlier],
            amount=self.amount[earlier],
            until=until,
        )
        return known.only(self.since <= until)


def won_by_first_purchase(
    customer: IntArray, day: IntArray, amount: FloatArray, *, until: int
) -> Customers:
    """Customers numbered from 0 in `customer`, each won on the day of the first purchase."""
    since = np.full(int(customer.max(initial=-1)) + 1, np.iinfo(np.int64).max)
    np.minimum.at(since, customer, day)
    return Customers(since, customer, day, amount, until)
