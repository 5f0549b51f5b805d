"""Settings: people, teams, roles, tokens, the organisation and one's own account."""

from django.urls import URLPattern, URLResolver, path

from accounts.views import (
    account,
    handover,
    organisation,
    people,
    proposals,
    saved_views,
    teams,
)

app_name = "accounts"
urlpatterns = [
    path("", people.people, name="people"),
    path("settings/", account.settings_home, name="settings"),
    path("invite/", people.invite, name="person-invite"),
    path("<int:pk>/", people.show, name="person"),
    path("<int:pk>/edit/", people.edit, name="person-edit"),
    path("<int:pk>/invite-again/", people.invite_again, name="person-invite-again"),
    path("<int:pk>/deactivate/", people.deactivate, name="person-deactivate"),
    path("<int:pk>/handover/", handover.handover, name="person-handover"),
    path("<int:pk>/reactivate/", people.reactivate, name="person-reactivate"),
    path("<int:pk>/end-sessions/", people.end_sessions, name="person-end-sessions"),
    path("<int:pk>/roles/", people.give_role, name="role-give"),
    path("roles/<int:pk>/take/", people.take_role, name="role-take"),
    path("roles/<int:pk>/limit/", people.limit_role, name="role-limit"),
    path("proposals/", proposals.proposals, name="proposals"),
    path("proposals/<int:pk>/confirm/", proposals.confirm, name="proposal-confirm"),
    path("proposals/<int:pk>/reject/", proposals.reject, name="proposal-reject"),
    path("proposals/<int:pk>/withdraw/", proposals.withdraw, name="proposal-withdraw"),
    path("teams/", teams.teams, name="teams"),
    path("teams/new/", teams.create, name="team-create"),
    path("teams/<int:pk>/", teams.show, name="team"),
    path("teams/<int:pk>/edit/", teams.edit, name="team-edit"),
    path("teams/<int:pk>/archive/", teams.archive, name="team-archive"),
    path("teams/<int:pk>/restore/", teams.restore, name="team-restore"),
    path("me/", account.me, name="me"),
    path("me/tokens/", account.create_token, name="token-create"),
    path("me/sign-ins/end-others/", account.end_other_sign_ins, name="sign-in-end-others"),
    path("me/sign-ins/<int:pk>/end/", account.end_sign_in, name="sign-in-end"),
    path("me/second-factor/", account.second_factor, name="second-factor"),
    path("views/new/", saved_views.new, name="view-new"),
    path("views/<int:pk>/", saved_views.show, name="view"),
    path("views/<int:pk>/edit/", saved_views.edit, name="view-edit"),
    path("views/<int:pk>/delete/", saved_views.delete, name="view-delete"),
    path("views/<int:pk>/undelete/", saved_views.undelete, name="view-undelete"),
    path("tokens/", account.tokens, name="tokens"),
    path("tokens/<int:pk>/revoke/", account.revoke_token, name="token-revoke"),
    path("organisation/", organisation.organisation, name="organisation"),
]

# Mounted before the sign-in package's own pages: an address is changed by nobody but an
# administrator with a new invitation, and sessions stand on the account page.
closed: list[URLPattern | URLResolver] = [
    path("email/", account.elsewhere, name="account_email"),
    path("confirm-email/", account.elsewhere, name="account_email_verification_sent"),
    path("confirm-email/<str:key>/", account.elsewhere, name="account_confirm_email"),
    path("sessions/", account.elsewhere, name="usersessions_list"),
]
