from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "core"
    verbose_name = "Core"

    def ready(self) -> None:
        from core import outbox, schedules, tasks

        outbox.register_dispatcher(tasks.wake)
        outbox.register_handler("schedule", schedules.handle)
