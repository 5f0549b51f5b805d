"""Endpoints of campaigns under /api/v1/."""

from django.urls import path

from campaigns.api import views

urlpatterns = [
    path("campaigns/", views.Campaigns.as_view(), name="api-campaigns"),
    path("campaigns/<int:pk>/", views.CampaignDetail.as_view(), name="api-campaign"),
    path("campaigns/<int:pk>/moves/", views.CampaignMove.as_view(), name="api-campaign-moves"),
    path("campaigns/<int:pk>/changes/", views.Optimisations.as_view(), name="api-campaign-changes"),
]
