"""Endpoints of approvals under /api/v1/."""

from django.urls import path

from approvals.api import views

urlpatterns = [
    path("requests/", views.Requests.as_view(), name="api-requests"),
    path("requests/waiting/", views.WaitingRequests.as_view(), name="api-requests-waiting"),
    path("requests/<int:pk>/", views.RequestDetail.as_view(), name="api-request"),
    path("requests/<int:pk>/submit/", views.RequestSubmit.as_view(), name="api-request-submit"),
    path(
        "requests/<int:pk>/withdraw/", views.RequestWithdraw.as_view(), name="api-request-withdraw"
    ),
    path("requests/<int:pk>/decide/", views.RequestDecide.as_view(), name="api-request-decide"),
    path(
        "requests/<int:pk>/comments/", views.RequestComments.as_view(), name="api-request-comments"
    ),
    path("approval-policy/", views.PolicyInForce.as_view(), name="api-approval-policy"),
    path("approval-policy/who/", views.WhoApproves.as_view(), name="api-approval-who"),
]
