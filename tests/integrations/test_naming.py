"""Names taken apart by a team's pattern, and numbers split by what they say."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from campaigns.models import LinePart
from core.errors import Conflict, Invalid, NotAllowed
from core.models import Event
from core.periods import Period
from integrations.models import NamingRule
from integrations.rules.naming import (
    USUAL_UTM,
    PatternWrong,
    compile_pattern,
    link_problems,
    split_name,
)
from integrations.selectors import name_problem
from integrations.services.quality import naming_preview, naming_save
from metrics.selectors import query
from tests.cast import Cast
from tests.world import AT, TODAY, load_steady, make_line

PATTERN = "{market}_{channel}_{campaign}"
PERIOD = Period("days", TODAY - timedelta(days=20), TODAY)
WORD = st.text("abcdefghijklmnopqrstuvwxyzÄÖß0123456789 -", min_size=1, max_size=12)


@given(market=WORD, channel=WORD, campaign=st.text("abc_ 1", min_size=1, max_size=20))
def test_what_was_put_together_is_taken_apart(market: str, channel: str, campaign: str) -> None:
    name = f"{market}_{channel}_{campaign}"
    split = split_name(compile_pattern(PATTERN), name)
    if name == name.strip():
        assert split.parts == {"market": market, "channel": channel, "campaign": campaign}


@given(st.text("{}ab_-", max_size=20), st.text(max_size=60))
def test_any_pattern_is_refused_or_takes_any_name(pattern: str, name: str) -> None:
    try:
        compiled = compile_pattern(pattern)
    except PatternWrong:
        return
    split = split_name(compiled, name)
    assert split.fits == bool(split.parts)


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("no parts", "at least one part"),
        ("{a}{b}", "touch"),
        ("{a}_{a}", "only once"),
        ("{A}_{b}", "cannot name"),
        ("{a_{b}", "not closed"),
    ],
)
def test_a_wrong_pattern_says_why(pattern: str, words: str) -> None:
    with pytest.raises(PatternWrong, match=words):
        compile_pattern(pattern)


def test_values_outside_the_list_are_said_and_case_is_forgiven() -> None:
    pattern = compile_pattern(PATTERN, {"market": ["DE", "AT"]})
    assert split_name(pattern, "de_search_Winter").parts["market"] == "DE"
    wrong = split_name(pattern, "FR_search_Winter")
    assert wrong.problems == ("market “FR” is not one of DE, AT.",)


def test_links_say_which_parameters_are_missing() -> None:
    assert link_problems("https://a.test/?utm_source=x&utm_campaign=", USUAL_UTM) == [
        "utm_medium is missing",
        "utm_campaign is missing",
    ]
    assert link_problems("https://a.test/?m=z", {"m": ["x", "y"]}) == ["m “z” is not one of x, y"]


@pytest.mark.feature("3.4")
def test_numbers_are_split_by_a_part_of_the_name(cast: Cast) -> None:
    for name, clicks in (("DE_search_Winter", 10), ("AT_search_Winter", 4), ("plain", 1)):
        load_steady(make_line(cast, name=name), TODAY - timedelta(days=5), 5, clicks=clicks)
    naming_save(cast.dach, pattern=PATTERN, allowed={}, utm={}, user=cast.manager, at=AT)
    answer = query(metrics=["clicks"], by=["name:market"], period=PERIOD, viewer=cast.manager)
    assert {row["name:market"]: row["clicks"] for row in answer.rows} == {"DE": 50, "AT": 20, "": 5}
    only = query(
        metrics=["clicks"], period=PERIOD, where={"name:market": "DE"}, viewer=cast.manager
    )
    assert only.rows[0]["clicks"] == 50
    both = query(
        metrics=["clicks"], by=["name:market", "name:channel"], period=PERIOD, viewer=None,
        where={"name:channel": ["search"]},
    )  # fmt: skip
    assert len(both.rows) == 2


def test_an_unknown_kind_of_part_is_refused(cast: Cast) -> None:
    with pytest.raises(Invalid):
        query(metrics=["clicks"], by=["name:a%b'"], period=PERIOD, viewer=None)


def test_a_rule_is_tried_on_the_names_there_are_before_it_is_saved(cast: Cast) -> None:
    make_line(cast, name="DE_search_Winter")
    make_line(cast, name="plain")
    preview = naming_preview(cast.dach, pattern=PATTERN, allowed={})
    assert (preview.fitting, len(preview.names)) == (1, 2)
    assert not NamingRule.objects.exists()
    assert not LinePart.objects.exists()


def test_every_change_of_a_rule_is_a_version_on_record(cast: Cast) -> None:
    naming_save(cast.dach, pattern=PATTERN, allowed={}, utm={}, user=cast.manager, at=AT, version=0)
    naming_save(
        cast.dach, pattern="{campaign}", allowed={}, utm={}, user=cast.manager, at=AT, version=1
    )
    with pytest.raises(Conflict):
        naming_save(
            cast.dach, pattern=PATTERN, allowed={}, utm={}, user=cast.manager, at=AT, version=1
        )
    assert list(NamingRule.objects.order_by("version").values_list("version", "is_current")) == [
        (1, False),
        (2, True),
    ]
    event = Event.objects.filter(action="naming.saved").latest("pk")
    before, after = event.before or {}, event.after or {}
    assert (before["pattern"], after["pattern"]) == (PATTERN, "{campaign}")


def test_the_rule_of_a_team_above_holds_below_and_not_beside(cast: Cast) -> None:
    naming_save(cast.europe, pattern=PATTERN, allowed={}, utm={}, user=cast.director, at=AT)
    assert "does not follow" in name_problem(cast.dach, "plain")
    assert name_problem(cast.us, "plain") == ""
    with pytest.raises(NotAllowed):
        naming_save(cast.us, pattern=PATTERN, allowed={}, utm={}, user=cast.manager, at=AT)


def test_the_api_warns_as_the_page_does_and_stops_nobody(cast: Cast) -> None:
    naming_save(cast.dach, pattern=PATTERN, allowed={}, utm={}, user=cast.manager, at=AT)
    client = Client()
    client.force_login(cast.manager)
    given = {"team": cast.dach.pk, "owner": cast.manager.pk}
    json = "application/json"
    made = client.post(reverse("api-campaigns"), {**given, "name": "plain"}, content_type=json)
    assert made.status_code == 201
    (warning,) = made.json()["warnings"]
    assert warning == name_problem(cast.dach, "plain")
    url = reverse("api-campaign", args=[made.json()["id"]])
    better = client.patch(
        url, {"version": made.json()["version"], "name": "DE_search_Winter"}, content_type=json
    )
    assert (better.status_code, better.json()["warnings"]) == (200, [])
    assert "warnings" not in client.get(url).json()
    copy = client.post(
        reverse("api-campaign-clone", args=[made.json()["id"]]), {"name": "x"}, content_type=json
    )
    assert len(copy.json()["warnings"]) == 1
