"""The archive, one report with its footnotes and files, make now, sign-off, subscriptions; the same over the API."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from core.models import Organisation
from reporting import services
from reporting.forms import MakeForm
from reporting.models import Report, Subscription
from reporting.rules.pack.companion import COLUMNS
from reporting.rules.pack.frozen import thaw
from tests.cast import Cast
from tests.reporting.story import Story, create_story
from tests.world import AT, KNOWN, TODAY

pytestmark = pytest.mark.usefixtures("pack_fonts")


@pytest.fixture
def story(cast: Cast) -> Story:
    return create_story(cast)


@pytest.fixture
def review(cast: Cast, story: Story) -> Report:
    period = Organisation.current().calendar.parse("2026-10", today=TODAY)
    return services.performance_review(team=cast.dach, period=period, at=AT)


@pytest.fixture
def pack(cast: Cast, story: Story) -> Report:
    period = Organisation.current().calendar.parse("2026-10", today=TODAY)
    return services.board_pack(team=cast.company, period=period, at=AT)


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def page(user: User, name: str, *args: Any, **params: Any) -> Any:
    return browser(user).get(reverse(f"reporting:{name}", args=args), params)


def post(user: User, name: str, *args: Any, **data: Any) -> Any:
    return browser(user).post(reverse(f"reporting:{name}", args=args), data)


def test_the_archive_shows_what_a_person_may_open(cast: Cast, review: Report, pack: Report) -> None:
    seen = {
        cast.executive: {review.title, pack.title},
        cast.auditor: {review.title, pack.title},
        cast.director: {review.title},
        cast.manager: {review.title},
        cast.uk_manager: set(),
        cast.other_director: set(),
    }
    for user, titles in seen.items():
        answer = page(user, "reports")
        assert answer.status_code == 200
        shown = answer.content.decode()
        assert {t for t in (review.title, pack.title) if t.replace("&", "&amp;") in shown} == titles
    assert page(cast.admin, "reports").status_code == 403
    filtered = page(cast.executive, "reports", kind="board_pack").content.decode()
    assert pack.title.replace("&", "&amp;") in filtered
    assert review.title not in filtered


def test_out_of_sight_is_404_and_without_the_right_403(cast: Cast, review: Report) -> None:
    for name in ("report", "report-pdf", "report-csv"):
        assert page(cast.manager, name, review.pk).status_code == 200
        assert page(cast.uk_manager, name, review.pk).status_code == 404
        assert page(cast.admin, name, review.pk).status_code == 403
        assert page(cast.nobody, name, review.pk).status_code == 403
    assert post(cast.uk_manager, "report-sign", review.pk).status_code == 404


@pytest.mark.feature("12.4")
def test_every_figure_of_the_page_leads_to_its_footnote(cast: Cast, pack: Report) -> None:
    shown = page(cast.executive, "report", pack.pk).content.decode()
    content = thaw(pack.content)
    links, targets = (set(re.findall(p, shown)) for p in (r'href="#note-(\w+)"', r'id="note-(\w+)"'))  # fmt: skip
    assert links == targets == {row.id for row in content.provenance}
    for figure in content.figures:
        assert figure.text in shown, figure
    # A campaign's name is text, never markup.
    assert "Generic &lt;b&gt;search &amp; more" in shown
    assert "<b>search" not in shown


@pytest.mark.feature("12.4")
def test_the_files_are_what_was_frozen(cast: Cast, pack: Report) -> None:
    pdf = page(cast.executive, "report-pdf", pack.pk)
    assert pdf.content == bytes(pack.pdf)
    assert pdf["Content-Disposition"] == 'attachment; filename="board-pack-tarn-fell-oct-2026.pdf"'
    text = page(cast.executive, "report-csv", pack.pk).content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert tuple(rows[0]) == COLUMNS
    figures = {figure.id: figure for figure in thaw(pack.content).figures}
    assert {row["figure"] for row in rows} == set(figures)
    revenue = next(row for row in rows if row["figure"] == "revenue")
    assert revenue["value"] == f"{figures['revenue'].value:f}"
    assert revenue["formula"] == "Sum of revenue"
    assert revenue["as_of"] == KNOWN.isoformat()
    assert revenue["batches"].startswith("B-")


def test_make_now_opens_the_report(cast: Cast, story: Story) -> None:
    form = page(cast.manager, "reports").context["make"]
    assert list(form.fields["team"].queryset) == [cast.dach]
    form = MakeForm(cast.director, TODAY)
    assert form.fields["period"].initial == "2026-10"
    period: Any = form.fields["period"]
    keys = [key for key, _ in period.choices]
    assert keys[:2] == ["2026-11", "2026-10"]
    assert {"2026-Q3", "FY2026", "FY2025"} <= set(keys)


@pytest.mark.feature("9.7")
def test_a_review_is_gone_through_and_signed_with_a_comment(cast: Cast, review: Report) -> None:
    before = page(cast.manager, "report", review.pk).content.decode()
    for words in ("Checklist", "Every change has its verdict", "Nothing is left open", "1 open"):
        assert words in before
    assert "Sign this report" in before
    assert "Sign this report" not in page(cast.analyst, "report", review.pk).content.decode()
    assert post(cast.analyst, "report-sign", review.pk).status_code == 403
    answer = post(cast.manager, "report-sign", review.pk, comment="Search <stays>.")
    assert answer.status_code == 302
    after = page(cast.director, "report", review.pk).content.decode()
    assert "Search &lt;stays&gt;." in after
    assert "Sign this report" not in after
    assert post(cast.director, "report-sign", review.pk).status_code == 409


def test_people_subscribe_themselves_and_directors_their_team(cast: Cast) -> None:
    review_of = {"kind": "performance_review", "team": cast.dach.pk, "cadence": "every", "condition": "always", "delivery": "pdf"}  # fmt: skip
    assert post(cast.manager, "subscribe", recipient=cast.manager.pk, **review_of).status_code == 302  # fmt: skip
    assert post(cast.manager, "subscribe", recipient=cast.director.pk, **review_of).status_code in (403, 422)  # fmt: skip
    assert post(cast.director, "subscribe", recipient=cast.analyst.pk, **review_of).status_code == 302  # fmt: skip
    assert post(cast.admin, "subscribe", recipient=cast.admin.pk, **review_of).status_code == 403
    assert set(Subscription.objects.values_list("user__name", flat=True)) == {"Jonas Weber", "Ada Novak"}  # fmt: skip
    own = Subscription.objects.get(user=cast.manager)
    assert "to Ada Novak" in page(cast.director, "reports").content.decode()
    assert "to Ada Novak" not in page(cast.uk_manager, "reports").content.decode()
    assert post(cast.uk_manager, "unsubscribe", own.pk).status_code == 404
    assert post(cast.manager, "unsubscribe", own.pk).status_code == 302
    assert Subscription.objects.get().user == cast.analyst


def test_the_api_reads_makes_signs_and_hands_out_files(
    cast: Cast, review: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = browser(cast.manager)
    listed = client.get(reverse("api-reports"), {"kind": "performance_review"}).json()
    assert [item["id"] for item in listed["results"]] == [review.pk]
    assert "content" not in listed["results"][0]
    whole = client.get(reverse("api-report", args=[review.pk])).json()
    content = thaw(review.content)
    assert [f["id"] for f in whole["figures"]] == [f.id for f in content.figures]
    assert {f["footnote"] for f in whole["figures"]} == {n["id"] for n in whole["footnotes"]}
    assert client.get(whole["pdf"]).content == bytes(review.pdf)
    assert client.get(whole["csv"]).content.decode().startswith("section,figure")
    asked = {"kind": "performance_review", "team": cast.dach.pk, "period": "2026-09", "as_of": AT.isoformat()}  # fmt: skip
    made = client.post(reverse("api-reports"), asked, content_type="application/json")
    assert made.status_code == 201
    assert made.json()["period_key"] == "2026-09"
    url = reverse("api-report-sign", args=[review.pk])
    signed = client.post(url, {"comment": "Seen"}, content_type="application/json").json()
    assert (signed["state"], signed["comment"]) == ("signed", "Seen")
    assert browser(cast.uk_manager).get(reverse("api-report", args=[review.pk])).status_code == 404
    other = client.post(reverse("api-reports"), asked | {"team": cast.uk.pk}, content_type="application/json")  # fmt: skip
    assert other.status_code == 400


def test_the_api_keeps_subscriptions(cast: Cast) -> None:
    client = browser(cast.manager)
    asked = {"kind": "performance_review", "team": cast.dach.pk}
    made = client.post(reverse("api-subscriptions"), asked, content_type="application/json")
    assert made.status_code == 201
    url = reverse("api-subscription", args=[made.json()["id"]])
    assert browser(cast.uk_manager).delete(url).status_code == 404
    assert client.delete(url).status_code == 204
    assert not Subscription.objects.exists()


def test_tables_of_any_page_can_be_had_as_pdf(cast: Cast, review: Report) -> None:
    answer = page(cast.executive, "reports", export="pdf")
    assert answer["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF")
    assert page(cast.executive, "reports", export="xlsx").status_code == 200
