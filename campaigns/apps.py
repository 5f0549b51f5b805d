from django.apps import AppConfig


class CampaignsConfig(AppConfig):
    name = "campaigns"

    def ready(self) -> None:
        from approvals.services import register_action, register_channels
        from campaigns.approval_actions import ApplyResult
        from campaigns.selectors import channel_names
        from campaigns.services import register_handovers

        register_handovers()
        register_channels(channel_names)
        register_action(ApplyResult())
