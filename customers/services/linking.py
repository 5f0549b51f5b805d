"""Records that name each other by number find each other, whichever file came first."""

from __future__ import annotations

from django.db.models import Case, IntegerField, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Lower

from accounts.models import Team
from campaigns.models import CampaignLine, Channel
from customers.models import (
    Account,
    Contact,
    Lead,
    Opportunity,
    Payment,
    Record,
    StageEntry,
    Touchpoint,
    Usage,
)


def link(*, team: Team) -> None:
    """Set the foreign keys of a team's records that are still open."""
    for model in (Contact, Opportunity, Touchpoint, Payment, Usage):
        _open(model, team, "account").update(account=_by_number(Account, "account_ref"))
    for follower in (Lead, Touchpoint):
        _open(follower, team, "contact").update(contact=_contact())
    _open(StageEntry, team, "opportunity").update(
        opportunity=_by_number(Opportunity, "opportunity_ref")
    )
    _follow_contact(team)
    _link_people(team)


def _open(model: type[Record], team: Team, to: str) -> QuerySet[Record]:
    found: QuerySet[Record] = model.objects.filter(team=team, **{f"{to}__isnull": True})
    return found.exclude(**{f"{to}_ref": ""})


def _own_first(rows: QuerySet[Record]) -> Subquery:
    """Of several records with the number, the one of the same system, else any."""
    same = Case(
        When(system=OuterRef("system"), then=Value(0)),
        default=Value(1),
        output_field=IntegerField(),
    )
    return Subquery(rows.annotate(_other=same).order_by("_other", "pk").values("pk")[:1])


def _by_number(model: type[Record], ref: str) -> Subquery:
    return _own_first(model.objects.filter(team=OuterRef("team"), number=OuterRef(ref)))


def _contact() -> Subquery:
    """People are named by number or by e-mail."""
    named = Q(number=OuterRef("contact_ref")) | Q(email=OuterRef("contact_ref"))
    return _own_first(Contact.objects.filter(named, team=OuterRef("team")))


def _follow_contact(team: Team) -> None:
    """A touch or payment of a person is one of the person's account."""
    people = Contact.objects.filter(team=team, account__isnull=False).values("pk")
    touches = Touchpoint.objects.filter(team=team, account=None, contact__in=people)
    own = Contact.objects.filter(pk=OuterRef("contact")).values("account")
    touches.update(account=Subquery(own[:1]))
    payments = Payment.objects.filter(team=team, account=None).exclude(contact_ref="")
    named = Q(number=OuterRef("contact_ref")) | Q(email=OuterRef("contact_ref"))
    payer = Contact.objects.filter(named, team=OuterRef("team")).order_by("pk")
    payments.update(account=Subquery(payer.values("account")[:1]))
    _name_channels(team)


def _name_channels(team: Team) -> None:
    """A touch that names one of the team's campaign lines belongs to it and to its channel."""
    lines = CampaignLine.objects.filter(campaign__team__path__startswith=team.path)
    by_name = dict(lines.annotate(low=Lower("name")).values_list("low", "pk"))
    channels = dict(lines.values_list("pk", "channel"))
    kinds = dict(Channel.objects.annotate(low=Lower("name")).values_list("low", "pk"))
    touches = Touchpoint.objects.filter(team=team, channel=None)
    for name, kind in touches.order_by().values_list("campaign_name", "kind").distinct():
        line = by_name.get(name.casefold())
        channel = channels.get(line or 0) or kinds.get(kind.casefold())
        if channel:
            touches.filter(campaign_name=name, kind=kind).update(line=line, channel=channel)


def _link_people(team: Team) -> None:
    """The people of each opportunity, as its newest row names them."""
    numbers = Contact.objects.filter(team=team).values_list("system", "number", "pk")
    people = {(system, number): pk for system, number, pk in numbers}
    deals = Opportunity.objects.filter(team=team).exclude(contact_refs=[])
    wanted = {
        (pk, people[system, ref])
        for pk, system, refs in deals.values_list("pk", "system", "contact_refs")
        for ref in refs
        if (system, ref) in people
    }
    through = Opportunity.contacts.through
    there = through.objects.filter(opportunity__team=team)
    known = {(o, c): pk for pk, o, c in there.values_list("pk", "opportunity_id", "contact_id")}
    through.objects.filter(pk__in=[pk for pair, pk in known.items() if pair not in wanted]).delete()
    through.objects.bulk_create(
        [through(opportunity_id=o, contact_id=c) for o, c in wanted - known.keys()]
    )
