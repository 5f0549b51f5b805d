"""Pages of goals, below /goals/."""

from django.urls import path

from metrics.views import goals, tree

app_name = "metrics"
urlpatterns = [
    path("", goals.goals, name="goals"),
    path("new/", goals.create, name="create"),
    path("<int:pk>/", goals.goal, name="goal"),
    path("<int:pk>/edit/", goals.edit, name="edit"),
    path("<int:pk>/retire/", goals.retire, name="retire"),
    path("metrics/", tree.tree, name="tree"),
    path("metrics/<slug:key>/", tree.metric, name="metric"),
]
