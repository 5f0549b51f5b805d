"""Where a refused bill is mended: the links that stand beside the refusal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse

from accounts.choices import Act
from accounts.models import User
from accounts.permissions import can
from budgets.models import Bill
from budgets.selectors.orders import blankets_for
from core.errors import AdroitError

Link = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why something could not be done with a bill, and the pages where that is mended."""

    text: str
    links: Sequence[Link]


def refusal(error: AdroitError, bill: Bill | None = None) -> Refusal:
    """What the page says of an error, with where to go."""
    return Refusal(f"{error.message} {error.remedy}".strip(), remedies(error, bill))


def remedies(error: AdroitError, bill: Bill | None = None) -> list[Link]:
    """Labels and addresses for the errors that are mended on another page."""
    if error.code == "no_rate":
        return [("Open exchange rates", reverse("budgets:rates"))]
    if error.code != "blanket":
        return []
    (told,) = error.details
    releases = [(f"Open {name}", address) for name, address in told["releases"]]
    return [*releases, release_link(told["order"], told["reference"], bill)]


def release_link(order: int, reference: str, bill: Bill | None) -> Link:
    """The form of a release; with a bill it is filled from it and leads back to it."""
    about = f"&bill={bill.pk}" if bill else ""
    address = f"{reverse('budgets:order-create')}?blanket={order}{about}"
    return (f"Release a part of {reference}", address)


def blanket_links(user: User, bill: Bill) -> list[Link]:
    """A release of each open blanket order of the bill's vendor, for those who may release."""
    if bill.vendor is None or not can(user, Act.DRAFT_REQUEST):
        return []
    rows = blankets_for(user).filter(vendor=bill.vendor).order_by("number")
    return [release_link(order.pk, order.reference, bill) for order in rows]
