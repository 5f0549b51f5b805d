"""Pages on which campaigns are made and changed, below /campaigns/."""

from django.urls import path

from campaigns import views

app_name = "campaigns"
urlpatterns = [
    path("new/", views.create, name="create"),
    path("bulk/", views.bulk, name="bulk"),
    path("<int:pk>/edit/", views.edit, name="edit"),
    path("<int:pk>/clone/", views.clone, name="clone"),
    path("<int:pk>/move/", views.move, name="move"),
    path("<int:pk>/lines/new/", views.line_add, name="line-add"),
    path("<int:pk>/creatives/new/", views.creative, name="creative-add"),
    path("<int:pk>/creatives/<int:creative_pk>/", views.creative, name="creative-edit"),
    path("<int:pk>/changes/new/", views.log_change, name="log"),
    path("<int:pk>/changes/<int:optimisation_pk>/undo/", views.undo_change, name="log-undo"),
]
