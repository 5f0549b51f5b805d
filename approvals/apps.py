from django.apps import AppConfig


class ApprovalsConfig(AppConfig):
    name = "approvals"

    def ready(self) -> None:
        from accounts.choices import Act
        from accounts.selectors import register_presence
        from approvals.approval_actions import Choice, PolicyChange
        from approvals.selectors import find_requests, invariants, needs_of_approver, presence
        from approvals.services import (
            choices,
            delegation,
            execution,
            leaving,
            moved,
            passing,
            register_action,
        )
        from approvals.views import waiting_count
        from core import needs, outbox, search, shell

        invariants.register()
        leaving.register()
        register_presence(presence)
        delegation.register()
        choices.register()
        register_action(Choice())
        register_action(PolicyChange())
        outbox.register_handler(moved.MOVED, moved.handle)
        outbox.register_handler(passing.EXECUTE, execution.handle)
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
