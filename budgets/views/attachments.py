"""Files kept with orders, bills and tools: taken in, given out, taken away."""

from __future__ import annotations

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST, require_safe

from accounts.choices import Act
from accounts.permissions import gate, person
from budgets.models import Attachment
from budgets.selectors.attachments import attachments_for
from budgets.services.attachments import Target, attachment_add, attachment_delete, target_of
from budgets.views.orders.shown import find_order
from core import clock
from core.errors import Invalid
from core.pages import redirect_to

KEEPS_FILES = (Act.DRAFT_REQUEST, Act.CLOSE_PERIOD)


def keep_upload(request: HttpRequest, target: Target) -> HttpResponse:
    """Keep the file of a post with its target; the end of every upload view."""
    upload = request.FILES.get("file")
    if not isinstance(upload, UploadedFile):
        raise Invalid("Choose a file first.", where="file")
    kept = attachment_add(target=target, user=person(request), upload=upload, at=clock.now())
    messages.success(request, f"{kept.name} is kept with {target}.")
    return redirect_to(request, target.get_absolute_url())


def give_out(attachment: Attachment) -> FileResponse:
    """The file as a download that no browser runs, whatever it contains."""
    answer = FileResponse(
        attachment.file.open("rb"),
        as_attachment=True,
        filename=attachment.name,
        content_type="application/octet-stream",
    )
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


@gate(*KEEPS_FILES)
@require_POST
def order_attach(request: HttpRequest, pk: int) -> HttpResponse:
    return keep_upload(request, find_order(person(request), pk))


@gate(Act.VIEW_MONEY)
@require_safe
def attachment(request: HttpRequest, pk: int) -> HttpResponseBase:
    return give_out(get_object_or_404(attachments_for(person(request)), pk=pk))


@gate(*KEEPS_FILES)
@require_POST
def attachment_remove(request: HttpRequest, pk: int) -> HttpResponse:
    user = person(request)
    found = get_object_or_404(attachments_for(user), pk=pk)
    target = target_of(found)
    attachment_delete(attachment=found, user=user, at=clock.now())
    messages.success(request, "The file is gone.")
    return redirect_to(request, target.get_absolute_url())
