"""Competitors as people see them: light and dark, desk and phone, empty and with twelve weeks."""

from __future__ import annotations

from datetime import date

import pytest
from django.urls import reverse

from demo.company.rivals import HEADER, auction_rows
from metrics.services import competitor_create
from tests.cast import Cast
from tests.customers.files import bring_in
from tests.integrations.files import written
from tests.journeys.shots import Shots
from tests.world import AT

pytestmark = [
    pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.feature("14.1"),
]  # fmt: skip


def test_the_pages_of_competitors(shots: Shots, cast: Cast) -> None:
    shots.sign_in(cast.director)
    page = reverse("insights:competitors")
    shots.visit(page, "competitors-empty")
    rows = auction_rows(7, "dach", date(2026, 8, 24))
    run = bring_in(cast, written([HEADER, *([str(cell) for cell in row] for row in rows)]))
    made = competitor_create(
        team=cast.dach, name="Nordwand", user=cast.director, at=AT,
        domains=["nordwand.example", "nordwand-outlet.example"],
    )  # fmt: skip
    shots.visit(page, "competitors")
    shots.visit(reverse("insights:competitor-edit", args=[made.pk]), "competitor-edit")
    shots.visit(reverse("integrations:run", args=[run.pk]), "competitors-import")
