"""Pages and parts of pages: what htmx asks for decides what is answered."""

import json

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.test import RequestFactory, override_settings

from core import pages

TEMPLATES = {
    "outer.html": "<html>{% block content %}{% endblock %}</html>",
    "list.html": "{% extends 'outer.html' %}{% load adroit %}{% block content %}head"
    "{% card title='c' %}{% fragment 'rows' %}<p>{{ word }}</p>{% endfragment %}{% endcard %}{% endblock %}",
}
SETTINGS = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "OPTIONS": {
            "loaders": [
                ("django.template.loaders.locmem.Loader", TEMPLATES),
                ("django.template.loaders.filesystem.Loader", ["templates"]),
            ]
        },
    }
]


@pytest.fixture(autouse=True)
def _templates() -> object:
    with override_settings(TEMPLATES=SETTINGS):
        yield
    engines._engines = {}  # type: ignore[attr-defined]


def ask(**headers: str) -> HttpRequest:
    request = RequestFactory().get("/", headers=headers)
    request.user = AnonymousUser()
    return request


def answer(request: HttpRequest, **options: object) -> HttpResponse:
    return pages.page(request, "list.html", {"word": "hello"}, fragment="rows", **options)  # type: ignore[arg-type]


def test_a_browser_gets_the_whole_page() -> None:
    assert answer(ask()).content.startswith(b"<html>")


def test_htmx_gets_the_part() -> None:
    got = answer(ask(**{"HX-Request": "true", "HX-Request-Type": "partial"}))
    assert got.content == b"<p>hello</p>"
    assert "HX-Request" in got["Vary"]


@pytest.mark.parametrize(
    "headers",
    [
        {"HX-Request": "true", "HX-Request-Type": "full"},
        {"HX-Request": "true", "HX-Boosted": "true"},
        {"HX-Request": "true", "HX-History-Restore-Request": "true"},
    ],
)
def test_htmx_gets_the_whole_page_when_it_chooses_itself(headers: dict[str, str]) -> None:
    assert answer(ask(**headers)).content.startswith(b"<html>")


def test_an_unknown_part_is_a_mistake() -> None:
    with pytest.raises(LookupError):
        pages.page(ask(**{"HX-Request": "true"}), "list.html", {}, fragment="nope")


def test_an_invalid_form_is_422() -> None:
    assert pages.invalid(ask(), "list.html", {"word": "x"}).status_code == 422


def test_redirects_work_for_both() -> None:
    assert pages.redirect_to(ask(), "/there/")["Location"] == "/there/"
    assert pages.redirect_to(ask(**{"HX-Request": "true"}), "/there/")["HX-Redirect"] == "/there/"


def test_a_toast_travels_in_a_header() -> None:
    got = pages.toast(HttpResponse(), "Saved “3” lines")
    assert json.loads(got["HX-Trigger"]) == {"toast": {"text": "Saved “3” lines", "tone": "good"}}
