"""What several columns of a source give together, and what its rows take for granted.

A date and a clock, a quantity and a price, a sale and its refund, an event that only the file's nature tells.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal, InvalidOperation

from tilth.language import _
from tilth.warehouse import schema
from tilth.warehouse.loading.draft import Draft
from tilth.warehouse.loading.evidence import Evidence
from tilth.warehouse.loading.mapping import DATE_KINDS, Field
from tilth.warehouse.loading.names import IMPLIED_EVENTS, PERSON_KINDS, REFUNDS, TOTALS, likeness, plain
from tilth.warehouse.loading.sniff import Format

_CENT = Decimal("0.011")


def complete(draft: Draft, format: Format, evidence: Sequence[Evidence]) -> Draft:
    """Fill in what no single column gives, with the reasons; return the draft."""
    _take_clock(draft, evidence)
    _take_person_kind(draft, evidence)
    if draft.table == "orders":
        _take_amount(draft)
        _take_refund(draft, format, evidence)
        _suspect_totals(draft, format)
        if draft.missing == ("order",) and ("person" in draft.fields or "product" in draft.fields):
            reason = _("No column holds an order id: each row is taken as an order of its own.")
            draft.take("order", Field(kind="line"), 0.3, reason)
        if "person" not in draft.fields:
            draft.reasons.append(_("No column says whose order it is: the orders are anonymous."))
    if draft.table == "events" and draft.missing == ("event",):
        _imply_event(draft, format)
    if draft.table == "people" and draft.missing == ("time",) and len(draft.scores) > 1:
        today = date.today().isoformat()
        reason = _("No column says when the people were recorded: {date} is taken, the day of this proposal.").format(date=today)
        draft.take("time", Field(constant=today, kind="iso"), 0.3, reason)
    return draft


def _suspect_totals(draft: Draft, format: Format) -> None:
    """Say so when the amount looks like an order's total that stands on each of its lines: adding those up would count it several times."""
    order, amount = draft.fields.get("order"), draft.fields.get("amount")
    if order is None or amount is None or order.column is None or amount.column is None or amount.times:
        return
    at = {name: k for k, name in enumerate(format.columns)}
    amounts: dict[str, list[str]] = {}
    for row in format.sample:
        number, text = row[at[order.column]], row[at[amount.column]]
        if number and text:
            amounts.setdefault(number, []).append(text)
    several = [texts for texts in amounts.values() if len(texts) > 1]
    same = sum(len(set(texts)) == 1 for texts in several)
    if len(several) >= 3 and same >= 0.9 * len(several):
        draft.scores["amount"] = 0.2
        draft.reasons.append(
            _(
                "'{amount}' is the same on all lines of an order ({same} of {several} orders with several lines): it looks like the order's total, "
                "which would count once a line. Choose the line's own amount with --map amount=COLUMN."
            ).format(amount=amount.column, same=same, several=len(several))
        )


def _take_clock(draft: Draft, evidence: Sequence[Evidence]) -> None:
    """Join a column of clock times to the date, when the date has none of its own."""
    when = draft.fields.get("time")
    clocks = [one.column for one in evidence if one.clock and one.column not in draft.used]
    if when is None or when.column is None or when.kind not in DATE_KINDS or len(clocks) != 1:
        return
    draft.fields["time"] = Field(when.column, when.kind, clock=clocks[0])
    draft.reasons.append(_("'{clock}' holds the time of day for '{date}'.").format(clock=clocks[0], date=when.column))


def _take_person_kind(draft: Draft, evidence: Sequence[Evidence]) -> None:
    known = {column.name for column in schema.TABLES[draft.table].columns}
    person = draft.fields.get("person")
    if person is None or "person_kind" not in known or "person_kind" in draft.fields:
        return
    one = next(one for one in evidence if one.column == person.column)
    kind = "phone" if one.phone else "email" if one.email else None
    if kind is None:
        kind = next((kind for kind, words in PERSON_KINDS.items() if _says(one.column, words)), None)
    if kind:
        draft.fields["person_kind"] = Field(constant=kind)


def _take_amount(draft: Draft) -> None:
    quantity, price = draft.fields.get("quantity"), draft.fields.get("price")
    if "amount" in draft.fields or quantity is None or price is None:
        return
    reason = _("No column holds the amount: it is '{quantity}' times '{price}'.").format(quantity=quantity.column, price=price.column)
    draft.take("amount", Field(quantity.column, quantity.kind, times=price.column), 0.8, reason)


def _take_refund(draft: Draft, format: Format, evidence: Sequence[Evidence]) -> None:
    """Make a second, negative line of what was refunded, and see to it that the first line is the sale before the refund."""
    amount = draft.fields.get("amount")
    found = [(likeness(one.column, REFUNDS), one) for one in evidence if one.number and not one.negative and one.column not in draft.used]
    score, refund = max(found, key=lambda item: item[0], default=(0.0, None))
    if amount is None or amount.column is None or amount.times or refund is None or score < 0.6:
        return
    facts = {"amount": amount.column, "refund": refund.column}
    if _is_net(format, amount.column, refund.column):
        draft.fields["amount"] = Field(amount.column, amount.kind, plus=refund.column)
        draft.reasons.append(_("'{amount}' is what is left after '{refund}': the sale is their sum, the refund a negative line.").format(**facts))
    else:
        draft.reasons.append(_("'{amount}' is taken as paid before '{refund}': the refund becomes a negative line.").format(**facts))
    draft.refund = {"amount": Field(refund.column, refund.number or "number", negative=True), "status": Field(constant="refunded")}


def _is_net(format: Format, paid: str, refund: str) -> bool:
    """Say whether the paid amounts have the refunds already taken off them.

    Where a refund was made, what was paid and the total of the order tell: they are equal when the refund is not taken off, they differ by
    the refund when it is. Without a total, a refund above what was paid can only have been taken off.
    """
    totals = [name for name in format.columns if name not in (paid, refund) and likeness(name, TOTALS) >= 0.6]
    taken_off = left = 0
    for row in format.sample:
        values = dict(zip(format.columns, row, strict=True))
        left_over, back = _decimal(values[paid]), _decimal(values[refund])
        if left_over is None or back is None or back <= 0:
            continue
        total = next((value for name in totals if (value := _decimal(values[name])) is not None), None)
        if total is None:
            taken_off += back > left_over
        else:
            taken_off += abs(left_over + back - total) < _CENT
            left += abs(left_over - total) < _CENT
    return taken_off > left


def _decimal(text: str | None) -> Decimal | None:
    try:
        return None if text is None else Decimal(text.strip().lstrip("¥￥").replace(",", ""))
    except InvalidOperation:
        return None


def _imply_event(draft: Draft, format: Format) -> None:
    implied = (event for event, words in IMPLIED_EVENTS.items() if any(_says(name, words) for name in format.columns))
    event = next(implied, "event")
    reason = _("No column names the event: every row is taken as '{event}'.").format(event=event)
    draft.take("event", Field(constant=event), 0.25 if event == "event" else 0.45, reason)


def _says(name: str, words: str) -> bool:
    """Say whether a name has one of the words in it; a short one must be the whole name."""
    bare = plain(name)
    return any(word == bare or ((len(word) > 2 or word > "z") and word in bare) for word in map(plain, words.split()))
