"""The second half of the invented board pack: campaigns, targets, budget, decisions, alerts, plan, changes."""

from __future__ import annotations

from fractions import Fraction

from core.money import MICROS
from reporting.rules.pack.book import FigureBook
from reporting.rules.pack.content import (
    AlertGroup,
    AlertRow,
    AlertsPage,
    Bridge,
    BridgeStep,
    BudgetPage,
    BudgetRow,
    CampaignGroup,
    CampaignRow,
    CampaignsPage,
    Change,
    ChangesPage,
    CurrencyRow,
    DecisionRow,
    DecisionsPage,
    Headline,
    Note,
    PackPage,
    PlanPage,
    PlanRow,
    PositionPage,
    PositionRow,
    RestatedRow,
    TargetRow,
    TargetsPage,
)
from reporting.rules.pack.figures import Name, Ref, When, say
from reporting.rules.pack.judgement import Judgement, Verdict
from reporting.rules.pack.scale import Interval

THOUSAND = 1000 * MICROS
GOOD, BAD, EVEN = Judgement.AHEAD, Judgement.BEHIND, Judgement.NEUTRAL


def follow_up_pages(book: FigureBook, hostile: str = "") -> list[PackPage]:
    """Seven to eight pages after the channels."""
    return [
        targets(book, hostile),
        campaigns(book, hostile),
        budget(book, hostile),
        decisions(book, hostile),
        alerts(book, hostile),
        plan(book, hostile),
        position(book, hostile),
        changes(book, hostile),
    ]


def _source(book: FigureBook, key: str, name: str, formula: str, query: str) -> str:
    return book.source(
        key,
        name,
        formula=formula,
        filters="FY27 to 31 Oct",
        batches=("B-2301", "L-0391"),
        query=query,
    )


TARGETS = (  # name, level, relation, actual, target, reached %, pace %, owner
    ("Attributed revenue", 0, "", 42140, 57100, 73.8, 73.6, "L. Brandt"),
    ("Orders", 1, "", 468, 634, 73.8, 75.0, "L. Brandt"),
    ("New customers", 2, "", 152, 214, 71.0, 75.0, "A. Osei"),
    ("Returning customers", 2, "+", 316, 420, 75.2, 75.0, "A. Osei"),
    ("Average order value", 1, "×", 90, 90, 100.0, 100.0, "R. Haddad"),
    ("Revenue per unit of spend", 0, "", 49, 48, 102.5, 100.0, "S. Marchetti"),
    ("Media spend", 1, "÷", 8560, 11730, 73.0, 75.0, "S. Marchetti"),
    ("Share of voice", 0, "", 21, 22, 97.3, 100.0, "J. Lindqvist"),
)


def targets(book: FigureBook, hostile: str = "") -> TargetsPage:
    _source(
        book,
        "t1",
        "Actual of a target",
        "value of the measure over the period so far",
        "targets.actual",
    )
    _source(book, "t2", "Target", "approved target of the period", "targets")
    _source(book, "t3", "Share of target reached", "t1 ÷ t2", "targets.attainment")
    _source(book, "t4", "Against pace", "t3 ÷ share due by now − 1", "targets.pace")
    rows = []
    for name, level, relation, actual, target, reached, pace, owner in TARGETS:
        attained = Fraction(round(reached * 10), 1000)
        against = attained / Fraction(round(pace * 10), 1000) - 1
        tone = GOOD if against >= 0 else BAD
        rows.append(
            TargetRow(
                Name(hostile or name), level,
                book.count(f"t.{name}.actual", actual, label=f"{name}, year to date", footnote="t1"),
                book.count(f"t.{name}.target", target, label=f"Target of {name}", footnote="t2"),
                book.percent(f"t.{name}.attained", attained, label=f"{name}: share of target", footnote="t3", digits=0),
                pace / 100,
                Change(book.change(f"t.{name}.pace", against, label=f"{name}: against pace", footnote="t4"), tone, tone.value),
                relation, Name(hostile or owner), When("31 Jan 2027"),
            )
        )  # fmt: skip
    return TargetsPage(
        Headline("Targets", ("Revenue is on course for the year; new customers fall behind their pace",),
                 say("What the board watches and what it is made of, FY{year} to date, thousands where counted. The thin mark is where the year should stand.", year=When("27"))),
        tuple(rows),
        (Note("What is behind", ("New customers need a fifth more a month until January to reach the target of the year.",), BAD),
         Note("What is not measured yet", ("Wholesale has no attributed orders and is left out of every line.",))),
    )  # fmt: skip


CAMPAIGNS = (  # name, channel, spend k, revenue k, return against target, needs attention
    (
        "Winter jackets, prospecting",
        "Paid social · S. Marchetti",
        84,
        190,
        -31,
        "Frequency has doubled since August and the click rate fell by half.",
    ),
    (
        "Brand search, Eurozone",
        "Paid search · L. Brandt",
        41,
        162,
        -14,
        "A rival bids on the name; the price of a click rose for six weeks.",
    ),
    (
        "Trail weekend",
        "Events · J. Lindqvist",
        52,
        138,
        -9,
        "Sign-ups stalled after the venue changed.",
    ),
    ("Insulated jackets, feed", "Shopping ads · L. Brandt", 96, 548, 18, ""),
    ("Lapsed buyers, twice a week", "Email & CRM · A. Osei", 14, 301, 12, ""),
    ("Sponsored tents, US", "Retail media · R. Haddad", 58, 312, 9, ""),
    ("Generic search, boots", "Paid search · L. Brandt", 88, 489, 6, ""),
)


def campaigns(book: FigureBook, hostile: str = "") -> CampaignsPage:
    _source(book, "c1", "Campaign spend", "Σ spend of facts by campaign", "spend by campaign")
    _source(book, "c2", "Campaign revenue", "Σ r1 by campaign", "revenue by campaign")
    _source(book, "c3", "Campaign return", "c2 ÷ c1", "roas by campaign")
    _source(book, "c4", "Campaign against target", "c3 ÷ target − 1", "roas by campaign, targets")
    rows = []
    for name, channel, spend, revenue, against, attention in CAMPAIGNS:
        tone = GOOD if against >= 0 else BAD
        change = book.change(
            f"camp.{name}.vs",
            Fraction(against, 100),
            label=f"{name}: against target",
            footnote="c4",
            digits=0,
        )
        rows.append(
            CampaignRow(
                Name(hostile or name), Name(hostile or channel),
                book.thousands(f"camp.{name}.spend", spend * THOUSAND, label=f"Spend, {name}, £k", footnote="c1"),
                book.thousands(f"camp.{name}.revenue", revenue * THOUSAND, label=f"Revenue, {name}, £k", footnote="c2"),
                book.ratio(f"camp.{name}.ratio", Fraction(revenue, spend), label=f"Return, {name}", footnote="c3"),
                Change(change, tone, tone.value),
                tuple(revenue / spend * (1 + (against / 100) * n / 8 + ((n * 5) % 3) / 30) for n in range(9)),
                (Name(hostile, 200),) if hostile else (attention,) if attention else (),
            )
        )  # fmt: skip
    return CampaignsPage(
        Headline("Campaigns", ("Three campaigns need a decision; four earn clearly more than their target",),
                 ("October, sorted by distance from target. Every campaign with at least a tenth of its channel’s spend.",)),
        ("Return",), When("Feb – Oct"),
        (CampaignGroup("Needs attention", BAD, tuple(rows[:3])), CampaignGroup("Ahead of target", GOOD, tuple(rows[3:]))),
        unit=("£k",),
    )  # fmt: skip


BUDGET = (  # team, planned, actual, pace word
    ("Performance media", 8400, 6105, "on pace"),
    ("Brand and content", 2150, 1468, "under pace"),
    ("CRM and lifecycle", 820, 541, "under pace"),
    ("Partnerships", 2280, 1592, "under pace"),
    ("Events and sponsorship", 980, 1005, "over plan"),
    ("Marketing operations", 570, 402, "under pace"),
)


def budget(book: FigureBook, hostile: str = "") -> BudgetPage:
    _source(book, "b1", "Planned", "approved plan plus approved transfers", "budget.planned")
    _source(book, "b2", "Actual", "Σ posted cost", "budget.actual")
    _source(book, "b4", "Available", "b1 − b2; negative means overspent", "budget.available")
    _source(book, "b5", "Share spent", "b2 ÷ b1", "budget.share")
    _source(
        book, "b6", "Against the pace of the year", "b5 − share of the year gone", "budget.pace"
    )
    _source(book, "b8", "Exchange rates", "plan: approved; actual: average of daily rates", "fx")
    rows = [
        _budget_row(book, name, hostile, planned, actual, word)
        for name, planned, actual, word in BUDGET
    ]
    total = _budget_row(
        book, "All teams", "", sum(r[1] for r in BUDGET), sum(r[2] for r in BUDGET), "under pace"
    )
    money = tuple(
        CurrencyRow(
            code,
            book.thousands(
                f"fx.{code}.local",
                local * THOUSAND,
                label=f"Spend in {code}, thousands",
                footnote="b2",
            ),
            book.figure(f"fx.{code}.plan", plan, label=f"Plan rate {code}", footnote="b8"),
            book.figure(f"fx.{code}.actual", rate, label=f"Actual rate {code}", footnote="b8"),
            book.thousands(
                f"fx.{code}.gbp", reported * THOUSAND, label=f"Spend in {code}, £k", footnote="b2"
            ),
        )
        for code, local, plan, rate, reported in (
            ("GBP", 7221, "1.0000", "1.0000", 7221),
            ("EUR", 3216, "0.8550", "0.8632", 2776),
            ("USD", 1482, "0.7700", "0.7530", 1116),
        )
    )
    left = book.money("budget.left", 4087 * THOUSAND, label="Available, all teams", footnote="b4")
    overspent = book.money(
        "events.over", 25 * THOUSAND, label="Overspent, Events and sponsorship", footnote="b4"
    )
    return BudgetPage(
        Headline("Budget", say("Five of six teams spend under the pace of the year; Events is {money} over its plan", money=overspent),
                 say("FY{year} budget, £k, at plan rates for plan and actual rates for spend. Position at {day}.", year=When("27"), day=When("31 October"))),
        "Team", total, tuple(rows), 0.75, "year to date", "By currency", money,
        (Note("What this means", say("Of {available} still available, {reserve} is asked for on the first page. Events signed the trail weekend before its plan was re-phased.",
                                     available=left, reserve=Ref("ask.reserve"))),),
    )  # fmt: skip


def _budget_row(
    book: FigureBook, name: str, hostile: str, planned: int, actual: int, word: str
) -> BudgetRow:
    share = Fraction(actual, planned)
    tone = BAD if share > 1 else GOOD if word == "on pace" else EVEN
    return BudgetRow(
        Name(hostile or name),
        book.thousands(f"b.{name}.planned", planned * THOUSAND, label=f"Planned, {name}, £k", footnote="b1"),
        book.thousands(f"b.{name}.actual", actual * THOUSAND, label=f"Actual, {name}, £k", footnote="b2"),
        book.thousands(f"b.{name}.available", (planned - actual) * THOUSAND, label=f"Available, {name}, £k", footnote="b4"),
        spent_share=book.percent(f"b.{name}.share", share, label=f"Share spent, {name}", footnote="b5", digits=0),
        pace=Change(book.points(f"b.{name}.pace", share - Fraction(3, 4), label=f"Pace, {name}", footnote="b6", digits=0), tone, word),
    )  # fmt: skip


DECISIONS = (  # taken, name, owner, method, note, verdict, before, after, middle, low, high, expected, since
    ("14 Jul", "Move money from display to shopping ads", "Brandt", "Geo test", "matched regions", Verdict.HELPED, "4.31", "4.85", 12, 5, 19, 8, "Kept"),
    ("2 Jun", "E-mail lapsed buyers twice a week", "Osei", "Holdout", "a tenth of buyers", Verdict.HELPED, "15.1", "16.2", 9, 6, 12, 4, "Extended to EU"),
    ("21 Jul", "Bid to margin, not revenue, in search", "Brandt", "Geo test", "matched regions", Verdict.HELPED, "4.96", "5.27", 6, 2, 10, 7, "Kept"),
    ("9 Jun", "Raise commission for A & B <b>unclosed", "Lindqvist", "Before and after", "no control group", Verdict.CANNOT_TELL, "6.10", "6.22", 2, -4, 8, 5, "Retest by 15 Dec"),
    ("18 Aug", "Eurozone video test, two cities", "Marchetti", "Geo test", "few regions", Verdict.CANNOT_TELL, "2.71", "2.89", 3, -10, 15, 9, "Decide 30 Nov"),
    ("25 Aug", "Sponsor the Skye hill race", "Lindqvist", "Before and after", "no control group", Verdict.CANNOT_TELL, "3.02", "2.88", -3, -9, 4, 4, "No repeat yet"),
    ("11 Aug", "Cut brand search in the Eurozone", "Brandt", "Geo test", "matched regions", Verdict.HURT, "4.60", "3.95", -12, -18, -5, 3, "Reversed 22 Sep"),
    ("20 Oct", "Move money out of paid social", "Marchetti", "Before and after", "data not mature", Verdict.MEASURING, "3.02", "", None, None, None, None, "Due 7 Dec"),
)  # fmt: skip


def decisions(book: FigureBook, hostile: str = "") -> DecisionsPage:
    _source(
        book,
        "d1",
        "Measured effect",
        "relative change of return against the control, or before and after",
        "verdicts",
    )
    _source(
        book,
        "d2",
        "Before and after",
        "return over equal spans of matured days",
        "roas by campaign",
    )
    rows = []
    for (
        taken,
        name,
        owner,
        method,
        note,
        verdict,
        before,
        after,
        middle,
        low,
        high,
        expected,
        since,
    ) in DECISIONS:
        effect = (
            None
            if middle is None
            else book.change(
                f"d.{name}", Fraction(middle, 100), label=f"Effect: {name}", footnote="d1", digits=0
            )
        )
        rows.append(
            DecisionRow(
                When(taken), Name(hostile or name), Name(hostile or owner), Name(hostile or method), (Name(hostile or note),), verdict,
                book.figure(f"d.{name}.before", before, label=f"Before: {name}", footnote="d2"),
                book.figure(f"d.{name}.after", after, label=f"After: {name}", footnote="d2") if after else None,
                effect,
                None if middle is None else Interval(middle, low, high, expected),
                Name(hostile or since),
            )
        )  # fmt: skip
    return DecisionsPage(
        Headline("Decisions and what came of them", ("Seven decisions came due: three helped, one hurt and three we cannot yet tell",),
                 ("Effect on revenue per unit of spend, per cent, with its range where one was measured. A verdict needs the range clear of zero.",)),
        ("Before → after",), ("Effect, %",), tuple(rows), "%",
    )  # fmt: skip


def alerts(book: FigureBook, hostile: str = "") -> AlertsPage:
    _source(book, "w1", "At stake", "spend of the line a month × distance from target", "alerts")
    _source(book, "w2", "Evidence", "as recorded when the alert opened", "alerts.evidence")
    falls = book.change(
        "w.falls", Fraction(-31, 100), label="Return, three months", footnote="w2", digits=0
    )
    price = book.change(
        "w.price", Fraction(22, 100), label="Price of a click, six weeks", footnote="w2", digits=0
    )
    days = book.count("w.days", 5, label="Days without data", footnote="w2", unit="days")

    def stake(key: str, k: int) -> Ref:
        return book.thousands(f"w.{key}", k * THOUSAND, label=f"At stake, {key}, £k", footnote="w1")

    def name(text: str) -> Name:
        return Name(hostile or text)

    rows = (
        AlertRow(When("3 Nov"), name("Return falls month after month: Winter jackets, prospecting"), say("{change} in three months; the pace of the target needs twice the return.", change=falls), name("S. Marchetti"), say("Move money out, by {day}", day=When("13 Nov")), "Request sent", BAD, stake("jackets", 58)),
        AlertRow(When("29 Oct"), name("Clicks cost more: Brand search, Eurozone"), say("{change} in six weeks while a rival bids on the name.", change=price), name("L. Brandt"), say("Cap bids at margin, {day}", day=When("weekly")), "Acknowledged", BAD, stake("brand", 23)),
        AlertRow(When("27 Oct"), name("No data: US retail media"), say("{days} days missing; the figures carry “est.”.", days=days), name("R. Haddad"), ("Feed restarted, waiting for the partner",), "Open", Judgement.CANNOT_TELL, stake("feed", 14)),
    )  # fmt: skip
    recovered = (
        AlertRow(When("6 Oct"), name("Spend over pace: Performance media"), ("Back within the pace after daily caps.",), name("L. Brandt"), say("Closed {day}", day=When("14 Oct")), "Recovered", GOOD),
        AlertRow(When("1 Oct"), name("Landing page slow in the United States"), ("Load time back under the limit.",), name("A. Osei"), say("Closed {day}", day=When("2 Oct")), "Recovered", GOOD),
    )  # fmt: skip
    total = book.money("w.total", 95 * THOUSAND, label="At stake, open alerts", footnote="w1")
    return AlertsPage(
        Headline("Alerts", say("Three alerts are open with {total} a month at stake; two recovered", total=total),
                 ("Money at stake a month, £k, largest first. One alert a cause.",)),
        ("At stake, £k",),
        (AlertGroup("Open", BAD, rows, book.thousands("w.open", 95 * THOUSAND, label="At stake, open alerts, £k", footnote="w1")),
         AlertGroup("Recovered in October", GOOD, recovered)),
    )  # fmt: skip


def plan(book: FigureBook, hostile: str = "") -> PlanPage:
    _source(book, "p1", "Money moved", "sum of the request", "requests")
    _source(book, "p2", "Progress", "milestones done ÷ milestones", "initiatives")
    items = (
        ("Grow shopping and retail media", "Move money from paid social while the last pound still earns above target.", 180, 35, "On course", GOOD, "L. Brandt", "31 Jan"),
        ("One customer record across brands", "Consent and identity joined; two of five partners still send no data.", 95, 60, "Late", BAD, "A. Osei", "15 Dec"),
        ("Test video before it scales", "Geo test in two cities; decide on the range, not on the point.", 62, 80, "Decide", Judgement.CANNOT_TELL, "S. Marchetti", "30 Nov"),
        ("Creative refresh every six weeks", "New sets for prospecting; tired sets are paused by rule.", 40, 100, "Done", GOOD, "R. Haddad", "31 Oct"),
    )  # fmt: skip
    rows = tuple(
        PlanRow(
            Name(hostile or name), (Name(hostile, 200),) if hostile else (text,), Name(hostile or owner), When(due), state, tone,
            book.thousands(f"p.{name}.money", money * THOUSAND, label=f"Money, {name}, £k", footnote="p1"),
            book.percent(f"p.{name}.done", Fraction(done, 100), label=f"Progress, {name}", footnote="p2", digits=0),
        )
        for name, text, money, done, state, tone, owner, due in items
    )  # fmt: skip
    return PlanPage(
        Headline("Strategy and plan", ("Two of four initiatives are on course; the customer record is late",),
                 ("Initiatives of the year with their money, £k, and milestones done.",)),
        "Initiative", ("Money, £k",), ("Expected",), rows,
    )  # fmt: skip


def position(book: FigureBook, hostile: str = "") -> PositionPage:
    _source(book, "m1", "Our share of voice", "our exposures ÷ category exposures", "observations")
    _source(
        book,
        "m3",
        "Rival’s share and the difference",
        "as m1, for the rival; ours − theirs",
        "observations",
    )
    rows = []
    for place, ours, theirs in (
        ("Search, United Kingdom", 241, 298),
        ("Search, Eurozone", 182, 226),
        ("Search, United States", 124, 149),
        ("Social, all markets", 236, 210),
        ("Press and reviews", 315, 192),
    ):
        gap = Fraction(ours - theirs, 1000)
        tone = GOOD if gap > 0 else BAD
        rows.append(
            PositionRow(
                Name(hostile or place),
                book.percent(f"m.{place}.ours", Fraction(ours, 1000), label=f"Our share, {place}", footnote="m1"),
                book.percent(f"m.{place}.theirs", Fraction(theirs, 1000), label=f"Rival’s share, {place}", footnote="m3"),
                Name(hostile or "Kestrel Gear"),
                Change(book.points(f"m.{place}.gap", gap, label=f"Difference, {place}", footnote="m3"), tone, "we lead" if gap > 0 else "we trail"),
            )
        )  # fmt: skip
    return PositionPage(
        Headline("Market position", ("Kestrel leads in search; we lead in social and in what others write",),
                 ("Share of voice in October, per cent of the category, as imported.",)),
        ("Share of voice",), tuple(rows),
    )  # fmt: skip


def changes(book: FigureBook, hostile: str = "") -> ChangesPage:
    _source(
        book,
        "h1",
        "Restated figure",
        "value in this pack against value in the last",
        "as-of difference",
    )
    _source(
        book,
        "h2",
        "Bridge of revenue to date",
        "one cause at a time, in the order shown",
        "as-of difference",
    )

    def step(name: str, note: str, k: int) -> BridgeStep:
        ref = book.money_change(f"h.{name}", k * THOUSAND, label=f"Bridge: {name}", footnote="h2")
        return BridgeStep(
            Name(hostile or name), Name(hostile or note), ref, GOOD if k >= 0 else BAD
        )

    bridge = Bridge(
        ("Gap to the goal of the year to date",), ("£k, September pack to this one",),
        Name("September pack"), book.money_change("h.start", -155 * THOUSAND, label="Gap in the September pack", footnote="h2"),
        (step("October outturn", "above target", 295), step("Late conversions", "September orders", 42), step("Restatements", "see below", -42)),
        Name("This pack"), Ref("gap.signed"),
    )  # fmt: skip
    restated = (
        RestatedRow(Name(hostile or "Attributed revenue, September, £k"),
                    book.count("h.rev.was", 5122, label="Revenue, September, as it was", footnote="h1"),
                    book.count("h.rev.now", 5080, label="Revenue, September, as it is", footnote="h1"),
                    Change(book.figure("h.rev.change", "−42", label="Revenue, September, change", footnote="h1"), BAD),
                    ("Orders were returned after the window closed; returns now book to the order month.",), Name(hostile or "I. Okafor, 2 Nov")),
        RestatedRow(Name(hostile or "New customers, August"),
                    book.count("h.new.was", 16655, label="New customers, August, as they were", footnote="h1"),
                    book.count("h.new.now", 16700, label="New customers, August, as they are", footnote="h1"),
                    Change(book.figure("h.new.change", "+45", label="New customers, August, change", footnote="h1"), GOOD),
                    ("Guest checkouts matched to known buyers by the new identity rule.",), Name(hostile or "I. Okafor, 29 Oct")),
    )  # fmt: skip
    return ChangesPage(
        Headline("What changed since the last pack", say("The year moved from behind its goal to {gap} ahead; two past figures are restated", gap=Ref("gap")),
                 say("Against the September pack, known as of {day}. Nothing is overwritten: the earlier figure stays on file with its reason.", day=When("6 October 2026"))),
        bridge, "Restated figures", restated,
        (Note("Definitions", ("Return on spend now leaves agency fees out in all months. No past figure moves by more than a hundredth.",)),
         Note("Sources", ("The US retail media feed stopped in October; the missing days are estimated from delivery reports.",)),
         Note("Decisions asked last month", ("Reserve release deferred to this pack. E-mail frequency approved. Video test extended.",)),
         Note("Promised, not done", ("Wholesale attribution moves to January: two of five partners have sent no data.",), BAD)),
    )  # fmt: skip
