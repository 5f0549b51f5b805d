"""What was hidden in the market, and what the product says of it: one row for each planted thing.

truth    the truth as it was written beside the database
rows     what a row says, and how many were found
stories  delays, changes, lines that fall or overspend, the lost tag
learnt   curves, journeys, experiments, chances
board    all of them

The product never reads the truth: this stands above it, like everything of the demo company.
"""
