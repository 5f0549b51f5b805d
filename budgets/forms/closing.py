"""Month-end: why a month is closed or opened again, what is signed, and why amounts differ."""

from __future__ import annotations

from django import forms

from budgets.rules.closing import FOR_ORDERS, FOR_OVERSPENT, FOR_UNSPENT, Treatment

WORDS = {
    Treatment.ROLL: "Roll forward to the next month",
    Treatment.RELEASE: "Release",
    Treatment.ACCRUE: "Keep as an accrual",
    Treatment.LEAVE: "Leave as a variance",
    Treatment.COVER: "Cover from the next month",
    Treatment.FLAG: "Leave and flag",
}
LINE_WORDS = {**WORDS, Treatment.RELEASE: "Release to the year’s source"}
EACH = ("", "As chosen above")


class CloseForm(forms.Form):
    """One treatment for many, where wanted, and why the month is closed."""

    all_orders = forms.ChoiceField(
        choices=[EACH, *((str(t), WORDS[t]) for t in FOR_ORDERS)],
        required=False,
        label="All orders",
    )
    all_unspent = forms.ChoiceField(
        choices=[EACH, *((str(t), LINE_WORDS[t]) for t in FOR_UNSPENT)],
        required=False,
        label="All unspent plan",
    )
    all_overspent = forms.ChoiceField(
        choices=[EACH, *((str(t), LINE_WORDS[t]) for t in FOR_OVERSPENT)],
        required=False,
        label="All overspent lines",
    )
    reason = forms.CharField(
        max_length=4_000,
        widget=forms.Textarea(attrs={"rows": 2}),
        label="What an approver should know",
    )


class ReopenForm(forms.Form):
    reason = forms.CharField(
        max_length=4_000,
        widget=forms.Textarea(attrs={"rows": 2}),
        label="Why it must be opened",
    )


class SignForm(forms.Form):
    comment = forms.CharField(
        max_length=4_000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="One word for all that you sign now.",
    )


class NoteForm(forms.Form):
    text = forms.CharField(
        max_length=4_000,
        widget=forms.Textarea(attrs={"rows": 4}),
        label="Why it came out so",
        help_text="Timing, price or volume? And what follows from it.",
    )
