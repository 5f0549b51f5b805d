"""The requests of the last months, as they are told: who asked for what, who answered, how it ended.

Days count back from today; amounts are whole units of the lines' currency. Amounts fit the
policy a new installation has: up to 5,000 of the reporting currency a director decides, up to
50,000 an executive, above that an executive and finance.
"""

from __future__ import annotations

from dataclasses import dataclass

from approvals.choices import Outcome, RequestState

SAY, EDIT, WITHDRAW = "say", "edit", "withdraw"
EXECUTED, REJECTED = RequestState.EXECUTED, RequestState.REJECTED
WITHDRAWN, WAITING, SENT_BACK = RequestState.WITHDRAWN, RequestState.OPEN, RequestState.CHANGES
APPROVE, REJECT = Outcome.APPROVE, Outcome.REJECT
CHANGES, RECOMMEND = Outcome.CHANGES, Outcome.RECOMMEND


@dataclass(frozen=True, slots=True)
class Turn:
    """What somebody did with a request: decided, said something, changed it, took it back.

    ``read_for`` are the minutes between opening it and deciding.
    """

    days_ago: int
    hour: int
    minute: int
    by: str
    what: str
    words: str = ""
    read_for: int = 4


@dataclass(frozen=True, slots=True)
class Asked:
    """A request. ``amounts`` are what each line gets (minus: gives) in each of ``months`` months.

    ``per_unit`` is the revenue expected of one unit of money: low, middle, high.
    ``share_at_last`` is what was left of the amounts when it was decided.
    """

    key: str
    days_ago: int
    hour: int
    minute: int
    by: str
    title: str
    reason: str
    hypothesis: str
    amounts: tuple[tuple[str, int], ...]
    per_unit: tuple[float, float, float]
    ends: str
    turns: tuple[Turn, ...]
    months: int = 1
    share_at_last: float = 1.0


def _between(giver: str, taker: str, amount: int) -> tuple[tuple[str, int], ...]:
    return (giver, -amount), (taker, amount)


ASKED = (
    Asked(
        "brand-cover", 238, 9, 40, "jonas",
        "Move €4,200 of {months} from retargeting banners to brand search",
        "Two competitors bid on our name since last week; we lose the top place every evening.",
        "People who type our name and see somebody else first do not come back.",
        _between("dach-retargeting-display", "dach-brand-search-search", 4_200),
        (0.4, 1.6, 2.7), EXECUTED,
        (Turn(237, 8, 55, "mara", APPROVE, "Agreed, and keep an eye on the impression share."),),
    ),
    Asked(
        "uk-search", 204, 14, 5, "eilidh",
        "Move £3,600 of {months} from marketplaces to category search",
        "The marketplace raised its commission; search brings the same orders for a third less.",
        "Category search still has unmet demand at our target cost.",
        _between("uki-marketplaces-retail_media", "uki-category-search-search", 3_600),
        (0.2, 0.9, 1.7), EXECUTED,
        (Turn(203, 17, 20, "mara", APPROVE),),
    ),
    Asked(
        "us-search", 171, 16, 30, "rosa",
        "Move $8,400 of {months} from shopping to category search",
        "Footwear is out of stock until the 20th, so product ads have little to sell.",
        "Search can send people to jackets while footwear is missing.",
        _between("na-shopping-core-shopping", "na-category-search-search", 8_400),
        (0.1, 0.8, 1.6), EXECUTED,
        (
            Turn(171, 18, 10, "dana", RECOMMEND, "Stock report checked; the gap is real."),
            Turn(170, 9, 35, "greta", APPROVE, "", 11),
        ),
    ),
    Asked(
        "awareness", 149, 10, 15, "jonas",
        "Move €12,000 of {months} from shopping to display prospecting",
        "We want more people to know the new shell before the season starts.",
        "Reach now pays back in autumn.",
        _between("dach-shopping-core-shopping", "dach-display-prospecting-display", 12_000),
        (-0.6, 0.3, 1.4), REJECTED,
        (
            Turn(149, 11, 50, "ada", SAY, "Shopping returns about twice what display does on the "
                 "same money, at every level of spend we have seen."),
            Turn(148, 17, 45, "greta", REJECT, "The case is a hope. Show me a region where we "
                 "tried it and a region where we did not.", 22),
        ),
    ),
    Asked(
        "partners", 118, 13, 0, "lea",
        "Move €2,500 of {months} from creators to the partner programme",
        "One creator has moved her film to next season.",
        "Partners are paid per order, so the money is not at risk.",
        _between("dach-creators-creators", "dach-partners-affiliates", 2_500),
        (0.5, 1.4, 2.2), EXECUTED,
        (Turn(116, 9, 5, "mara", APPROVE),),
    ),
    Asked(
        "dach-growth", 96, 9, 30, "mara",
        "Raise the plan of DACH for {months} by €57,000",
        "The board released the growth reserve: three months at a higher level, then we look.",
        "Return stays above target up to a fifth more spend.",
        (
            ("dach-shopping-core-shopping", 9_000),
            ("dach-category-search-search", 5_000),
            ("dach-prospecting-video-social", 5_000),
        ),
        (1.2, 2.4, 3.3), EXECUTED,
        (
            Turn(95, 15, 20, "greta", APPROVE, "As agreed in the board meeting.", 17),
            Turn(94, 11, 10, "ben", APPROVE, "Covered by the growth reserve.", 35),
        ),
        months=3,
    ),
    Asked(
        "us-brand", 74, 15, 50, "theo",
        "Move $2,900 of {months} from retargeting banners to brand search",
        "Banner frequency is above nine a week; people are annoyed.",
        "The last banners are wasted, the first brand clicks are not.",
        _between("na-retargeting-display", "na-brand-search-search", 2_900),
        (0.1, 1.1, 2.0), EXECUTED,
        (
            Turn(73, 10, 20, "dana", CHANGES, "Take less: banners still close orders of visitors."),
            Turn(72, 9, 15, "theo", EDIT, "Frequency is above nine a week; half of the first idea "
                 "brings it back to five."),
            Turn(71, 16, 40, "dana", APPROVE),
        ),
        share_at_last=0.5,
    ),
    Asked(
        "uk-shopping", 60, 11, 25, "eilidh",
        "Move £7,500 of {months} from prospecting video to shopping",
        "The video is old and its clicks get dearer every week, while the feed was just renewed.",
        "Shopping takes more money at nearly the same return.",
        _between("uki-prospecting-video-social", "uki-shopping-core-shopping", 7_500),
        (0.3, 1.2, 2.1), EXECUTED,
        (
            Turn(60, 16, 0, "mara", RECOMMEND, "I would do it."),
            Turn(58, 8, 50, "greta", APPROVE, "", 6),
        ),
    ),
    Asked(
        "social-test", 42, 12, 0, "lea",
        "Move €3,000 of {months} from partners to retargeting",
        "Retargeting looks cheap this week.",
        "More visitors come back when they see us twice.",
        _between("dach-partners-affiliates", "dach-retargeting-social", 3_000),
        (0.0, 0.7, 1.5), WITHDRAWN,
        (Turn(39, 9, 0, "lea", WITHDRAW, "Meta lost our conversion tag, so the numbers behind "
              "this do not hold."),),
    ),
    Asked(
        "us-partners", 35, 17, 5, "rosa",
        "Move $4,600 of {months} from creators to the partner programme",
        "The gear testers publish before the season; they asked for more placements.",
        "Gear tests bring orders for months.",
        _between("na-creators-creators", "na-partners-affiliates", 4_600),
        (0.4, 1.5, 2.4), EXECUTED,
        (Turn(34, 10, 45, "dana", APPROVE, "Good. Tell me in a month what it brought."),),
    ),
    Asked(
        "newsletter", 20, 10, 35, "lea",
        "Move €3,800 of {months} from marketplaces to newsletter and flows",
        "The care guide flow earns four times what the listings earn, and has never been capped.",
        "Customers who care for their shell buy the next one from us.",
        _between("dach-marketplaces-retail_media", "dach-newsletter-email", 3_800),
        (0.2, 1.3, 2.6), EXECUTED,
        (Turn(19, 15, 15, "mara", APPROVE),),
    ),
    Asked(
        "us-social", 9, 13, 40, "theo",
        "Move $3,800 of {months} from category search to retargeting",
        "Search is over plan, so it can spare something.",
        "Visitors convert better than searchers.",
        _between("na-category-search-search", "na-retargeting-social", 3_800),
        (-0.8, -0.1, 0.7), REJECTED,
        (Turn(8, 9, 25, "dana", REJECT, "Over plan means we have already spent it. Slow search "
              "down first, then ask again."),),
    ),
    Asked(
        "creators-back", 5, 9, 10, "jonas",
        "Move €4,400 of {months} from partners to creators",
        "The two missing films are announced for next week.",
        "A film that is out before the holidays earns until February.",
        _between("dach-partners-affiliates", "dach-creators-creators", 4_400),
        (-0.9, 0.2, 1.3), SENT_BACK,
        (Turn(3, 14, 30, "mara", CHANGES, "Creators are paused. Send this again once the films "
              "are in, with their dates."),),
    ),
    Asked(
        "us-second-hub", 4, 16, 20, "dana",
        "Raise the plan of North America for {months} by $64,000",
        "The second fulfilment centre opens: two-day delivery for nine more states.",
        "Faster delivery lifts orders per click; without more clicks nobody notices.",
        (("na-shopping-core-shopping", 38_000), ("na-category-search-search", 26_000)),
        (1.4, 2.5, 3.4), WAITING,
        (Turn(2, 18, 5, "greta", APPROVE, "Logistics confirmed the opening date.", 14),),
    ),
    Asked(
        "uk-brand", 2, 11, 30, "eilidh",
        "Move £3,200 of {months} from marketplaces to brand search",
        "We lose a fifth of the searches for our own name to budget every afternoon.",
        "The last searches of the day are as good as the first.",
        _between("uki-marketplaces-retail_media", "uki-brand-search-search", 3_200),
        (0.3, 1.2, 2.3), WAITING,
        (Turn(1, 9, 50, "ada", SAY, "I checked: brand search ran out of budget before 17:00 on "
              "eleven of the last fourteen days."),),
    ),
    Asked(
        "us-shopping", 1, 10, 5, "rosa",
        "Move $14,000 of {months} from prospecting video to shopping",
        "The broad audience has not found buyers; orders from video fell by a quarter since.",
        "Shopping still pays back above target at a third more spend.",
        _between("na-prospecting-video-social", "na-shopping-core-shopping", 14_000),
        (0.2, 1.1, 2.2), WAITING,
        (Turn(1, 15, 40, "dana", RECOMMEND, "Video has had its chance."),),
    ),
    Asked(
        "us-care", 1, 17, 25, "theo",
        "Move $2,400 of {months} from display to newsletter and flows",
        "The basket reminder is capped on Sundays, our best day.",
        "Reminders cost next to nothing for what they bring.",
        _between("na-retargeting-display", "na-newsletter-email", 2_400),
        (0.5, 1.9, 3.4), WAITING,
        (),
    ),
)  # fmt: skip
