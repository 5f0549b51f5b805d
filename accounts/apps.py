from django.apps import AppConfig
from django.contrib.admin import apps as admin
from django.http import HttpRequest


class AccountsConfig(AppConfig):
    name = "accounts"
    default = True

    def ready(self) -> None:
        from accounts import selectors
        from accounts.permissions import can, person
        from accounts.services import invitations
        from accounts.views.saved_views import views_of_list
        from core import needs, outbox, saved, search, shell
        from core.models import Organisation

        def waiting(request: HttpRequest) -> int:
            return selectors.proposals_waiting(person(request))

        outbox.register_handler(invitations.KIND, invitations.handle)
        shell.register_can(can)
        shell.register_organisation(lambda _: Organisation.current().name)
        shell.register_role(lambda request: selectors.role_words(person(request)))
        shell.register_nav(
            shell.NavItem(
                key="settings",
                label="Settings",
                icon="settings",
                url_name="accounts:settings",
                group="Data",
                order=90,
                badge=waiting,
            )
        )
        search.register(selectors.search_people)
        needs.register(selectors.needs_of_admin)
        saved.register_saved_views(views_of_list)


class RoleAdminConfig(admin.AdminConfig):
    """Django's admin, behind the roles of this product."""

    default = False
    default_site = "accounts.views.admin_site.RoleAdminSite"
