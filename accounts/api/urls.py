"""Endpoints of people, teams, tokens and the organisation under /api/v1/."""

from django.urls import path

from accounts.api import leaving, saved_views, views

urlpatterns = [
    path("me/", views.Me.as_view(), name="api-me"),
    path("me/sign-ins/", leaving.SignIns.as_view(), name="api-sign-ins"),
    path("me/sign-ins/<int:pk>/", leaving.SignInDetail.as_view(), name="api-sign-in"),
    path("saved-views/", saved_views.Views.as_view(), name="api-saved-views"),
    path("saved-views/<int:pk>/", saved_views.ViewDetail.as_view(), name="api-saved-view"),
    path(
        "saved-views/<int:pk>/undelete/",
        saved_views.ViewUndelete.as_view(),
        name="api-saved-view-undelete",
    ),
    path("people/<int:pk>/handover/", leaving.Handover.as_view(), name="api-person-handover"),
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
