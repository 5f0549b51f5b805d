"""Upload a file, look at what it is, decide, import it, take it back."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.choices import Act
from accounts.models import User
from accounts.permissions import can, gate, may, person
from core import clock
from core.errors import AdroitError
from core.exports import export_response
from core.pages import invalid, page, redirect_to
from integrations import services
from integrations.choices import RunState
from integrations.forms import RunFilter, UploadForm
from integrations.models import ImportRun
from integrations.selectors import decidable, depends_on
from integrations.views import preview, shown
from integrations.views.typed import typed

OPEN = (RunState.UPLOADED, RunState.CHECKED)


def _runs(user: User) -> Any:
    return ImportRun.objects.for_user(user).select_related("team", "source", "uploaded_by", "batch")


def _run(user: User, pk: int) -> ImportRun:
    run: ImportRun = get_object_or_404(_runs(user), pk=pk)
    return run


def _url(run: ImportRun) -> str:
    return reverse("integrations:run", args=[run.pk])


@gate(Act.VIEW_CAMPAIGNS)
@require_http_methods(["GET", "POST"])
def imports(request: HttpRequest) -> HttpResponse:
    """The import centre; a POST uploads and checks a file."""
    user = person(request)
    may_upload = can(user, Act.UPLOAD_IMPORT)
    form = UploadForm(user, request.POST or None, request.FILES or None) if may_upload else None
    if request.method == "POST" and form and form.is_valid():
        try:
            return redirect_to(request, _url(_upload(user, form)))
        except AdroitError as error:
            form.add_error("file", f"{error.message} {error.remedy}".strip())
    filtered = RunFilter(request.GET, _runs(user), request=request)
    table = shown.RunTable(request, filtered.qs)
    if wanted := request.GET.get("export"):
        return export_response(table, wanted, title="Imports", as_of=clock.now())
    waiting = decidable(_runs(user)).count()
    context = {
        "title": _title(waiting),
        "form": form,
        "table": table,
        "filters": filtered.form,
        "may_see_files": can(user, Act.VIEW_MONEY),
        "crumbs": [("Imports", "")],
    }
    answer = invalid if form and form.is_bound and form.errors else page
    return answer(request, "integrations/imports.html", context, fragment="imports")


def _title(waiting: int) -> str:
    if not waiting:
        return "Import an export of your ad platform"
    return (
        "One upload waits for a decision"
        if waiting == 1
        else f"{waiting} uploads wait for a decision"
    )


def _upload(user: User, form: UploadForm) -> ImportRun:
    data = form.cleaned_data
    run = services.run_upload(
        team=data["team"],
        file=data["file"],
        name=data["file"].name,
        source=data["source"],
        settings=form.said(),
        user=user,
        actor=user.as_actor(),
        at=clock.now(),
    )
    services.run_check(run, today=clock.today())
    return run


@gate(Act.VIEW_CAMPAIGNS)
@require_safe
def run(request: HttpRequest, pk: int) -> HttpResponse:
    user = person(request)
    found = _run(user, pk)
    is_open = found.state in OPEN
    own = _is_own(user, found)
    stands = found.state == RunState.IMPORTED
    may_undo = stands and may(user, Act.UNDO_IMPORT, team=found.team, owner_id=found.uploaded_by_id)
    quarantine = shown.QuarantineTable(request, shown.quarantine(found))
    if wanted := request.GET.get("export"):
        return export_response(quarantine, wanted, title=f"Quarantine of {found.file_name}")
    context = {
        "run": found,
        "title": shown.title(found),
        "steps": shown.life(found),
        "facts": shown.facts(found, clock.today()),
        "columns": preview.columns(found),
        "questions": preview.questions(found),
        "groups": preview.problem_groups(found),
        "file_problems": preview.file_problems(found),
        "sample": preview.sample(found),
        "sums": preview.sums(found),
        "stopped": found.check_result.get("stopped", ""),
        "may_stop": own,
        **shown.progress(found),
        "controls": preview.controls(found),
        "how": preview.how(found),
        "is_customers": shown.is_customers(found),
        "noun": shown.noun(found),
        "earlier": shown.earlier(found) if is_open else None,
        "quarantine": quarantine,
        "may_work": is_open and own,
        "may_override": bool(services.overridable(found))
        and may(
            user, Act.OVERRIDE_TOTAL, team=found.team, contributors=[found.uploaded_by_id or 0]
        ),
        "may_import": is_open and own and found.verdict in ("ACCEPT", "PARTIAL"),
        "may_undo": may_undo,
        "who_undoes": shown.who_undoes(found) if stands and not may_undo else "",
        "live": f"importrun:{found.pk}",
        "crumbs": [("Imports", reverse("integrations:imports")), (found.file_name, "")],
    }
    return page(request, "integrations/run.html", context)


@gate(Act.UPLOAD_IMPORT)
@require_POST
def check(request: HttpRequest, pk: int) -> HttpResponse:
    """Read the file again with the answers and columns a person gave."""
    user = person(request)
    found = _run(user, pk)
    answers = {
        key.removeprefix("answer.").replace("\0", ""): typed(request, key)
        for key, value in request.POST.items()
        if key.startswith("answer.") and value
    }
    services.run_answer(
        found,
        user=user,
        answers=answers,
        columns=_columns(found, request),
        today=clock.today(),
        at=clock.now(),
    )
    return redirect_to(request, _url(found))


def _columns(found: ImportRun, request: HttpRequest) -> dict[str, str]:
    """Only what the person changed: target -> header, "" for a proposal that was taken away."""
    chosen = dict(found.check_result.get("chosen", {}))
    for column in found.check_result.get("columns", []):
        if (name := f"column.{column['position']}") not in request.POST:
            continue
        wanted = typed(request, name)
        if wanted == column["target"]:
            continue
        if column["target"]:
            chosen[column["target"]] = ""
        if wanted:
            chosen[wanted] = column["header"]
    return chosen


@gate(Act.UPLOAD_IMPORT, Act.CONFIRM_PARTIAL)
@require_POST
def import_run(request: HttpRequest, pk: int) -> HttpResponse:
    user = person(request)
    found = _run(user, pk)
    if services.is_large(found):
        confirm = found.verdict == "PARTIAL"
        services.run_import_later(found, user=user, confirm=confirm, at=clock.now())
        return redirect_to(request, _url(found))
    result = services.run_import(
        found,
        actor=user.as_actor(),
        user=user,
        at=clock.now(),
        today=clock.today(),
        confirm=found.verdict == "PARTIAL",
    )
    if result.batch is None:
        messages.info(request, "Nothing changed: all of this file was known already.")
    else:
        messages.success(
            request,
            f"{result.inserted:,} new {shown.noun(found)} and {result.changed:,} restated ones. "
            "A director of the team or finance can take it back in one step.",
        )
    return redirect_to(request, _url(found))


@gate(Act.VIEW_CAMPAIGNS)
@require_safe
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """How far a worker is with a large file: the bar that asks again each second, or its end."""
    found = _run(person(request), pk)
    context = {
        **shown.progress(found),
        "may_stop": _is_own(person(request), found),
        "title": f"Importing {found.file_name}",
        "crumbs": [("Imports", reverse("integrations:imports")), (found.file_name, _url(found))],
    }
    return page(request, "integrations/importing.html", context, fragment="work")


@gate(Act.UPLOAD_IMPORT)
@require_POST
def stop(request: HttpRequest, pk: int) -> HttpResponse:
    user = person(request)
    found = _run(user, pk)
    services.import_stop(found, user=user, at=clock.now())
    messages.success(request, "It stops; nothing of the file is written.")
    return redirect_to(request, _url(found))


def _is_own(user: User, found: ImportRun) -> bool:
    return may(user, Act.UPLOAD_IMPORT, team=found.team, owner_id=found.uploaded_by_id)


@gate(Act.UNDO_IMPORT)
@require_http_methods(["GET", "POST"])
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """What stands on this import, before it is taken back; a POST takes it back."""
    user = person(request)
    found = _run(user, pk)
    if request.method == "GET":
        return _before_undo(request, found, user)
    services.run_undo(found, user=user, reason=typed(request, "reason"), at=clock.now())
    messages.success(request, "The facts are what they were before this import.")
    return redirect_to(request, _url(found))


def _before_undo(request: HttpRequest, found: ImportRun, user: User) -> HttpResponse:
    standing = depends_on(found, user)
    context = {
        "run": found,
        "title": f"Take back {found.file_name}?",
        "groups": [
            (what, list(items)) for what, items in groupby(standing, key=lambda item: item.what)
        ],
        "count": len(standing),
        "crumbs": [
            ("Imports", reverse("integrations:imports")),
            (found.file_name, _url(found)),
            ("Take back", ""),
        ],
    }
    return page(request, "integrations/undo.html", context, fragment="drawer")


@gate(Act.OVERRIDE_TOTAL)
@require_POST
def override(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a file pass although it does not add up, as a second person and with a reason."""
    found = _run(person(request), pk)
    services.run_override(
        found,
        user=person(request),
        reason=typed(request, "reason"),
        today=clock.today(),
        at=clock.now(),
    )
    messages.success(request, "The file may pass; whoever uploaded it can import it now.")
    return redirect_to(request, _url(found))


@gate(Act.UPLOAD_IMPORT)
@require_POST
def discard(request: HttpRequest, pk: int) -> HttpResponse:
    user = person(request)
    services.run_discard(_run(user, pk), user=user, at=clock.now())
    messages.success(request, "The upload was put aside.")
    return redirect_to(request, reverse("integrations:imports"))


@gate(Act.UPLOAD_IMPORT)
@require_safe
def download(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The file as it was uploaded; never shown in the browser."""
    found = _run(person(request), pk)
    file = services.stored_file(found)
    return FileResponse(file, as_attachment=True, filename=found.file_name)
