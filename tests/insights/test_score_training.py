"""Chances are learnt from what was known at a moment, and only from that; the table is kept."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.errors import NotAllowed
from core.models import Event
from customers.choices import Entity
from customers.models import Account, Contact, Lead, Opportunity, RecordChange, Touchpoint
from insights.models import FeatureTable, ModelVersion
from insights.selectors.scores import score_now
from insights.selectors.scoring import Leads, Look, book_of
from insights.services.scores import scores_give, scores_nightly
from insights.services.scoring import rated, scores_train, table_build
from tests.cast import Cast
from tests.insights.scoring import DAY, NOW, account_of, batch, come_in, customers

pytestmark = [pytest.mark.django_db]


@pytest.mark.feature("13.2")
def test_a_planted_driver_is_found_and_what_has_no_say_is_not(cast: Cast) -> None:
    come_in(cast.dach)
    version = scores_train(kind="leads", team=cast.dach, at=NOW, user=cast.analyst)
    said = version.scores
    assert version.state == ModelVersion.State.CHAMPION
    assert version.reason == ""
    assert 0.66 < said["auc_low"] < said["auc"] < said["auc_high"] < 0.95
    assert said["brier"] < said["brier_base"]
    assert said["calibration_error"] < 0.1
    strongest = [one["name"] for one in said["factors"][:4]]
    assert {"origin"} & set(strongest)
    assert {"touches_7", "touches_30", "touch_days", "touch_kinds"} & set(strongest)
    assert next(one for one in said["factors"] if one["name"] == "origin")["raises"] == "Referral"
    assert sum(one["n"] for one in said["calibration"]) == said["judged"] > 700
    assert Event.objects.filter(action="model.trained").count() == 1


@pytest.mark.feature("13.2")
def test_below_the_minimum_there_is_a_reason_and_no_model(cast: Cast) -> None:
    come_in(cast.dach, 300)
    version = scores_train(kind="leads", team=cast.dach, at=NOW)
    assert (version.reason, version.record) == ("too_few_rows", {})
    assert version.state == ModelVersion.State.CHALLENGER
    assert version.rows < 300
    assert scores_give(kind="leads", team=cast.dach, now=NOW) == 0


@pytest.mark.feature("13.8", "13.9")
def test_leaving_and_buying_more_refuse_in_the_same_way(cast: Cast) -> None:
    customers(cast.dach)
    for kind in ("churn", "expansion"):
        version = scores_train(kind=kind, team=cast.dach, at=NOW)
        assert version.reason == "too_few_rows"
    churn = FeatureTable.objects.get(kind="churn")
    assert churn.rows > 100
    # Every fifth stops once; nobody can stop twice.
    assert churn.positives == 12


def test_who_may_not_train_is_refused(cast: Cast) -> None:
    with pytest.raises(NotAllowed):
        scores_train(kind="leads", team=cast.dach, at=NOW, user=cast.auditor)


def lead_with(cast: Cast, **fields: object) -> Lead:
    lead = come_in(cast.dach, 1, days=100)[0]
    Opportunity.objects.all().delete()
    Lead.objects.filter(pk=lead.pk).update(**fields)
    lead.refresh_from_db()
    return lead


@pytest.mark.feature("13.2")
def test_nothing_that_came_later_is_known_at_a_look(cast: Cast) -> None:
    lead = lead_with(cast, origin="Referral")
    assert lead.became_at is not None
    look = Look(lead.pk, lead.became_at + 5 * DAY)
    before = Leads(cast.dach.path, NOW).row(look)
    common = {"team": cast.dach, "batch": batch(), "contact": lead.contact}
    account = account_of(lead)
    Touchpoint.objects.create(number="later", at=look.at + DAY, kind="Call", **common)
    Contact.objects.create(number="x", team=cast.dach, batch=batch(), account=account,
                           created_at=look.at + DAY, seen_at=NOW)  # fmt: skip
    Opportunity.objects.create(number="o", team=cast.dach, batch=batch(), account=account,
                               created_at=look.at + 3 * DAY)  # fmt: skip
    changed = RecordChange(batch=batch(look.at + 9 * DAY), entity=Entity.ACCOUNT,
                           record_id=account.pk, before={"industry": "Retail", "country": account.country})  # fmt: skip
    changed.save()
    Account.objects.filter(pk=account.pk).update(industry="Customer of ours")
    after = Leads(cast.dach.path, NOW)
    assert after.row(look) == before
    assert after.row(Look(lead.pk, look.at + 10 * DAY))["industry"] == "Customer of ours"
    assert after.came(look).value is True
    assert after.came(look).at == look.at + 3 * DAY


@pytest.mark.feature("13.2")
def test_a_lead_whose_time_is_not_over_is_neither_yes_nor_no(cast: Cast) -> None:
    lead = lead_with(cast, became_at=NOW - 50 * DAY)
    book = Leads(cast.dach.path, NOW)
    assert book.came(Look(lead.pk, NOW - 40 * DAY)).value is None
    assert book.came(Look(lead.pk, NOW - 61 * DAY)).value is False
    # Records that came in long ago say nothing about the days since.
    later = Leads(cast.dach.path, NOW + 300 * DAY)
    assert later.came(Look(lead.pk, NOW - 40 * DAY)).value is None


@pytest.mark.feature("13.8")
def test_an_account_leaves_when_nothing_follows_and_only_then(cast: Cast) -> None:
    gone, stays = customers(cast.dach, 2)
    book = book_of("churn", cast.dach.path, NOW)
    when = NOW - 290 * DAY
    assert book.came(Look(gone.pk, when)).value is True
    assert book.came(Look(stays.pk, when)).value is False
    assert book.row(Look(gone.pk, when))["failed_90"] == 1.0
    assert {look.subject for look in book.present()} == {stays.pk}
    assert book.came(Look(stays.pk, NOW)).value is None


@pytest.mark.feature("3.6")
def test_a_table_is_kept_once_for_each_content_and_gives_the_same_model_again(cast: Cast) -> None:
    come_in(cast.dach)
    version = scores_train(kind="leads", team=cast.dach, at=NOW)
    table = FeatureTable.objects.get()
    assert table.sha256 == version.data_sha256
    assert table.rows == version.rows == table.content.count(b"\n") - 1
    assert table_build(kind="leads", team=cast.dach, at=NOW + timedelta(hours=1)) == table
    again, judged = rated(table)
    assert again.record is not None
    assert again.record.plain() == {**version.record, **_tuples(again.record.plain())}
    assert again.record.base == version.record["base"]
    assert judged == version.params["judged_on"] == "later rows"
    come_in(cast.dach, 40, days=300, seed=6)
    assert table_build(kind="leads", team=cast.dach, at=NOW + DAY).number == 2


def _tuples(plain: dict[str, object]) -> dict[str, object]:
    """What JSON made lists of, to be compared apart."""
    return {name: plain[name] for name in ("encoding", "coefficients", "centre", "trees")}


@pytest.mark.feature("3.6")
def test_days_without_data_and_numbers_far_out_are_flagged(cast: Cast) -> None:
    leads = come_in(cast.dach, 200, days=200)
    quiet = (NOW - 160 * DAY, NOW - 145 * DAY)
    away = list(Lead.objects.filter(became_at__range=quiet).values_list("pk", flat=True))
    Touchpoint.objects.filter(contact__leads__in=away).delete()
    Opportunity.objects.filter(created_at__range=quiet).delete()
    Lead.objects.filter(pk__in=away).delete()
    busy = leads[20]
    assert busy.became_at is not None
    Touchpoint.objects.bulk_create(
        Touchpoint(number=f"many-{n}", at=busy.became_at + timedelta(minutes=n), kind="Call",
                   contact=busy.contact, team=cast.dach, batch=batch())
        for n in range(60)
    )  # fmt: skip
    table = table_build(kind="leads", team=cast.dach, at=NOW)
    assert table.flags["outlier"] >= 1
    assert 0 < table.flags["gap"] < table.rows
    lines = table.content.decode().splitlines()
    assert lines[0].startswith("looked_on,came,flags,age_days,origin")
    assert any(",outlier" in line or " outlier" in line for line in lines)


@pytest.mark.feature("3.6", "3.5")
def test_a_table_holds_nobody(cast: Cast) -> None:
    come_in(cast.dach, 120)
    text = table_build(kind="leads", team=cast.dach, at=NOW).content.decode()
    for lead in Lead.objects.select_related("contact__account")[:50]:
        assert lead.number not in text
        assert lead.contact_ref not in text
        assert lead.contact.account.name not in text


@pytest.mark.feature("13.2")
def test_every_night_by_itself(cast: Cast) -> None:
    come_in(cast.dach)
    first = scores_nightly(now=NOW)
    assert first is not None
    assert first["leads of Tarn & Fell"]["trained"] == 1
    assert first["leads of Tarn & Fell"]["given"] > 80
    again = scores_nightly(now=NOW + DAY)
    assert again is None or "trained" not in again.get("leads of Tarn & Fell", {})
    assert ModelVersion.objects.filter(kind="leads").count() == 1


def test_without_a_model_there_is_no_chance(cast: Cast) -> None:
    lead = lead_with(cast)
    assert score_now("leads", lead.pk, cast.dach, NOW) is None
