"""Pages of approvals, below /approvals/."""

from django.urls import path

from approvals import views

app_name = "approvals"
urlpatterns = [
    path("", views.inbox, name="inbox"),
    path("policy/", views.policy, name="policy"),
    path("confirm/<str:token>/", views.confirm, name="confirm"),
    path("<int:pk>/", views.request_page, name="request"),
    path("<int:pk>/decide/", views.decide, name="request-decide"),
    path("<int:pk>/comment/", views.comment, name="request-comment"),
    path("<int:pk>/submit/", views.submit, name="request-submit"),
    path("<int:pk>/withdraw/", views.withdraw, name="request-withdraw"),
]
