"""The pages and the API of data quality, as people use them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from campaigns.models import Creative
from integrations.models import Hold, MonitorSetting, NamingRule, QualityIssue, Source
from integrations.rules import Outcome
from integrations.rules.samples import sample, sampled_layouts
from integrations.services import quality
from tests.cast import Cast
from tests.integrations.files import read
from tests.integrations.test_quality_issues import broken, clean, load, make_source
from tests.world import AT, make_line


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def issue(cast: Cast) -> QualityIssue:
    source = make_source(cast)
    lines = [make_line(cast, name=f"DE_search_Part {n}") for n in (1, 2)]
    clean(source, lines)
    load(source, [broken(lines[0], clicks=99_999)], AT + timedelta(minutes=1))
    quality.source_check(source, at=AT + timedelta(minutes=2))
    return QualityIssue.objects.get()


def text(client: Client, name: str, *args: object, **query: str) -> str:
    answer = client.get(reverse(f"integrations:{name}", args=args), query)
    assert answer.status_code == 200, answer.content
    return answer.content.decode()


def test_the_list_shows_open_issues_and_scores(cast: Cast, issue: QualityIssue) -> None:
    shown = text(browser(cast.manager), "quality")
    assert issue.title in shown
    assert "1 error in the data" in shown
    assert "20 for each open error" in shown
    assert issue.title not in text(browser(cast.other_manager), "quality")
    assert issue.title not in text(browser(cast.manager), "quality", state="recovered")


def test_an_issue_is_accepted_on_its_page_with_a_reason(cast: Cast, issue: QualityIssue) -> None:
    client = browser(cast.manager)
    assert "Accept with a reason" in text(client, "quality-issue", issue.pk)
    url = reverse("integrations:quality-accept", args=[issue.pk])
    assert client.post(url, {"reason": ""}).status_code in (302, 422)
    client.post(url, {"reason": "Known bots"})
    issue.refresh_from_db()
    assert (issue.state, issue.reason) == ("accepted", "Known bots")
    assert "Known bots" in text(client, "quality-issue", issue.pk)


def test_rows_are_left_out_and_released_on_the_pages(cast: Cast, issue: QualityIssue) -> None:
    client = browser(cast.manager)
    client.post(
        reverse("integrations:quality-exclude", args=[issue.pk]), {"reason": "Exchanged columns"}
    )
    hold = Hold.objects.get()
    assert "Exchanged columns" in text(client, "quality-source", issue.source_id)
    client.post(reverse("integrations:quality-release", args=[hold.pk]), {"reason": "Fine"})
    hold.refresh_from_db()
    assert hold.released_at


def test_a_monitor_is_set_for_one_source(cast: Cast, issue: QualityIssue) -> None:
    client = browser(cast.manager)
    url = reverse("integrations:quality-monitor", args=[issue.source_id])
    client.post(url, {"monitor": "clicks", "severity": "error", "threshold": "5", "holds": "on"})
    setting = MonitorSetting.objects.get()
    assert (setting.severity, str(setting.threshold), setting.holds) == ("error", "5.000", True)
    assert (
        client.post(url, {"monitor": "clicks", "severity": "x", "threshold": "1"}).status_code
        != 500
    )
    assert (
        client.post(url, {"monitor": "clicks", "severity": "off", "threshold": "NaN"}).status_code
        != 500
    )


def test_the_api_does_what_the_pages_do(cast: Cast, issue: QualityIssue) -> None:
    client = browser(cast.manager)
    (found,) = client.get(reverse("api-quality-issues")).json()["results"]
    assert (found["id"], found["monitor"], found["state"]) == (issue.pk, "clicks", "open")
    url = reverse("api-quality-issue", args=[issue.pk])
    refused = client.post(url, {"do": "accept"}, content_type="application/json")
    assert refused.status_code == 422
    done = client.post(url, {"do": "accept", "reason": "Known"}, content_type="application/json")
    assert done.json()["state"] == "accepted"
    source = reverse("api-quality-source", args=[issue.source_id])
    assert client.get(source).json()["score"] == 80
    assert client.post(source).json()["score"] == 100
    levels = client.get(reverse("api-quality-levels", args=[issue.source_id])).json()
    assert levels == {"measure": "spend", "days": [], "accounts": []}
    assert browser(cast.other_manager).get(url).status_code == 404


def test_a_naming_rule_is_tried_and_saved_on_its_page(cast: Cast, issue: QualityIssue) -> None:
    client = browser(cast.manager)
    url = reverse("integrations:naming-edit")
    rule = {"team": cast.dach.pk, "pattern": "{market}_{channel}_{campaign}", "version": 0,
            "allowed": "market: DE, AT", "utm": "utm_medium: cpc"}  # fmt: skip
    tried = client.post(url, {**rule, "try": "1"})
    assert "2 of 2 names fit" in tried.content.decode()
    assert not NamingRule.objects.exists()
    client.post(url, {**rule, "save": "1"})
    saved = NamingRule.objects.get()
    assert saved.allowed == {"market": ["DE", "AT"]}
    assert "{market}" in text(client, "naming")
    assert "DE" in text(client, "naming-edit", team=str(cast.dach.pk))
    wrong = client.post(url, {**rule, "pattern": "{a}{b}", "try": "1"})
    assert wrong.status_code == 422
    assert "delimiter" in wrong.content.decode()


def test_a_campaign_s_name_is_checked_when_it_is_made(cast: Cast) -> None:
    quality.naming_save(
        cast.dach, pattern="{market}_{campaign}", allowed={}, utm={}, user=cast.manager, at=AT
    )
    client = browser(cast.manager)
    answer = client.post(
        reverse("campaigns:create"),
        {"name": "plain", "team": cast.dach.pk, "owner": cast.manager.pk, "objective": "sales"},
        follow=True,
    )
    assert "does not follow the naming rule" in answer.content.decode()


def test_links_without_parameters_are_found(cast: Cast, issue: QualityIssue) -> None:
    line = make_line(cast)
    Creative.objects.create(campaign=line.campaign, name="Ad", link="https://shop.test/")
    load(issue.source, [{**broken(line)}], AT + timedelta(minutes=3))
    quality.source_check(issue.source, at=AT + timedelta(minutes=4))
    found = QualityIssue.objects.get(monitor="utm")
    assert [
        "https://shop.test/",
        "utm_source is missing; utm_medium is missing; utm_campaign is missing",
    ] in found.evidence["facts"]


def test_the_dictionary_finds_a_word_by_where_it_comes_from(cast: Cast) -> None:
    client = browser(cast.analyst)
    shown = text(client, "dictionary", q="Amount spent")
    assert "Goes to spend" in shown
    assert "Return on ad spend" in text(client, "dictionary", kind="Metric")
    terms = client.get(reverse("api-dictionary"), {"q": "roas"}).json()
    assert "ROAS" in {term["label"] for term in terms}


@pytest.mark.parametrize("layout", [layout.key for layout in sampled_layouts()])
def test_every_sample_imports_without_a_question(layout: str) -> None:
    reading = read(sample(layout))
    assert reading.outcome == Outcome.ACCEPT
    assert reading.layout
    assert reading.layout.key == layout
    assert (reading.accepted, reading.rejected, reading.warnings) == (6, 0, ())
    assert reading.period == (date(2026, 11, 2), date(2026, 11, 4))


def test_a_sample_is_a_file_to_download(cast: Cast) -> None:
    answer = browser(cast.analyst).get(reverse("integrations:sample-file", args=["meta_ads"]))
    assert "attachment" in answer["Content-Disposition"]
    assert browser(cast.analyst).get("/imports/samples/nothing/").status_code == 404


def test_amounts_are_hidden_from_those_who_see_no_money(cast: Cast, issue: QualityIssue) -> None:
    shown = text(browser(cast.admin), "quality-issue", issue.pk)
    assert "Spend in question" not in shown
    assert "In question" not in shown
    assert Source.objects.count() == 1
