"""The tree of teams: a move takes everything below along, and the rights with it."""

import contextlib
import random
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from accounts import services
from accounts.choices import Act
from accounts.models import Team, User
from accounts.permissions import may
from accounts.selectors import members_of, people_for, team_tree, teams_for
from accounts.services.teams import DEEPEST
from core.errors import AdroitError, Conflict, Invalid, NotAllowed
from tests.accounts.conftest import NOW, Enter, latest_event
from tests.cast import Cast


def move(cast: Cast, team: Team, parent: Team | None) -> Team:
    return services.team_move(team=team, parent=parent, by=cast.admin, at=NOW)


def assert_paths_are_right() -> None:
    """Every path is its parent's and its own number."""
    for team in Team.objects.select_related("parent"):
        above = team.parent.path if team.parent else ""
        assert team.path == f"{above}{team.pk:04d}/"


def test_a_move_takes_everything_below_along(cast: Cast) -> None:
    moved = move(cast, cast.europe, cast.americas)
    assert_paths_are_right()
    assert moved.path.startswith(cast.americas.path)
    assert Team.objects.get(pk=cast.dach.pk).path.startswith(moved.path)
    event = latest_event()
    assert (event.action, event.before, event.after) == (
        "team.moved",
        {"parent": "Tarn & Fell", "path": cast.europe.path},
        {"parent": "Americas", "path": moved.path},
    )


def test_rights_follow_the_tree_at_the_next_request(cast: Cast, enter: Enter) -> None:
    director, other = enter(cast.director), enter(cast.other_director)
    page = f"/people/teams/{cast.dach.pk}/"
    assert [one.get(page).status_code for one in (director, other)] == [200, 404]
    move(cast, cast.dach, cast.americas)
    assert [one.get(page).status_code for one in (director, other)] == [404, 200]
    dach = Team.objects.get(pk=cast.dach.pk)
    assert not may(User.objects.get(pk=cast.director.pk), Act.PAUSE_CAMPAIGN, team=dach)


def test_a_team_never_comes_below_itself(cast: Cast) -> None:
    for parent in (cast.europe, cast.dach):
        with pytest.raises(Conflict):
            move(cast, cast.europe, parent)
    assert_paths_are_right()


def test_teams_can_stand_at_the_top(cast: Cast) -> None:
    assert move(cast, cast.us, None).path == f"{cast.us.pk:04d}/"
    assert services.team_create(name="Lab", parent=None, by=cast.admin, at=NOW).depth == 0
    assert_paths_are_right()


@pytest.mark.parametrize("seed", range(5))
def test_no_sequence_of_moves_breaks_a_path(cast: Cast, seed: int) -> None:
    dice = random.Random(seed)
    teams = [*Team.objects.all()]
    for number in range(8):
        parent = dice.choice(teams)
        try:
            made = services.team_create(name=f"T{number}", parent=parent, by=cast.admin, at=NOW)
        except Invalid:
            continue
        teams.append(made)
    for _ in range(40):
        with contextlib.suppress(AdroitError):
            move(cast, dice.choice(teams), dice.choice([None, *teams]))
    assert_paths_are_right()
    assert max(team.depth for team in Team.objects.all()) < DEEPEST


@pytest.mark.django_db(transaction=True)
def test_two_moves_at_once_never_make_a_ring(admin_of_a_company: tuple[User, Team]) -> None:
    admin, top = admin_of_a_company
    one, other = Team.plant("One", top), Team.plant("Other", top)
    gate, refused = threading.Barrier(2, timeout=20), list[str]()

    def run(team: Team, parent: Team) -> None:
        try:
            gate.wait()
            services.team_move(team=team, parent=parent, by=admin, at=NOW)
        except Conflict:
            refused.append(team.name)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in ((one, other), (other, one))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert len(refused) == 1
    assert_paths_are_right()


@pytest.fixture
def admin_of_a_company(transactional_db: None) -> tuple[User, Team]:
    top = Team.plant("Tarn & Fell")
    user = User.objects.create_user("priya@tarnfell.test", "Priya Nair")
    user.memberships.create(team=top, role="admin")
    return user, top


@pytest.mark.parametrize(
    ("name", "error"), [("", Invalid), ("x" * 121, Invalid), ("uk", Conflict), (" UK ", Conflict)]
)
def test_names_are_needed_and_not_shared_by_neighbours(
    cast: Cast, name: str, error: type[AdroitError]
) -> None:
    with pytest.raises(error):
        services.team_create(name=name, parent=cast.europe, by=cast.admin, at=NOW)
    with pytest.raises(error):
        services.team_rename(team=cast.dach, name=name, by=cast.admin, at=NOW)
    assert services.team_create(name="UK", parent=cast.americas, by=cast.admin, at=NOW).pk


def test_a_neighbour_of_the_same_name_stops_a_move(cast: Cast) -> None:
    services.team_create(name="UK", parent=cast.americas, by=cast.admin, at=NOW)
    with pytest.raises(Conflict, match="already"):
        move(cast, cast.uk, cast.americas)
    assert_paths_are_right()


def test_an_archived_team_takes_nothing_new(cast: Cast) -> None:
    with pytest.raises(Conflict, match="below it"):
        services.team_archive(team=cast.europe, by=cast.admin, at=NOW)
    services.team_archive(team=cast.us, by=cast.admin, at=NOW)
    with pytest.raises(Conflict, match="archived"):
        services.team_create(name="East", parent=cast.us, by=cast.admin, at=NOW)
    with pytest.raises(Conflict, match="archived"):
        move(cast, cast.uk, cast.us)
    with pytest.raises(Conflict):
        services.team_archive(team=cast.us, by=cast.admin, at=NOW)
    services.team_restore(team=cast.us, by=cast.admin, at=NOW)
    with pytest.raises(Conflict):
        services.team_restore(team=cast.us, by=cast.admin, at=NOW)
    assert move(cast, cast.uk, cast.us).parent == cast.us


def test_a_team_in_an_archived_one_is_not_restored(cast: Cast) -> None:
    services.team_archive(team=cast.us, by=cast.admin, at=NOW)
    services.team_archive(team=cast.americas, by=cast.admin, at=NOW)
    with pytest.raises(Conflict, match="Americas is archived"):
        services.team_restore(team=cast.us, by=cast.admin, at=NOW)


@pytest.mark.parametrize("who", ["executive", "director", "manager", "analyst", "auditor"])
def test_only_administrators_change_the_tree(cast: Cast, who: str) -> None:
    by, dach = getattr(cast, who), cast.dach
    changes: list[tuple[Callable[..., Any], dict[str, Any]]] = [
        (services.team_create, {"name": "X", "parent": dach}),
        (services.team_rename, {"name": "X", "team": dach}),
        (services.team_move, {"team": dach, "parent": cast.us}),
        (services.team_archive, {"team": cast.us}),
        (services.team_restore, {"team": cast.us}),
    ]
    for change, given in changes:
        with pytest.raises(NotAllowed):
            change(by=by, at=NOW, **given)


def test_who_sees_which_teams_and_people(cast: Cast) -> None:
    def names(user: User) -> tuple[str, str]:
        teams = ", ".join(sorted(team.name for team in teams_for(user)))
        people = ", ".join(sorted(one.name.split()[0] for one in people_for(user)))
        return teams, people

    everyone = ", ".join(sorted(user.name.split()[0] for user in cast.all()))
    assert names(cast.admin)[1] == names(cast.auditor)[1] == names(cast.executive)[1] == everyone
    assert names(cast.director) == (
        "DACH, Europe, UK",
        "Ada, Ben, Eilidh, Greta, Ivo, Jonas, Mara, Otto, Priya",
    )
    assert names(cast.other_manager) == ("US", "Ben, Dana, Greta, Ivo, Otto, Priya, Rosa")
    assert names(cast.nobody) == ("", "Nils")


def test_somebody_who_left_is_seen_only_by_those_who_see_everybody(cast: Cast) -> None:
    User.objects.filter(pk=cast.manager.pk).update(is_active=False)
    assert cast.manager in people_for(cast.admin)
    assert cast.manager not in people_for(cast.director)


def test_the_pages_show_and_change_the_tree(cast: Cast, enter: Enter) -> None:
    admin = enter(cast.admin)
    assert admin.get("/people/teams/").content.decode().count("\u2003") == 8
    assert admin.get(f"/people/teams/new/?parent={cast.europe.pk}").status_code == 200
    form = {"name": "Nordics", "parent": cast.europe.pk}
    assert admin.post("/people/teams/new/", form).status_code == 302
    assert admin.post("/people/teams/new/", form).status_code == 422
    nordics = Team.objects.get(name="Nordics")
    edit = f"/people/teams/{nordics.pk}/edit/"
    offered = str(admin.get(edit).context["form"].fields["parent"].queryset)
    assert "Nordics" not in offered
    assert admin.post(edit, {"name": "North", "parent": cast.us.pk}).status_code == 302
    nordics.refresh_from_db()
    assert (nordics.name, nordics.parent) == ("North", cast.us)
    page = f"/people/teams/{nordics.pk}/"
    assert "Rosa Diaz" in admin.get(page).content.decode()
    assert admin.post(page + "archive/").status_code == 302
    assert "Archived" in admin.get(page).content.decode()
    assert admin.post(page + "restore/").status_code == 302
    assert enter(cast.director).post("/people/teams/new/", form).status_code == 403


def test_a_team_page_lists_the_nearest_say_first(cast: Cast) -> None:
    names = [one.user.name for one in members_of(cast.dach)]
    assert names[:3] == ["Jonas Weber", "Ada Novak", "Mara Lindqvist"]
    assert set(names[3:]) == {
        "Greta Holm", "Ivo Marek", "Priya Nair", "Otto Berg", "Ben Okafor",
    }  # fmt: skip


def test_the_tree_counts_people_and_children(cast: Cast) -> None:
    counted: list[Any] = list(team_tree(cast.executive))
    rows = [(team.name, team.people_count, team.child_count) for team in counted]
    assert rows[:2] == [("Tarn & Fell", 5, 2), ("Europe", 2, 2)]
