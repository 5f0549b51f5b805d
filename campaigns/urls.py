"""Pages on which campaigns are made and changed, below /campaigns/."""

from django.urls import path

from campaigns.views import campaigns, experiments, initiatives

app_name = "campaigns"
urlpatterns = [
    path("new/", campaigns.create, name="create"),
    path("bulk/", campaigns.bulk, name="bulk"),
    path("<int:pk>/edit/", campaigns.edit, name="edit"),
    path("<int:pk>/clone/", campaigns.clone, name="clone"),
    path("<int:pk>/move/", campaigns.move, name="move"),
    path("<int:pk>/lines/new/", campaigns.line_add, name="line-add"),
    path("<int:pk>/creatives/new/", campaigns.creative, name="creative-add"),
    path("<int:pk>/creatives/<int:creative_pk>/", campaigns.creative, name="creative-edit"),
    path("<int:pk>/changes/new/", campaigns.log_change, name="log"),
    path("<int:pk>/changes/<int:optimisation_pk>/undo/", campaigns.undo_change, name="log-undo"),
    path("experiments/new/", experiments.create, name="experiment-create"),
    path("experiments/size/", experiments.size, name="experiment-size"),
    path("experiments/<int:pk>/edit/", experiments.edit, name="experiment-edit"),
    path("experiments/<int:pk>/step/", experiments.step, name="experiment-step"),
    path("experiments/<int:pk>/readings/", experiments.readings, name="experiment-readings"),
    path("initiatives/new/", initiatives.create, name="initiative-create"),
    path("initiatives/<int:pk>/edit/", initiatives.edit, name="initiative-edit"),
    path("initiatives/<int:pk>/delete/", initiatives.delete, name="initiative-delete"),
    path("initiatives/<int:pk>/milestones/new/", initiatives.milestone, name="milestone-add"),
    path(
        "initiatives/<int:pk>/milestones/<int:milestone_pk>/",
        initiatives.milestone,
        name="milestone-edit",
    ),
    path(
        "initiatives/<int:pk>/milestones/<int:milestone_pk>/remove/",
        initiatives.milestone_remove,
        name="milestone-remove",
    ),
]
