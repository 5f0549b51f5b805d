"""What stands before every page: how long a sign-in lasts, and the second factor."""

from __future__ import annotations

from collections.abc import Callable

from allauth.mfa.utils import is_mfa_enabled
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from accounts.models import User
from accounts.permissions import needs_second_factor
from core import clock

GetResponse = Callable[[HttpRequest], HttpResponse]

# Where somebody without a second factor may still go: to get one, or to leave.
OPEN_TO_ALL = ("/accounts/", "/static/", "/api/")


class SessionLimits:
    """Ends a sign-in ``SESSION_COOKIE_AGE`` after it began, or when it lies idle.

    The session keeps when it began and, to the nearest minute or so, when it was last
    used; writing it at every request would cost more than it tells.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated and self._is_over(request):
            logout(request)
            messages.info(request, "You were signed out because nothing happened for a while.")
        return self.get_response(request)

    def _is_over(self, request: HttpRequest) -> bool:
        now, session = int(clock.now().timestamp()), request.session
        began, used = session.get("began", now), session.get("used", now)
        if now - began >= settings.SESSION_COOKIE_AGE or now - used >= settings.SESSION_IDLE_AGE:
            return True
        if "began" not in session:
            # However it was opened, it can be seen and ended under My account from now on.
            UserSession.objects.create_from_request(request)
        if "began" not in session or now - used >= 60:
            session["began"], session["used"] = began, now
        return False


class SecondFactor:
    """Sends people whose roles need a second factor to the page that sets one up."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if self._is_missing(request):
            return HttpResponseRedirect(reverse("accounts:second-factor"))
        return self.get_response(request)

    def _is_missing(self, request: HttpRequest) -> bool:
        if not (settings.REQUIRE_SECOND_FACTOR and isinstance(request.user, User)):
            return False
        if request.path.startswith((*OPEN_TO_ALL, reverse("accounts:second-factor"))):
            return False
        return needs_second_factor(request.user) and not is_mfa_enabled(request.user)
