"""Endpoints of people, teams, tokens and the organisation under /api/v1/."""

from django.urls import path

from accounts.api import views

urlpatterns = [
    path("me/", views.Me.as_view(), name="api-me"),
    path("people/", views.People.as_view(), name="api-people"),
    path("people/<int:pk>/", views.PersonDetail.as_view(), name="api-person"),
    path(
        "people/<int:pk>/deactivate/",
        views.PersonDeactivate.as_view(),
        name="api-person-deactivate",
    ),
    path(
        "people/<int:pk>/reactivate/",
        views.PersonReactivate.as_view(),
        name="api-person-reactivate",
    ),
    path(
        "people/<int:pk>/invite-again/",
        views.PersonInviteAgain.as_view(),
        name="api-person-invite-again",
    ),
    path("people/<int:pk>/sessions/", views.PersonSessions.as_view(), name="api-person-sessions"),
    path("people/<int:pk>/roles/", views.PersonRoles.as_view(), name="api-person-roles"),
    path("roles/<int:pk>/", views.RoleDetail.as_view(), name="api-role"),
    path("proposals/", views.Proposals.as_view(), name="api-proposals"),
    path(
        "proposals/<int:pk>/confirm/", views.ProposalConfirm.as_view(), name="api-proposal-confirm"
    ),
    path("proposals/<int:pk>/reject/", views.ProposalReject.as_view(), name="api-proposal-reject"),
    path(
        "proposals/<int:pk>/withdraw/",
        views.ProposalWithdraw.as_view(),
        name="api-proposal-withdraw",
    ),
    path("teams/", views.Teams.as_view(), name="api-teams"),
    path("teams/<int:pk>/", views.TeamDetail.as_view(), name="api-team"),
    path("tokens/", views.Tokens.as_view(), name="api-tokens"),
    path("tokens/<int:pk>/", views.TokenDetail.as_view(), name="api-token"),
    path("organisation/", views.OrganisationDetail.as_view(), name="api-organisation"),
]
