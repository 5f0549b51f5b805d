"""Example objects of customers: an account, a person, an erasure, of DACH."""

from customers import services
from customers.choices import Entity, System
from customers.models import Account, Contact, Erasure
from tests.cast import Cast
from tests.examples import Keywords, example
from tests.world import AT


def load(cast: Cast) -> None:
    """An account with a deal and a person, as HubSpot names them."""
    services.records_load(
        rows={
            Entity.ACCOUNT: [{"number": "77", "name": "Müller GmbH"}],
            Entity.CONTACT: [{"number": "900", "email": "jane@example.com", "account_ref": "77"}],
            Entity.OPPORTUNITY: [{"number": "101", "stage": "Proposal", "account_ref": "77"}],
        },
        team=cast.dach, system=System.HUBSPOT, label="deals.csv", known_at=AT,
        actor=cast.manager.as_actor(),
    )  # fmt: skip


@example("customers:account", "api-account")
def account(cast: Cast) -> Keywords:
    load(cast)
    return {"pk": Account.objects.get().pk}


@example("customers:contact", "api-contact")
def contact(cast: Cast) -> Keywords:
    load(cast)
    return {"pk": Contact.objects.get().pk}


@example("customers:erasure", "customers:erase", "api-erasure", seen_by_all=True)
def erasure(cast: Cast) -> Keywords:
    made = Erasure.objects.create(
        state=Erasure.State.DONE, found={}, removed={"contacts": 1}, reason="letter 17",
        asked_by=cast.admin, asked_at=AT, done_at=AT,
    )  # fmt: skip
    return {"pk": made.pk}
