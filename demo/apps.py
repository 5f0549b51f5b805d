from django.apps import AppConfig


class DemoConfig(AppConfig):
    name = "demo"

    def ready(self) -> None:
        from accounts.selectors import register_personas
        from core import outbox, shell
        from demo.company import later
        from demo.company.personas import demo_personas

        outbox.register_handler(later.KIND, later.handle)
        shell.register_notice(later.notice)
        register_personas(demo_personas)
