"""Pure mathematics for marketers: arrays and frozen dataclasses in, frozen dataclasses out.

Nothing here knows Django, a database or the clock. Every function names its data minimum and,
below it, answers with a reason code (`results.Reason`) instead of a number. Whatever is random
takes a seed from the caller, so the same input gives the same answer.

    results     what every function answers with, and why it sometimes refuses
    daily       the input most functions share
    periods     days to complete weeks, months or fiscal periods
    resample    block bootstrap of daily data
    trend       does a ratio fall or rise, and does it fall period after period
    pace        where a target should stand today, and where the run-rate lands
    attainment  achieved, within tolerance or missed
    compare     did a change help, measured against untouched neighbours
    marginal    what the next unit of spend returns
    moves       what moving budget between two lines changes, and the best single move
    investment  net present value, payback, benefit-cost ratio, rate of return
    projection  what a planned spend may bring, from the months before
    maturity    what young days will have when they are final, learnt from how days grew
    stake       how much money a finding is about
    attribution which channels get the credit, by nine models; what journeys look like
    lifetime    what customers bring over time by the channel that won them
    experiments controlled tests: effects, looks, soundness, verdicts, sizes
    anomalies   what is out of the ordinary, from the past alone; unusual days as incidents
    drivers     why a metric changed, in parts that add up; risks ranked by their cost
    scores      chances of an outcome with their reasons, leaks named, a frozen model
    response    what past spend brought by channel, and what more or less would bring
    allocation  how to spend a budget, bounds kept, nothing recommended inside the noise
    percentile  where a campaign stands among its own past
    commands    the command line, `python -m analytics`

Days are proleptic ordinals (`datetime.date.toordinal`). In daily arrays a NaN is a day whose data
never arrived; a zero is a day on which nothing happened. The two are never mixed up.
"""
