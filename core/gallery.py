"""The gallery: every component of templates/components with realistic content."""

from __future__ import annotations

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from core import gallery_charts
from core import gallery_samples as samples
from core.exports import export_response
from core.pages import page
from core.routes import signed_in

CHANNELS = [
    ("", "All"),
    ("search", "Paid search"),
    ("shopping", "Shopping"),
    ("social", "Paid social"),
]
TONES = ("accent", "good", "bad", "warn", "neutral")
CHANNEL_KEYS = ("search", "shopping", "social", "display", "affiliates", "email", "creators", "retail_media")  # fmt: skip


class SampleFilters(forms.Form):
    channel = forms.ChoiceField(choices=CHANNELS, required=False)
    state = forms.ChoiceField(choices=[("", "Any"), ("live", "Live"), ("paused", "Paused")], required=False)  # fmt: skip
    name = forms.CharField(required=False, widget=forms.SearchInput(attrs={"placeholder": "Name"}))


class SampleForm(forms.Form):
    """One field of each kind, with an error on the amount."""

    title = forms.CharField(help_text="What the other person reads first.")
    amount = forms.DecimalField(help_text="In the currency of the line that gives.")
    channel = forms.ChoiceField(choices=CHANNELS[1:])
    day = forms.DateField(label="From", widget=forms.DateInput(attrs={"type": "date"}))
    reason = forms.CharField(widget=forms.Textarea(attrs={"rows": 3}), required=False)
    kind = forms.ChoiceField(
        choices=[("once", "Once"), ("weekly", "Every week")], widget=forms.RadioSelect
    )
    notify = forms.BooleanField(label="Tell the owners by e-mail", required=False)


@signed_in
def gallery(request: HttpRequest) -> HttpResponse:
    """All components on one page; the theme is the person's, both themes side by side at the end."""
    table = samples.ChannelTable(request, samples.channel_rows(), totals=_totals())
    if fmt := request.GET.get("export"):
        return export_response(
            table, fmt, title="Channels", filters=[("Period", "Q4 2026")], as_of=samples.AS_OF
        )
    creatives = samples.CreativeTable(
        request, samples.creative_rows(), bulk_url=request.path, export=False, prefixed=True
    )
    return page(
        request, "core/gallery.html", {**_content(request), "table": table, "creatives": creatives}
    )


def _totals() -> dict[str, object]:
    money = {name: samples.eur(v) for name, v in (("spend", 2310), ("revenue", 9840), ("contribution", 2196))}  # fmt: skip
    return {**money, "roas": 4.26}


def _content(request: HttpRequest) -> dict[str, object]:
    """What the gallery shows, by the names its template uses."""
    charts = ("trend", "cpa", "gap", "bridge", "restated", "contribution", "forecast")
    parts = ("NEEDS", "RANKED", "PARTS", "STEPS", "FACTS", "ENTRIES", "APPROVAL", "LIMITS", "COMMENTS", "EVIDENCE", "TABS", "VIEWS")  # fmt: skip
    return {
        "title": "Components",
        "crumbs": [("Components", "")],
        "status": samples.status(),
        "tiles": samples.tiles(),
        "small_tiles": samples.small_tiles(),
        "tones": TONES,
        "channel_keys": CHANNEL_KEYS,
        "spark": gallery_charts.ACTUAL[:14],
        "filters": SampleFilters(request.GET),
        "form": SampleForm({"title": "Move to Shopping", "channel": "search"}),
        **{name: getattr(gallery_charts, name)() for name in charts},
        **{name.lower(): getattr(samples, name) for name in parts},
    }


@signed_in
def work(request: HttpRequest) -> HttpResponse:
    """What the sample of long work turns into when it is done."""
    return render(request, "core/_work_done.html")
