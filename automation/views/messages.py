"""A person's own messages."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.permissions import gate, person
from automation import services
from automation.models import Notification
from core import clock
from core.pages import page, redirect_to


@gate()
@require_safe
def notifications(request: HttpRequest) -> HttpResponse:
    mine = Notification.objects.filter(user=person(request))[:100]
    context = {"notifications": mine, "now": clock.now(), "crumbs": [("Messages", "")]}
    return page(request, "automation/notifications.html", context)


@gate()
@require_POST
def notifications_read(request: HttpRequest) -> HttpResponse:
    services.notification_read(user=person(request), at=clock.now())
    return redirect_to(request, reverse("automation:notifications"))
