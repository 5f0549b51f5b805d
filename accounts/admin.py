"""Django's admin for people, teams and roles: open to administrators, and only for these.

Every change goes through the services, so the same rights, refusals and events hold as
on the pages. The site itself, and what it keeps out, is ``accounts.views.admin_site``.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from accounts import services
from accounts.choices import TWO_PERSON_ROLES
from accounts.forms import ONE_PERSON_ROLES
from accounts.models import Membership, Team, User
from accounts.permissions import person
from core import clock
from core.errors import Conflict


class ByService(admin.ModelAdmin):  # type: ignore[type-arg]  # no generic at run time
    """Whoever may enter may see; what may be changed each class says. No bulk deletion."""

    actions = None

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.admin_site.has_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002
        return self.admin_site.has_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002
        return False


class PersonAdminForm(forms.ModelForm):  # type: ignore[type-arg]
    """Name, title, and whether they may sign in; that needs a reason."""

    reason = forms.CharField(
        required=False, help_text="Needed to deactivate somebody; the trail keeps it."
    )

    class Meta:
        model = User
        fields = ["name", "title", "is_active"]


@admin.register(User)
class PersonAdmin(ByService):
    """People are invited on the pages, and never deleted."""

    form = PersonAdminForm
    fields = ["email", "name", "title", "is_active", "reason", "last_login"]
    readonly_fields = ["email", "last_login"]
    list_display = ["name", "email", "title", "is_active", "last_login"]
    list_filter = ["is_active", "memberships__role"]
    search_fields = ["name", "email", "title"]

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002
        return self.admin_site.has_permission(request)

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:  # noqa: ARG002
        by, at = person(request), clock.now()
        stored = User.objects.get(pk=obj.pk)
        services.person_edit(user=stored, by=by, at=at, name=obj.name, title=obj.title)
        if obj.is_active and not stored.is_active:
            services.person_reactivate(user=stored, by=by, at=at)
        elif stored.is_active and not obj.is_active:
            reason = form.cleaned_data["reason"]
            services.person_deactivate(user=stored, by=by, at=at, reason=reason)


@admin.register(Team)
class TeamAdmin(ByService):
    """The tree of teams."""

    fields = ["name", "parent", "is_archived"]
    list_display = ["name", "parent", "path", "is_archived"]
    list_filter = ["is_archived"]
    search_fields = ["name"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.admin_site.has_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002
        return self.admin_site.has_permission(request)

    def save_model(self, request: HttpRequest, obj: Team, form: Any, change: bool) -> None:  # noqa: ARG002
        by, at = person(request), clock.now()
        if not change:
            made = services.team_create(name=obj.name, parent=obj.parent, by=by, at=at)
            obj.pk, obj.path = made.pk, made.path
            return
        stored = Team.objects.get(pk=obj.pk)
        services.team_rename(team=stored, name=obj.name, by=by, at=at)
        services.team_move(team=stored, parent=obj.parent, by=by, at=at)
        if obj.is_archived != stored.is_archived:
            change_use = services.team_archive if obj.is_archived else services.team_restore
            change_use(team=stored, by=by, at=at)


@admin.register(Membership)
class MembershipAdmin(ByService):
    """Roles that one person may give and take; the others are proposed on the pages."""

    fields = ["user", "team", "role", "limit_micros"]
    list_display = ["user", "role", "team", "limit_micros"]
    list_filter = ["role", "team"]
    search_fields = ["user__name", "user__email"]
    autocomplete_fields = ["user", "team"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.admin_site.has_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        weighs = isinstance(obj, Membership) and obj.role in TWO_PERSON_ROLES
        return self.admin_site.has_permission(request) and not weighs

    def formfield_for_choice_field(self, db_field: Any, request: Any, **options: Any) -> Any:
        if db_field.name == "role":
            options["choices"] = ONE_PERSON_ROLES
        return super().formfield_for_choice_field(db_field, request, **options)

    def save_model(self, request: HttpRequest, obj: Membership, form: Any, change: bool) -> None:  # noqa: ARG002
        if change:
            raise Conflict("A role is taken and given anew, not edited.")
        made = services.membership_give(
            user=obj.user, team=obj.team, role=obj.role, by=person(request), at=clock.now(),
            limit_micros=obj.limit_micros,
        )  # fmt: skip
        obj.pk = made.pk

    def delete_model(self, request: HttpRequest, obj: Membership) -> None:
        services.membership_take(membership=obj, by=person(request), at=clock.now())
