"""Chances of the night: given in bulk, held against what came, shown with reasons, gone with the person."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from math import exp

import pytest
from django.test import Client
from time_machine import travel

from accounts.models import User
from core.models import Event
from core.personal import Kind, Person, token
from customers import services
from customers.models import Contact, Lead, Opportunity, Payment, Touchpoint
from customers.services.renewing import tokens_renew
from insights.models import ModelVersion, Score
from insights.selectors.scores import held_against, is_high, scores_for
from insights.services.scores import came_note, scores_give, scores_nightly
from insights.services.scoring import scores_train
from tests.cast import Cast
from tests.insights.scoring import (
    DAY,
    NOW,
    a_chance,
    a_model,
    account_of,
    batch,
    come_in,
    contact_of,
    customers,
)
from tests.sign_in import signed_in

pytestmark = [pytest.mark.django_db]
PAGE = "/insights/scores/"


def lead(cast: Cast, *, touches: int = 0, origin: str = "Download") -> Lead:
    """A lead of ten days ago that has not converted."""
    made = come_in(cast.dach, 1, days=10)[0]
    Touchpoint.objects.filter(contact=made.contact).delete()
    Opportunity.objects.all().delete()
    Lead.objects.filter(pk=made.pk).update(origin=origin)
    for n in range(touches):
        Touchpoint.objects.create(number=f"t{made.pk}-{n}", at=NOW - timedelta(hours=n + 1), kind="Call",
                                  contact=made.contact, team=cast.dach, batch=batch())  # fmt: skip
    made.refresh_from_db()
    return made


def browser(user: User) -> Client:
    return signed_in(user)


@pytest.mark.feature("13.2")
def test_a_chance_is_what_the_model_says_with_its_reasons(cast: Cast) -> None:
    found = lead(cast, touches=2, origin="Referral")
    a_model(cast.company)
    assert scores_give(kind="leads", team=cast.company, now=NOW) == 1
    score = Score.objects.get()
    assert score.chance == pytest.approx(1 / (1 + exp(2 - 2 * 0.6931472 - 0.5)))
    assert [(one["name"], one["value"]) for one in score.raises] == [
        ("touches_7", "2"),
        ("origin", "Referral"),
    ]
    assert score.lowers == []
    assert (score.lead, score.team, score.due_at) == (found, cast.dach, NOW + 60 * DAY)
    assert score.like_n == 100
    assert score.like_low < score.like_high
    assert Event.objects.filter(action="scores.given").count() == 1


@pytest.mark.feature("13.2")
def test_a_new_row_only_where_the_chance_moved(cast: Cast) -> None:
    found = lead(cast, touches=1)
    a_model(cast.company)
    assert scores_give(kind="leads", team=cast.company, now=NOW) == 1
    assert scores_give(kind="leads", team=cast.company, now=NOW + timedelta(hours=3)) == 0
    Touchpoint.objects.create(number="more", at=NOW + DAY, kind="Call", contact=found.contact,
                              team=cast.dach, batch=batch())  # fmt: skip
    assert scores_give(kind="leads", team=cast.company, now=NOW + 2 * DAY) == 1
    older, newer = Score.objects.order_by("scored_at")
    assert (older.is_latest, newer.is_latest) == (False, True)
    assert newer.chance > older.chance
    assert list(scores_for(cast.director, "leads", NOW + DAY)) == [older]
    assert list(scores_for(cast.director, "leads")) == [newer]


@pytest.mark.feature("13.2")
def test_the_nearest_team_s_model_decides(cast: Cast) -> None:
    lead(cast)
    a_model(cast.company)
    own = a_model(cast.dach)
    scores_give(kind="leads", team=cast.company, now=NOW)
    assert Score.objects.get().version == own


@pytest.mark.feature("13.2")
def test_what_came_is_noted_and_held_against_what_was_said(cast: Cast) -> None:
    comes, stays = lead(cast), None
    stays = come_in(cast.dach, 1, days=9, seed=9)[0]
    Opportunity.objects.all().delete()
    a_model(cast.company)
    scores_give(kind="leads", team=cast.company, now=NOW)
    assert came_note(kind="leads", team=cast.company, now=NOW + DAY) == 0
    deal = Opportunity.objects.create(number="o", team=cast.dach, batch=batch(NOW + 70 * DAY),
                                      created_at=NOW + 20 * DAY)  # fmt: skip
    deal.contacts.add(contact_of(comes))
    assert came_note(kind="leads", team=cast.company, now=NOW + 70 * DAY) == 2
    assert Score.objects.get(lead=comes).came == Score.Came.YES
    assert Score.objects.get(lead=comes).came_at == NOW + 20 * DAY
    assert Score.objects.get(lead=stays).came == Score.Came.NO
    held = held_against(cast.director, "leads")
    assert held is not None
    assert (held.n, held.came, held.share) == (2, 1, 0.5)
    assert held.low < 0.5 < held.high
    assert held_against(cast.director, "leads", NOW + 30 * DAY).n == 1  # type: ignore[union-attr]
    assert held_against(cast.other_director, "leads") is None


@pytest.mark.feature("13.8")
def test_a_customer_at_risk_has_an_intervention_and_its_outcome_is_tracked(cast: Cast) -> None:
    account = customers(cast.dach, 2)[1]
    Payment.objects.create(number="f", account=account, at=NOW - DAY, is_failed=True,
                           team=cast.dach, batch=batch())  # fmt: skip
    a_model(cast.company, "churn")
    assert scores_give(kind="churn", team=cast.company, now=NOW) == 1
    score = Score.objects.get()
    assert is_high(score.chance, score.version)
    answer = browser(cast.director).get(f"{PAGE}?kind=churn")
    assert b"Mend the payment: ask for a new card" in answer.content
    Payment.objects.create(number="again", account=account, at=NOW + 5 * DAY, team=cast.dach,
                           batch=batch(NOW + 6 * DAY))  # fmt: skip
    came_note(kind="churn", team=cast.company, now=NOW + 6 * DAY)
    score.refresh_from_db()
    assert (score.came, score.came_at) == (Score.Came.NO, NOW + 5 * DAY)


@pytest.mark.feature("13.9")
def test_who_bought_before_has_a_chance_to_buy_more(cast: Cast) -> None:
    accounts = customers(cast.dach, 2)
    won = Opportunity.objects.create(number="w", account=accounts[1], outcome="won", team=cast.dach,
                                     batch=batch(), created_at=NOW - 90 * DAY, closes_at=NOW - 60 * DAY)  # fmt: skip
    a_model(cast.company, "expansion")
    assert scores_give(kind="expansion", team=cast.company, now=NOW) == 1
    assert Score.objects.get().account == won.account
    Opportunity.objects.create(number="w2", account=won.account, outcome="won", team=cast.dach,
                               batch=batch(NOW + 50 * DAY), created_at=NOW + DAY,
                               closes_at=NOW + 40 * DAY)  # fmt: skip
    came_note(kind="expansion", team=cast.company, now=NOW + 50 * DAY)
    assert Score.objects.get().came == Score.Came.YES
    detail = browser(cast.director).get(f"{PAGE}{Score.objects.get().pk}/")
    assert b"buys more" in detail.content


@pytest.mark.feature("13.2")
def test_the_page_says_how_good_it_is_and_lists_the_likeliest_first(cast: Cast) -> None:
    lead(cast, touches=3)
    come_in(cast.dach, 4, days=8, seed=3)
    a_model(cast.company)
    scores_give(kind="leads", team=cast.company, now=NOW)
    text = browser(cast.director).get(PAGE).content.decode()
    assert "The likeliest tenth of leads convert 2.0× as often as the average" in text
    assert "0.77 to 0.83" in text
    assert "(n 100)" in text
    assert "nothing looks filled in afterwards" in text
    assert "as often as the average" in browser(cast.executive).get(PAGE).content.decode()
    chances = scores_for(cast.director, "leads").order_by("-chance")
    first, second = (contact_of(one.lead).label for one in chances[:2] if one.lead)
    assert text.index(first) < text.index(second)


@pytest.mark.feature("13.2")
def test_without_a_model_the_page_says_how_much_is_missing(cast: Cast) -> None:
    come_in(cast.dach, 40)
    text = browser(cast.director).get(PAGE).content.decode()
    assert "No chance that a lead converts is given yet" in text
    version = scores_train(kind="leads", team=cast.company, at=NOW)
    text = browser(cast.director).get(PAGE).content.decode()
    assert f"Too few leads to give chances: {version.rows} of 1,000 looks" in text
    assert f"{1_000 - version.rows} more needed" in text
    assert "Bring in what your CRM knows" in text


def test_lists_are_searched_filtered_and_exported(cast: Cast) -> None:
    found = lead(cast, touches=4)
    a_model(cast.company)
    scores_give(kind="leads", team=cast.company, now=NOW)
    client = browser(cast.director)
    account = account_of(found).name
    assert account in client.get(f"{PAGE}?q={account}").content.decode()
    assert "No lead to show" in client.get(f"{PAGE}?came=yes").content.decode()
    assert "No lead to show" not in client.get(f"{PAGE}?at_least=0.25").content.decode()
    rows = list(
        csv.reader(io.StringIO(client.get(f"{PAGE}?export=csv").content.decode("utf-8-sig")))
    )
    assert any(contact_of(found).label in row for row in rows)
    assert found.contact_ref not in str(rows)


@pytest.mark.feature("3.5", "13.2")
def test_a_person_is_a_label_and_only_to_those_who_may_see_it(cast: Cast) -> None:
    found = a_chance(cast.dach)
    assert found.lead is not None
    assert found.lead.contact is not None
    label = found.lead.contact.label
    seen = browser(cast.manager).get(f"{PAGE}{found.pk}/").content.decode()
    assert label in seen
    assert found.person not in seen
    hidden = browser(cast.analyst).get(f"{PAGE}{found.pk}/").content.decode()
    assert label in hidden
    assert browser(cast.other_manager).get(f"{PAGE}{found.pk}/").status_code == 404


@pytest.mark.feature("5.4")
def test_the_endpoint_gives_the_chance_of_this_moment(cast: Cast) -> None:
    found = lead(cast, touches=1, origin="Referral")
    version = a_model(cast.company)
    client = browser(cast.director)
    with travel(NOW, tick=False):
        said = client.get(f"/api/v1/scores/leads/?subject={found.pk}").json()
        Touchpoint.objects.create(number="x", at=NOW, kind="Call", contact=found.contact,
                                  team=cast.dach, batch=batch())  # fmt: skip
        asked = client.post(
            "/api/v1/scores/leads/", {"subject": found.pk}, "application/json"
        ).json()
    assert said["chance"] == pytest.approx(1 / (1 + exp(2 - 0.6931472 - 0.5)))
    assert asked["chance"] > said["chance"]
    assert (said["version"], said["kind"], said["subject"]) == (version.pk, "leads", found.pk)
    assert said["raises"][0]["words"] == "Touches in 7 days: 1"
    assert Score.objects.count() == 0


@pytest.mark.feature("5.4")
def test_the_endpoint_takes_columns_and_refuses_what_it_does_not_know(cast: Cast) -> None:
    a_model(cast.company)
    client = browser(cast.director)

    def ask(features: dict[str, str]) -> tuple[int, dict[str, object]]:
        answer = client.post("/api/v1/scores/leads/", {"features": features}, "application/json")
        return answer.status_code, answer.json()

    status, said = ask({"touches_7": "2", "origin": "Download"})
    assert status == 200
    assert said["chance"] == pytest.approx(1 / (1 + exp(2 - 2 * 0.6931472 + 0.5)))
    assert ask({"salary": "2"})[0] == 422
    assert ask({"touches_7": "many"})[0] == 422
    assert client.get("/api/v1/scores/luck/?subject=1").status_code == 404
    assert (
        client.post("/api/v1/scores/churn/", {"subject": 1}, "application/json").status_code == 404
    )


@pytest.mark.feature("5.4")
def test_the_model_in_use_answers_not_the_newest(cast: Cast) -> None:
    found = lead(cast)
    used = a_model(cast.company)
    newer = a_model(cast.company)
    assert newer.state == ModelVersion.State.CHALLENGER
    client = browser(cast.director)
    assert client.get(f"/api/v1/scores/leads/?subject={found.pk}").json()["version"] == used.pk
    elsewhere = browser(cast.other_director).get(f"/api/v1/scores/leads/?subject={found.pk}")
    assert elsewhere.status_code == 404


@pytest.mark.feature("3.5")
def test_erasing_a_person_takes_their_chances(cast: Cast) -> None:
    found = lead(cast)
    Contact.objects.filter(leads=found).update(email=token(Kind.EMAIL, "jane@x.example"))
    other = come_in(cast.dach, 1, days=5, seed=8)[0]
    Opportunity.objects.all().delete()
    a_model(cast.company)
    scores_give(kind="leads", team=cast.company, now=NOW)
    jane = {Kind.EMAIL: "jane@x.example"}
    looked = services.erasure_look(values=jane, user=cast.admin, at=NOW)
    assert looked.found["chances"] == 1
    done = services.erasure_do(looked, values=jane, reason="letter 4", user=cast.admin, at=NOW)
    assert done.removed["chances"] == 1
    assert [one.lead for one in Score.objects.all()] == [other]
    assert not Person.typed(jane).tokens & set(Score.objects.values_list("person", flat=True))


@pytest.mark.feature("3.5")
def test_chances_follow_a_new_key_and_forgotten_people(cast: Cast, settings: object) -> None:
    found = a_chance(cast.dach)
    settings.PERSONAL_KEYS = [*settings.PERSONAL_KEYS, "another"]  # type: ignore[attr-defined]
    tokens_renew(now=NOW)
    found.refresh_from_db()
    assert found.lead is not None
    assert found.person == found.lead.contact_ref
    assert found.person.startswith("p2i-")
    Lead.objects.update(contact=None, contact_ref="")
    scores_nightly(now=NOW)
    found.refresh_from_db()
    assert found.person == ""


def test_the_table_a_model_learnt_from_can_be_taken_away(cast: Cast) -> None:
    come_in(cast.dach, 60)
    version = scores_train(kind="leads", team=cast.dach, at=NOW)
    text = browser(cast.director).get(PAGE).content.decode()
    assert "/insights/scores/features/" in text
    place = text.split("/insights/scores/features/")[1].split("/")[0]
    answer = browser(cast.director).get(f"/insights/scores/features/{place}/")
    assert answer["X-Content-SHA256"] == version.data_sha256
    assert answer.content.count(b"\n") == version.rows + 1
