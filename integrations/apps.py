from django.apps import AppConfig


class IntegrationsConfig(AppConfig):
    name = "integrations"

    def ready(self) -> None:
        from accounts.choices import Act
        from approvals.selectors import register_results
        from core import needs, outbox
        from core.shell import NavItem, register_nav
        from integrations.selectors import platform_files_of, source_labels, waiting_imports
        from integrations.services.bulk_files import make_bulk_files
        from metrics.selectors import register_labels

        outbox.register_handler("bulk_file", make_bulk_files)

        register_nav(
            NavItem(
                "imports",
                "Imports",
                "file-import",
                "integrations:imports",
                group="Data",
                order=10,
                action=Act.UPLOAD_IMPORT,
            )
        )
        register_labels("source", source_labels)
        needs.register(waiting_imports)
        register_results(platform_files_of)
