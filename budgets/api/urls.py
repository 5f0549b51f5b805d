"""Endpoints of budgets under /api/v1/."""

from django.urls import path

from budgets.api import views

urlpatterns = [
    path("fiscal-years/", views.Years.as_view(), name="api-fiscal-years"),
    path("fiscal-years/<int:year>/months/", views.YearMonths.as_view(), name="api-budget-months"),
    path("budget-lines/", views.Lines.as_view(), name="api-budget-lines"),
    path("budget-lines/<int:pk>/", views.LineDetail.as_view(), name="api-budget-line"),
    path(
        "budget-lines/<int:pk>/plan/<str:month>/",
        views.LinePlan.as_view(),
        name="api-budget-line-plan",
    ),
    path("fx-rates/", views.Rates.as_view(), name="api-fx-rates"),
]
