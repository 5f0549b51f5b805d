"""Customers and personal data as people see them: light and dark, desk and phone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from core.personal import Kind
from customers import services
from customers.models import Account, Contact
from tests.cast import Cast
from tests.customers.files import DEALS, EMAIL, PAYMENTS, SALESFORCE, bring_in, bring_in_all
from tests.journeys.shots import Shots
from tests.sign_in import signed_in
from tests.world import AT

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
JANE = {Kind.EMAIL: EMAIL}


def test_the_pages_of_customers(shots: Shots, cast: Cast) -> None:
    shots.sign_in(cast.director)
    shots.visit(reverse("customers:pipeline"), "customers-pipeline-empty")
    runs = bring_in_all(cast)
    bring_in(cast, SALESFORCE)
    moved = DEALS.replace("Proposal", "Negotiation").replace("125000", "1250000")
    bring_in(cast, moved, currency="USD", at=AT + timedelta(hours=9))
    bring_in(cast, PAYMENTS, at=AT + timedelta(hours=10))
    shots.visit(reverse("customers:accounts"), "customers-accounts")
    shots.visit(reverse("customers:pipeline"), "customers-pipeline")
    account = Account.objects.get(number="77")
    shots.visit(reverse("customers:account", args=[account.pk]), "customers-account")
    shots.visit(reverse("customers:contacts"), "customers-people")
    jane = Contact.objects.filter(lifecycle="Lead").get()
    shots.visit(reverse("customers:contact", args=[jane.pk]), "customers-person")
    shots.visit(reverse("integrations:run", args=[runs[0].pk]), "customers-import")


def test_the_pages_of_personal_data(shots: Shots, cast: Cast) -> None:
    bring_in_all(cast)
    jane = Contact.objects.filter(lifecycle="Lead").get()
    services.personal_look(contact=jane, user=cast.director, reason="complaint 4711", at=AT)
    services.retention_set(kind="contacts", days=730, user=cast.admin, at=AT)
    shots.sign_in(cast.admin)
    shots.visit(reverse("customers:privacy"), "privacy")
    shots.visit(reverse("customers:find"), "privacy-find")
    shots.visit(reverse("customers:looks"), "privacy-looks")
    looked = services.erasure_look(values=JANE, user=cast.admin, at=AT)
    client = signed_in(cast.admin)
    client.post(
        reverse("customers:erase", args=[looked.pk]), {"email": EMAIL, "reason": "letter 17"}
    )
    shots.visit(reverse("customers:erasure", args=[looked.pk]), "privacy-certificate")
    shots.sign_in(cast.auditor)
    shots.visit(reverse("customers:privacy"), "privacy-auditor")
