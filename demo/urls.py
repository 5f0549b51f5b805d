"""The demo company's own page, below /demo/."""

from django.urls import path

from demo import views

app_name = "demo"
urlpatterns = [path("planted/", views.planted, name="planted")]
