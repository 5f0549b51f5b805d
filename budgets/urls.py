"""Pages of budgets, below /budgets/."""

from django.urls import path

from budgets import views

app_name = "budgets"
urlpatterns = [
    path("", views.centre, name="centre"),
    path("cell/", views.cell_edit, name="cell-edit"),
    path("years/new/", views.year_open, name="year-open"),
    path("lines/new/", views.line_create, name="line-create"),
    path("lines/<int:pk>/edit/", views.line_edit, name="line-edit"),
    path("move/", views.reallocate, name="reallocate"),
    path("move/proof/", views.proof, name="reallocate-proof"),
    path("move/<int:pk>/", views.reallocate_edit, name="reallocate-edit"),
    path("rates/", views.rates, name="rates"),
]
