from django.apps import AppConfig


class DemoConfig(AppConfig):
    name = "demo"

    def ready(self) -> None:
        from accounts.choices import Act
        from accounts.selectors import register_personas
        from core import outbox, shell
        from demo.company import later
        from demo.company.personas import demo_personas
        from demo.planted.truth import is_there

        outbox.register_handler(later.KIND, later.handle)
        shell.register_notice(later.notice)
        register_personas(demo_personas)
        shell.register_nav(
            shell.NavItem(
                "planted",
                "What was planted",
                "eye-search",
                "demo:planted",
                group="Understand",
                order=90,
                action=Act.VIEW_MONEY,
                shown=is_there,
            )
        )
