"""Pages of the shared floor."""

from django.urls import path

from core import gallery

app_name = "core"
urlpatterns = [
    path("gallery/", gallery.gallery, name="gallery"),
    path("gallery/work/", gallery.work, name="gallery_work"),
]
