"""People, the tree of teams, who may do what where, and tokens that act for a person."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower

from accounts.choices import Role
from core.events import Actor


class Scope:
    """The part of the team tree somebody sees: everything, or the subtrees under ``paths``."""

    __slots__ = ("everything", "paths")

    def __init__(self, *, everything: bool = False, paths: tuple[str, ...] = ()) -> None:
        self.everything = everything
        self.paths = paths

    def holds(self, team_path: str) -> bool:
        """Whether a team (or what belongs to it) is inside."""
        return self.everything or any(team_path.startswith(path) for path in self.paths)

    def where(self, field: str) -> Q:
        """The filter that keeps only what is inside; ``field`` leads to ``Team.path``."""
        if self.everything:
            return Q()
        inside = Q(pk__in=[])
        for path in self.paths:
            inside |= Q(**{f"{field}__startswith": path})
        return inside


class UserManager(BaseUserManager["User"]):
    def create_user(
        self, email: str, name: str, password: str | None = None, **fields: Any
    ) -> User:
        """A person who signs in by e-mail; without a password only a reset link lets them in."""
        user = self.model(email=self.normalize_email(email).lower(), name=name, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(
        self, email: str, name: str, password: str | None = None, **fields: Any
    ) -> User:
        return self.create_user(email, name, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """A person. What they may do comes from memberships alone, never from ``is_superuser``."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120)
    title = models.CharField(max_length=120, blank=True)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField("may open the Django admin", default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(Lower("email"), name="accounts_user_email_once")]

    def __str__(self) -> str:
        return self.name

    def as_actor(self) -> Actor:
        """This person in the trail."""
        return Actor(self.name, self.pk)

    def current_memberships(self) -> list[Membership]:
        """Memberships with their teams, read once per loaded user (so once per request)."""
        cached: list[Membership] | None = self.__dict__.get("_memberships")
        if cached is None:
            cached = list(self.memberships.select_related("team")) if self.is_active else []
            self.__dict__["_memberships"] = cached
        return cached

    def forget_memberships(self) -> None:
        """Read the memberships again when next asked, because they have changed."""
        self.__dict__.pop("_memberships", None)

    def refresh_from_db(self, *args: Any, **kwargs: Any) -> None:
        self.forget_memberships()
        super().refresh_from_db(*args, **kwargs)

    @property
    def roles(self) -> frozenset[str]:
        return frozenset(m.role for m in self.current_memberships())

    @property
    def initials(self) -> str:
        words = self.name.split()
        return (words[0][:1] + words[-1][:1] if len(words) > 1 else self.name[:2]).upper()


class Team(models.Model):
    """A team in the tree; ``path`` ("0001/0004/") holds the numbers from the root to itself."""

    name = models.CharField(max_length=120)
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="children"
    )
    path = models.CharField(max_length=200, unique=True, db_index=True)
    is_archived = models.BooleanField(default=False)

    class Meta:
        ordering = ["path"]
        constraints = [
            models.UniqueConstraint(F("parent"), Lower("name"), name="accounts_team_name_once")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def depth(self) -> int:
        return self.path.count("/") - 1

    @classmethod
    def plant(cls, name: str, parent: Team | None = None) -> Self:
        """Create a team under ``parent`` and give it its path."""
        team = cls.objects.create(name=name, parent=parent, path=f"new-{name}"[:200])
        team.path = f"{parent.path if parent else ''}{team.pk:04d}/"
        team.save(update_fields=["path"])
        return team


class Membership(models.Model):
    """A role that a person holds for a team and everything below it."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=12, choices=Role.choices)
    # What this person may decide at most, in micros of the reporting currency; the
    # policy's limits of the role hold besides. Empty: only those.
    limit_micros = models.BigIntegerField(null=True, blank=True)

    class Meta:
        ordering = ["team__path", "role"]
        # Roles that exclude each other are refused by the trigger accounts_separate_duties.
        constraints = [
            models.UniqueConstraint(
                fields=["user", "team", "role"], name="accounts_membership_once"
            ),
            models.CheckConstraint(
                condition=Q(limit_micros__gte=0), name="accounts_limit_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_role_display()} of {self.team}"


class Proposal(models.Model):
    """A change that needs two people: one proposes it, a second one confirms or rejects it.

    A role that is given or taken names ``user``, ``team`` and ``role``; a change of how
    the books are kept names the fields of the organisation in ``changes``.
    """

    class Kind(models.TextChoices):
        GIVE_ROLE = "give_role", "Give a role"
        TAKE_ROLE = "take_role", "Take a role away"
        BOOKS = "books", "Change how the books are kept"

    class State(models.TextChoices):
        OPEN = "open", "Waiting for a second person"
        CONFIRMED = "confirmed", "Confirmed"
        REJECTED = "rejected", "Rejected"
        WITHDRAWN = "withdrawn", "Withdrawn"
        EXPIRED = "expired", "Expired"

    kind = models.CharField(max_length=12, choices=Kind.choices)
    state = models.CharField(max_length=12, choices=State.choices, default=State.OPEN)
    user = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="proposals")
    team = models.ForeignKey(Team, null=True, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=12, choices=Role.choices, blank=True)
    limit_micros = models.BigIntegerField(null=True)
    changes = models.JSONField(default=dict)
    reason = models.TextField()
    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    decided_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    answer = models.TextField(blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state__in=["confirmed", "rejected"])
                | (Q(decided_by__isnull=False) & ~Q(decided_by=F("proposed_by"))),
                name="accounts_proposal_two_people",
            ),
            models.CheckConstraint(
                condition=Q(user__isnull=True)
                | (
                    ~Q(user=F("proposed_by"))
                    & (
                        ~Q(state="confirmed")
                        | Q(decided_by__isnull=True)
                        | ~Q(user=F("decided_by"))
                    )
                ),
                name="accounts_proposal_not_oneself",
            ),
            models.UniqueConstraint(
                fields=["kind", "user", "team", "role"],
                condition=Q(state="open"),
                nulls_distinct=False,
                name="accounts_proposal_open_once",
            ),
        ]

    def __str__(self) -> str:
        if self.kind == self.Kind.BOOKS:
            return self.get_kind_display()
        verb = "from" if self.kind == self.Kind.TAKE_ROLE else "for"
        return f"{self.get_role_display()} of {self.team} {verb} {self.user}"


class ApiToken(models.Model):
    """Acts for its owner with at most the owner's rights of that moment; only a digest is kept."""

    class Access(models.TextChoices):
        READ = "read", "Read"
        WRITE = "write", "Read and write, without approving"
        APPROVE = "approve", "Read, write and approve"
        EVENTS = "events", "Send events and nothing else"

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=80)
    access = models.CharField(max_length=8, choices=Access.choices, default=Access.READ)
    prefix = models.CharField(max_length=12)
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("created_at")), name="accounts_token_expires"
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    def is_alive(self, now: datetime) -> bool:
        """Neither revoked nor expired."""
        return self.revoked_at is None and self.expires_at > now


class SavedView(models.Model):
    """A list with its filters, sorting and columns, kept under a name.

    ``page`` is the name of the list's address; ``team`` shares it with everybody who
    works there, below or above.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="saved_views")
    page = models.CharField(max_length=80)
    name = models.CharField(max_length=80)
    query = models.TextField(blank=True)
    team = models.ForeignKey(
        Team, null=True, blank=True, on_delete=models.PROTECT, related_name="saved_views"
    )
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "page", "name"],
                condition=Q(deleted_at=None),
                name="accounts_view_name_once",
            )
        ]

    def __str__(self) -> str:
        return self.name


class DefaultView(models.Model):
    """The saved view, one's own or a shared one, with which a list opens for a person."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="default_views")
    page = models.CharField(max_length=80)
    view = models.ForeignKey(SavedView, on_delete=models.CASCADE, related_name="+")

    class Meta:
        ordering = ["page"]
        constraints = [
            models.UniqueConstraint(fields=["user", "page"], name="accounts_view_default_once")
        ]

    def __str__(self) -> str:
        return f"{self.page}: {self.view}"
