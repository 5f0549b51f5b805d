"""Endpoints of approvals under /api/v1/."""

from django.urls import path

from approvals.api import people, policies, views

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
    path("requests/<int:pk>/votes/", people.RequestVotes.as_view(), name="api-request-votes"),
    path(
        "requests/<int:pk>/mentions/", people.RequestMentions.as_view(), name="api-request-mentions"
    ),
    path("delegations/", people.Delegations.as_view(), name="api-delegations"),
    path("delegations/<int:pk>/end/", people.DelegationEnd.as_view(), name="api-delegation-end"),
    path("absences/", people.Absences.as_view(), name="api-absences"),
    path("absences/<int:pk>/end/", people.AbsenceEnd.as_view(), name="api-absence-end"),
    path("substitute/", people.OwnSubstitute.as_view(), name="api-substitute"),
    path("work-calendars/", people.WorkCalendars.as_view(), name="api-work-calendars"),
    path("approval-times/", people.ApprovalTimes.as_view(), name="api-approval-times"),
    path("requests/decide/", policies.ManyDecide.as_view(), name="api-requests-decide"),
    path("requests/<int:pk>/recall/", policies.RequestRecall.as_view(), name="api-request-recall"),
    path(
        "requests/<int:pk>/ask-again/",
        policies.RequestAskAgain.as_view(),
        name="api-request-ask-again",
    ),
    path("requests/<int:pk>/clone/", policies.RequestClone.as_view(), name="api-request-clone"),
    path("approval-policy/", policies.PolicyInForce.as_view(), name="api-approval-policy"),
    path("approval-policy/check/", policies.PolicyCheck.as_view(), name="api-approval-check"),
    path("approval-policy/effect/", policies.PolicyEffect.as_view(), name="api-approval-effect"),
    path(
        "approval-policy/versions/", policies.PolicyVersions.as_view(), name="api-approval-versions"
    ),
    path(
        "approval-policy/versions/<int:version>/",
        policies.PolicyVersion.as_view(),
        name="api-approval-version",
    ),
    path("approval-policy/who/", policies.WhoApproves.as_view(), name="api-approval-who"),
]
