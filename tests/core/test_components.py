"""Components: every tag draws, escapes what people typed, and puts slots where they belong."""

from typing import Any

import pytest
from django import forms
from django.template import Context, RequestContext, Template
from django.test import RequestFactory

from core.charts import Chart, Series
from core.gallery_samples import APPROVAL, ENTRIES, FACTS, LIMITS, NEEDS, PARTS, RANKED, STEPS
from core.parts import Comment, Delta, Need, Tab, Tile
from core.tables import Column, Table

EVIL = '<img src=x onerror="alert(1)">'


def draw(text: str, **values: Any) -> str:
    return Template("{% load adroit %}" + text).render(Context(values))


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("{% chip v %}", {"v": EVIL}),
        ("{% card title=v sub=v %}{{ v }}{% endcard %}", {"v": EVIL}),
        ("{% page_head title=v kicker=v %}{% endpage_head %}", {"v": EVIL}),
        ("{% notice v %}{{ v }}{% endnotice %}", {"v": EVIL}),
        ("{% needs_you n %}", {"n": [Need(EVIL, "#", "file", EVIL, EVIL)]}),
        ("{% tile t %}", {"t": Tile(EVIL, EVIL, sentence=EVIL)}),
        ("{% comments c %}", {"c": [Comment(EVIL, "now", EVIL)]}),
        ("{% person v v %}{% avatar v %}{% channel v v %}{% hash v %}{% code v %}", {"v": EVIL}),
        ("{% chart c %}", {"c": Chart(kind="bar", title=EVIL, x=[EVIL], series=[Series(EVIL, [1])])}),
        ("{% net_proof v %}{% empty v v %}{% endempty %}", {"v": EVIL}),
    ],
)  # fmt: skip
def test_what_people_typed_is_escaped(text: str, values: dict[str, Any]) -> None:
    assert "<img" not in draw(text, **values)


@pytest.mark.parametrize(
    ("text", "values", "expected"),
    [
        ("{% stepper v %}", {"v": STEPS}, 'aria-current="step"'),
        ("{% timeline v %}", {"v": ENTRIES}, "BR-1031"),
        ("{% fact_strip v %}right{% endfact_strip %}", {"v": FACTS}, "Jonas Weber"),
        ("{% approval_panel v title='Yours' clock='26 h' %}{% endapproval_panel %}", {"v": APPROVAL}, "26 h"),
        ("{% limits v %}", {"v": LIMITS}, "Binding"),
        ("{% ranked v %}", {"v": RANKED}, "€168k"),
        ("{% needs_you v title='5 things' %}", {"v": NEEDS}, "Sign the Creators"),
        ("{% shares v %}", {"v": PARTS}, "11 helped, 3 hurt"),
        ("{% verdict 'cannot_tell' '46 orders' %}", {}, "Can’t tell, 46 orders"),
        ("{% flag 'Tired' 'CTR −31 %' %}", {}, "Tired, CTR −31 %"),
        ("{% tabs v %}", {"v": [Tab("Overview", "#", True, 3)]}, 'aria-current="page"'),
        ("{% progress 0.4 tick=0.5 %}", {}, 'width="40.00%"'),
        ("{% bullet 1.25 %}", {}, 'width="100.00%"'),
        ("{% bar -0.25 low=v %}", {"v": -0.25}, 'x="0.00%" y="5" width="20.00%"'),
        ("{% spark v %}", {"v": [1, None, 3]}, "polyline"),
        ("{% how formula='a ÷ b' %}{% endhow %}", {}, "a ÷ b"),
        ("{% icon 'home' label='Home' %}", {}, 'aria-label="Home"'),
    ],
)  # fmt: skip
def test_a_component_draws(text: str, values: dict[str, Any], expected: str) -> None:
    assert expected in draw(text, **values)


def test_direction_is_an_arrow_and_judgement_a_colour() -> None:
    html = draw("{% delta d %}", d=Delta("+8.6 %", "up", "bad"))
    assert "#arrow-up" in html
    assert 'class="delta bad"' in html
    assert "+" not in html.rpartition("</span>8.6")[2]


def test_slots_go_to_the_nearest_component() -> None:
    html = draw(
        "{% card title='Outer' %}{% slot 'footer' %}outer foot{% endslot %}"
        "{% card title='Inner' %}{% slot 'footer' %}inner foot{% endslot %}text{% endcard %}"
        "{% endcard %}"
    )
    inner, outer = html.index("inner foot"), html.index("outer foot")
    assert html.index("Inner") < inner < outer
    assert "\ue000" not in html


def test_no_component_carries_inline_style_or_script() -> None:
    html = draw("{% kpis t %}{% progress 0.2 %}{% bar 0.3 %}", t=[Tile("a", "b", share=1)])
    assert "style=" not in html
    assert "<script" not in html


class People(Table):
    key = "people"
    row_id = "id"
    columns = (Column("name", "Name"), Column("spend", "Spend", kind="number"))
    empty_title = "Nobody yet"


@pytest.mark.parametrize(
    ("query", "rows", "expected"),
    [
        ("", [{"id": 1, "name": EVIL, "spend": 12345}], "12,345"),
        ("", [], "Nobody yet"),
        ("people.q=zz", [], "Nobody yet"),
        ("sort=-spend", [{"id": 1, "name": "a", "spend": None}], 'aria-sort="descending"'),
    ],
)
def test_a_table_draws(query: str, rows: list[dict[str, Any]], expected: str) -> None:
    request = RequestFactory().get(f"/?{query}")
    table = People(request, rows, bulk_url="/bulk/")
    html = Template("{% load adroit %}{% table table title='T' %}{% endtable %}").render(
        RequestContext(request, {"table": table})
    )
    assert expected in html
    assert "<img" not in html


class Filters(forms.Form):
    state = forms.MultipleChoiceField(
        choices=[("live", "Live"), ("paused", "Paused")], required=False
    )
    team = forms.ChoiceField(choices=[("", "---------"), ("eu", "Europe")], required=False)
    since = forms.DateField(required=False)


def filters(query: str) -> str:
    request = RequestFactory().get(f"/?{query}")
    context = {"form": Filters(request.GET)}
    text = "{% load adroit %}{% filter_bar form target='#rows' %}{% endfilter_bar %}"
    return Template(text).render(RequestContext(request, context))


def test_a_filter_of_many_is_a_list_that_says_what_is_chosen() -> None:
    assert "data-filter-summary>Any<" in filters("")
    assert "data-filter-summary>Live<" in filters("state=live")
    assert "data-filter-summary>2 chosen<" in filters("state=live&state=paused")


def test_active_filters_can_be_taken_off_one_by_one_and_the_rest_stays() -> None:
    html = filters("state=live&state=paused&sort=-spend&page=3")
    assert 'href="?state=paused&amp;sort=-spend"' in html
    assert '<input type="hidden" name="sort" value="-spend" data-kept>' in html
    assert 'name="page"' not in html


def test_nothing_chosen_is_said_in_words_and_days_have_a_calendar() -> None:
    html = filters("since=2026-11-02")
    assert "---" not in html
    assert ">Any</option>" in html
    assert 'type="date" name="since" value="2026-11-02"' in html
