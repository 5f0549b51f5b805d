"""The site of Django's admin: who may enter, and which tables can stand there at all.

Ledger, audit trail, approvals and what belongs to sign-in stay out whichever app asks.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.decorators import method_decorator

from accounts.choices import Role
from accounts.models import User
from accounts.permissions import has_role

OPEN = {"accounts.user", "accounts.team", "accounts.membership"}


class RoleAdminSite(admin.AdminSite):
    """Enters who holds the administrator's role; ``is_staff`` and ``is_superuser`` mean nothing."""

    site_header = site_title = "Adroit"
    index_title = "People, teams and roles"

    def has_permission(self, request: HttpRequest) -> bool:
        user = request.user
        return isinstance(user, User) and user.is_active and has_role(user, Role.ADMIN)

    @method_decorator(secure_admin_login)
    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:  # noqa: ARG002
        """Strangers go to the product's sign-in; signed-in people without the role stay out."""
        raise PermissionDenied

    def password_change(  # type: ignore[override]  # elsewhere, by redirect
        self,
        request: HttpRequest,  # noqa: ARG002
        extra_context: Any = None,  # noqa: ARG002
    ) -> HttpResponse:
        return HttpResponseRedirect(reverse("account_change_password"))

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        given = (
            model_or_iterable if isinstance(model_or_iterable, Iterable) else [model_or_iterable]
        )
        known = [model for model in given if model._meta.label_lower in OPEN]
        super().register(known, admin_class, **options)
