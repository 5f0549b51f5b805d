from django.apps import AppConfig


class ApprovalsConfig(AppConfig):
    name = "approvals"

    def ready(self) -> None:
        from accounts.choices import Act
        from approvals.selectors import find_requests, invariants, needs_of_approver
        from approvals.services import decisions, execution, leaving
        from approvals.views import waiting_count
        from core import needs, outbox, search, shell

        invariants.register()
        leaving.register()
        outbox.register_handler(decisions.EXECUTE, execution.handle)
        search.register(find_requests)
        needs.register(needs_of_approver)
        shell.register_nav(
            shell.NavItem(
                key="approvals",
                label="Approvals",
                icon="file-check",
                url_name="approvals:inbox",
                group="Act",
                order=10,
                action=Act.VIEW_MONEY,
                badge=waiting_count,
            )
        )
