"""Pages of approvals, below /approvals/."""

from django.urls import path

from approvals import views

app_name = "approvals"
urlpatterns = [
    path("", views.inbox, name="inbox"),
    path("policy/", views.policy, name="policy"),
    path("policy/edit/", views.policy_edit, name="policy-edit"),
    path("policy/effect/", views.policy_effect, name="policy-effect"),
    path("policy/versions/<int:version>/", views.policy_version, name="policy-version"),
    path("decide/", views.decide_many, name="decide-many"),
    path("times/", views.times_page, name="times"),
    path("away/", views.away_page, name="away"),
    path("away/delegate/", views.delegate, name="delegate"),
    path("away/delegations/<int:pk>/end/", views.delegation_end, name="delegation-end"),
    path("away/absent/", views.absent, name="absent"),
    path("away/absences/<int:pk>/end/", views.absence_end, name="absence-end"),
    path("away/substitute/", views.substitute, name="substitute"),
    path("hours/", views.calendar_list, name="calendars"),
    path("hours/<int:team>/", views.calendar, name="calendar"),
    path("choice/", views.choice_new, name="choice"),
    path("<int:pk>/choice/", views.choice_edit, name="choice-edit"),
    path("<int:pk>/vote/", views.vote, name="request-vote"),
    path("<int:pk>/record/", views.record, name="request-record"),
    path("<int:pk>/mentions/", views.mentions, name="request-mentions"),
    path("confirm/<str:token>/", views.confirm, name="confirm"),
    path("<int:pk>/", views.request_page, name="request"),
    path("<int:pk>/decide/", views.decide, name="request-decide"),
    path("<int:pk>/comment/", views.comment, name="request-comment"),
    path("<int:pk>/submit/", views.submit, name="request-submit"),
    path("<int:pk>/withdraw/", views.withdraw, name="request-withdraw"),
    path("<int:pk>/recall/", views.recall, name="request-recall"),
    path("<int:pk>/ask-again/", views.ask_again, name="request-ask-again"),
    path("<int:pk>/clone/", views.clone, name="request-clone"),
]
