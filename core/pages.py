"""From a view to its answer: whole pages, parts of pages for htmx, redirects and toasts.

return page(request, "campaigns/list.html", {"table": table}, fragment="rows")
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template import loader
from django.template.context import make_context
from django_htmx.middleware import HtmxDetails

from core.fragments import find_fragment
from core.tables import Table


class HtmxHttpRequest(HttpRequest):
    """A request as django-htmx's middleware leaves it, for views that read ``request.htmx``."""

    htmx: HtmxDetails


def wants_fragment(request: HttpRequest) -> bool:
    """Whether htmx asked for a part of a page, not for a whole one to choose from."""
    headers = request.headers
    if headers.get("HX-Request") != "true" or headers.get("HX-History-Restore-Request"):
        return False
    return headers.get("HX-Request-Type") != "full" and headers.get("HX-Boosted") != "true"


def page(
    request: HttpRequest,
    template: str,
    context: Mapping[str, Any],
    *,
    fragment: str | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page, or only ``{% fragment %}`` of that name when htmx asked for a part of it.

    The key of a table in the context may stand for ``fragment``: tables choose
    themselves out of the whole page. Raises ``LookupError`` for an unknown name.
    """
    if not (fragment and wants_fragment(request)) or _is_table(context, fragment):
        body: str = loader.render_to_string(template, dict(context), request)
    else:
        body = render_fragment(request, template, context, fragment)
    answer = HttpResponse(body, status=status)
    answer["Vary"] = "HX-Request, HX-Request-Type"
    return answer


def invalid(
    request: HttpRequest,
    template: str,
    context: Mapping[str, Any],
    *,
    fragment: str | None = None,
) -> HttpResponse:
    """The same for a form with errors: status 422, which the page swaps in on purpose."""
    return page(request, template, context, fragment=fragment, status=422)


def form_page(
    request: HttpRequest,
    form: BaseForm,
    *,
    title: str,
    save: str,
    back: str,
    crumbs: Sequence[tuple[str, str]],
    lead: str = "",
    kicker: str = "",
) -> HttpResponse:
    """A page that is one form, as a drawer when htmx asks for a part; ``invalid`` once it is sent."""
    answer = invalid if form.is_bound else page
    context = {
        "form": form, "title": title, "save": save, "back": back, "crumbs": crumbs,
        "lead": lead, "kicker": kicker,
    }  # fmt: skip
    return answer(request, "form.html", context, fragment="drawer")


def _is_table(context: Mapping[str, Any], name: str) -> bool:
    return any(isinstance(value, Table) and value.key == name for value in context.values())


def render_fragment(
    request: HttpRequest, template: str, context: Mapping[str, Any], name: str
) -> str:
    """Only the named ``{% fragment %}`` of a template, with the context processors' values."""
    compiled = loader.get_template(template).template  # type: ignore[attr-defined]
    node = find_fragment(compiled, name)
    bound = make_context(dict(context), request)
    with bound.render_context.push_state(compiled), bound.bind_template(compiled):
        return str(node.nodelist.render(bound))


def redirect_to(request: HttpRequest, url: str) -> HttpResponse:
    """Send the browser elsewhere, from a plain form or from htmx."""
    if request.headers.get("HX-Request") == "true":
        return HttpResponse(status=204, headers={"HX-Redirect": url})
    return HttpResponseRedirect(url)


def toast(response: HttpResponse, text: str, tone: str = "good") -> HttpResponse:
    """Show a short message beside what the answer changes."""
    response["HX-Trigger"] = json.dumps({"toast": {"text": text, "tone": tone}})
    return response
