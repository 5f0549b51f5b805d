"""Pages of goals, below /goals/."""

from django.urls import path

from metrics.views import goals, lineage, months, restatements, tree

app_name = "metrics"
urlpatterns = [
    path("", goals.goals, name="goals"),
    path("new/", goals.create, name="create"),
    path("<int:pk>/", goals.goal, name="goal"),
    path("<int:pk>/edit/", goals.edit, name="edit"),
    path("<int:pk>/retire/", goals.retire, name="retire"),
    path("lineage/", lineage.behind, name="lineage"),
    path("lineage/<int:batch>/<int:line>/<str:day>/", lineage.rows, name="lineage-rows"),
    path("restatements/", restatements.report, name="restatements"),
    path("months/", months.months, name="months"),
    path("months/<str:key>/", months.month, name="month"),
    path("months/<str:key>/close/", months.close, name="month-close"),
    path("metrics/", tree.tree, name="tree"),
    path("metrics/<slug:key>/", tree.metric, name="metric"),
]
