"""Endpoints of campaigns under /api/v1/."""

from django.urls import path

from campaigns.api import experiments, initiatives, parts, views

urlpatterns = [
    path("channels/", parts.Channels.as_view(), name="api-channels"),
    path("ad-accounts/", parts.AdAccounts.as_view(), name="api-ad-accounts"),
    path("audiences/", parts.Audiences.as_view(), name="api-audiences"),
    path("campaigns/", views.Campaigns.as_view(), name="api-campaigns"),
    path("campaigns/bulk/", views.CampaignsBulk.as_view(), name="api-campaigns-bulk"),
    path("campaigns/<int:pk>/", views.CampaignDetail.as_view(), name="api-campaign"),
    path("campaigns/<int:pk>/clone/", views.CampaignClone.as_view(), name="api-campaign-clone"),
    path("campaigns/<int:pk>/moves/", views.CampaignMove.as_view(), name="api-campaign-moves"),
    path(
        "campaigns/<int:pk>/history/", views.CampaignHistory.as_view(), name="api-campaign-history"
    ),
    path("campaigns/<int:pk>/lines/", parts.Lines.as_view(), name="api-campaign-lines"),
    path(
        "campaigns/<int:pk>/lines/<int:line_pk>/",
        parts.LineDetail.as_view(),
        name="api-campaign-line",
    ),
    path("campaigns/<int:pk>/creatives/", parts.Creatives.as_view(), name="api-campaign-creatives"),
    path(
        "campaigns/<int:pk>/creatives/<int:creative_pk>/",
        parts.CreativeDetail.as_view(),
        name="api-campaign-creative",
    ),
    path("campaigns/<int:pk>/changes/", parts.Optimisations.as_view(), name="api-campaign-changes"),
    path(
        "campaigns/<int:pk>/changes/<int:optimisation_pk>/undo/",
        parts.OptimisationUndo.as_view(),
        name="api-campaign-change-undo",
    ),
    path("experiments/", experiments.Experiments.as_view(), name="api-experiments"),
    path("experiments/size/", experiments.ExperimentSize.as_view(), name="api-experiment-size"),
    path("experiments/<int:pk>/", experiments.ExperimentDetail.as_view(), name="api-experiment"),
    path(
        "experiments/<int:pk>/steps/",
        experiments.ExperimentSteps.as_view(),
        name="api-experiment-steps",
    ),
    path(
        "experiments/<int:pk>/readings/",
        experiments.ExperimentReadings.as_view(),
        name="api-experiment-readings",
    ),
    path("initiatives/", initiatives.Initiatives.as_view(), name="api-initiatives"),
    path("initiatives/<int:pk>/", initiatives.InitiativeDetail.as_view(), name="api-initiative"),
    path(
        "initiatives/<int:pk>/milestones/",
        initiatives.Milestones.as_view(),
        name="api-initiative-milestones",
    ),
    path(
        "initiatives/<int:pk>/milestones/<int:milestone_pk>/",
        initiatives.MilestoneDetail.as_view(),
        name="api-initiative-milestone",
    ),
]
