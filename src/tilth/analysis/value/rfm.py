r"""RFM: how recently, how often and for how much each person buys, scored, and the eight segments that follow.

For a person with counted orders o (one counts when its lines sum above 0 and it is not after ``at``):

* recency R: calendar days from the day of the last order to the day of ``at``;
* frequency F: number of orders;
* monetary M: sum of all counted orders' amounts.

A score goes from 1 to ``bins``, the highest being best: with Q(p) the quantile of all people's values (linear between neighbours),

.. math:: \text{score}(x) = 1 + \#\{k \in 1 … bins - 1 : x > Q(k / bins)\}

for F and M, and for R the same on −R, so that equal values always share a score. A score is *high* when it is above the mean score of all; the
eight combinations of high and low are the segments.

Source: A. M. Hughes, *Strategic Database Marketing* (1994), for scoring by quintiles; the eight segments by the mean are the form in common use
in China.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow.compute as pc
from numpy.typing import NDArray

from tilth.analysis.result import NoSuchCell, Result
from tilth.engine import clock
from tilth.engine.people import Directory, PersonSet
from tilth.errors import InputError, UnknownName
from tilth.language import N_, _, paragraph

if TYPE_CHECKING:
    from tilth.analysis.orders import Orders

SEGMENTS = {
    (True, True, True): "champions",
    (False, True, True): "cannot_lose",
    (True, False, True): "big_spenders_to_grow",
    (False, False, True): "big_spenders_to_win_back",
    (True, True, False): "loyal",
    (False, True, False): "slipping_away",
    (True, False, False): "new_or_promising",
    (False, False, False): "lost",
}
"""The segments by whether recency, frequency and monetary are high."""

NAMES = {
    "champions": N_("Champions"),
    "cannot_lose": N_("Cannot lose"),
    "big_spenders_to_grow": N_("Big spenders to grow"),
    "big_spenders_to_win_back": N_("Big spenders to win back"),
    "loyal": N_("Loyal"),
    "slipping_away": N_("Slipping away"),
    "new_or_promising": N_("New or promising"),
    "lost": N_("Lost"),
}


@dataclass(frozen=True)
class RFMOptions:
    """What RFM can be asked.

    Parameters
    ----------
    at : time, optional
        The moment it is asked for: later orders are not seen. By default the beginning of the day after the last order.
    bins : int
        Number of scores.
    """

    at: Any = None
    bins: int = 5

    def __post_init__(self) -> None:
        if isinstance(self.bins, bool) or not isinstance(self.bins, int) or not 2 <= self.bins <= 100:
            raise InputError(_("bins={bins}: give a whole number from 2 to 100.").format(bins=repr(self.bins)))


class RFM(Result):
    """The answer to RFM.

    Attributes
    ----------
    frame : DataFrame
        person, recency_days, frequency, monetary, r, f, m (scores, the highest is best), segment; one row a person, in the order of the best first.
    at : datetime
        The moment it was asked for.
    left_out : int
        Lines without a person, an order, a time or an amount.
    """

    def __init__(self, orders: Orders, options: RFMOptions) -> None:
        self.options = options
        moment = clock.instant(options.at, orders.tz) if options.at is not None else None
        buyers = orders.ask(partial(bought, until=moment)).sort_by("person")
        self.left_out = orders.ask(unusable)["lines"][0].as_py()
        if moment is None:
            last = pc.max(buyers["last"]).as_py() or 0
            moment = clock.instant(clock.local(last, orders.tz).date(), orders.tz, end=True)
        self.at = clock.local(moment, orders.tz)
        self._directory = Directory(buyers["person"].combine_chunks())
        self._codes, self._table = score(buyers.drop_columns("person").to_pandas(), self.at, orders, options.bins)

    @cached_property
    def frame(self) -> pd.DataFrame:  # noqa: D102
        ids = self._directory.ids.take(self._codes).to_pandas()
        return pd.concat([ids.rename("person").reset_index(drop=True), self._table], axis=1)

    def people(self, **cell: Any) -> PersonSet:
        """Return the people with the given values, such as ``segment="champions"`` (or its name in the language in use) or ``r=5, f=5``."""
        chosen = np.ones(len(self._table), np.bool_)
        for name, value in cell.items():
            if name not in self._table.columns:
                raise UnknownName(_("column of the result"), name, self._table.columns)
            if name == "segment" and value not in NAMES:
                shown = {_(wording): code for code, wording in NAMES.items()}
                if value not in shown:
                    raise UnknownName(_("segment"), value, [*NAMES, *shown])
                value = shown[value]
            if name in ("r", "f", "m") and value not in range(1, self.options.bins + 1):
                raise NoSuchCell(_("Scores go from 1 to {bins}.").format(bins=self.options.bins))
            chosen &= (self._table[name] == value).to_numpy()
        return PersonSet(np.sort(self._codes[chosen]).astype(np.uint32), self._directory)

    @cached_property
    def segments(self) -> pd.DataFrame:
        """One row a segment: segment, name (in the language in use), people, share, monetary (sum) and its share."""
        by_segment = self._table.groupby("segment")["monetary"].agg(["size", "sum"]).reindex(list(NAMES), fill_value=0)
        people, money = by_segment["size"].to_numpy(), by_segment["sum"].to_numpy()
        return pd.DataFrame(
            {
                "segment": list(NAMES),
                "name": [_(name) for name in NAMES.values()],
                "people": people.astype(np.int64),
                "share": people / people.sum() if people.sum() else np.nan,
                "monetary": money,
                "monetary_share": money / money.sum() if money.sum() else np.nan,
            }
        )

    def title(self) -> str:  # noqa: D102
        return _("RFM at {date}").format(date=f"{self.at:%Y-%m-%d}")

    def meaning(self) -> str:  # noqa: D102
        return paragraph(
            _("Recency: days since the last order; frequency: number of orders; monetary: their sum, refunds within an order taken off."),
            _("Scores go from 1 to {bins} by quantiles, equal values share one, {bins} is best.").format(bins=self.options.bins),
            _("High is a score above everybody's mean."),
            _("Orders that do not sum above 0 are not counted."),
            _("Left out: {count} lines without a person, an order, a time or an amount.").format(count=f"{self.left_out:,}"),
        )

    def chart(self) -> dict[str, Any]:
        """Return an ECharts option: bars of each segment's share of the people and of the amount."""
        return draw(self.segments)


def bought(lines: Any, until: int | None) -> Any:
    """Return what everybody bought, as an Ibis expression of order lines: person, last (time of an order's first line), frequency, monetary.

    An order counts when its lines sum above 0; later ones than `until` are not seen.
    """
    seen = lines.filter(_usable(lines)) if until is None else lines.filter(_usable(lines), lines.time <= until)
    orders = seen.group_by("person", "order").agg(time=seen.time.min(), amount=seen.amount.sum())
    counted = orders.filter(orders.amount > 0)
    return counted.group_by("person").agg(last=counted.time.max(), frequency=counted.count(), monetary=counted.amount.sum())


def unusable(lines: Any) -> Any:
    """Return how many lines there are without a person, an order, a time or an amount."""
    return lines.filter(~_usable(lines)).agg(lines=lambda left: left.count())


def _usable(lines: Any) -> Any:
    return lines.known & lines.person.notnull() & lines.order.notnull()


def score(by_person: pd.DataFrame, at: Any, orders: Orders, bins: int) -> tuple[NDArray[np.int64], pd.DataFrame]:
    """Return the rows of `by_person` (last, frequency, monetary), the best people first, and the result's columns after `person`."""
    days = clock.stamps(by_person["last"].to_numpy(), orders.tz).tz_localize(None).normalize()
    table = pd.DataFrame(
        {
            "recency_days": (pd.Timestamp(at.date()) - days).days.to_numpy().astype(np.int64),
            "frequency": by_person["frequency"].to_numpy(),
            "monetary": by_person["monetary"].to_numpy() / orders.MINOR,
        }
    )
    table["r"] = scores(-table["recency_days"].to_numpy(), bins)
    table["f"] = scores(table["frequency"].to_numpy(), bins)
    table["m"] = scores(table["monetary"].to_numpy(), bins)
    high = [(table[name] > table[name].mean()).to_numpy() for name in "rfm"]
    table["segment"] = pd.Series([SEGMENTS[bool(r), bool(f), bool(m)] for r, f, m in zip(*high, strict=True)], dtype=object)
    best = np.lexsort([-table["monetary"], -table["m"], -table["f"], -table["r"]])
    return best.astype(np.int64), table.iloc[best].reset_index(drop=True)


def scores(values: NDArray[Any], bins: int) -> NDArray[np.int64]:
    """Return 1 + the number of quantile edges that each value lies above.

    >>> scores(np.array([1, 1, 1, 2, 9]), 5)
    array([1, 1, 1, 4, 5])
    """
    if not len(values):
        return np.empty(0, np.int64)
    edges = np.quantile(values, np.arange(1, bins) / bins)
    return 1 + np.searchsorted(edges, values, side="left")


def draw(segments: pd.DataFrame) -> dict[str, Any]:
    """Return the ECharts option of the segments: what part of the people each is, and what part of the amount is theirs."""
    people = [f"{n:,} · {share:.1%}" if n else "0" for n, share in zip(segments["people"], segments["share"], strict=True)]
    amount = [f"{share:.1%}" if n else "" for n, share in zip(segments["people"], segments["monetary_share"], strict=True)]
    series = [
        {
            "type": "bar",
            "name": name,
            "barWidth": 10,
            "barGap": "60%",
            "data": [{"value": float(share), "label": {"formatter": label}} for share, label in zip(shares.fillna(0), labels, strict=True)],
            "label": {"show": True, "position": "right"},
        }
        for name, shares, labels in (
            (_("Share of people"), segments["share"], people),
            (_("Share of amount"), segments["monetary_share"], amount),
        )
    ]
    return {
        "tooltip": {"trigger": "axis", "axisPointer": {"type": "shadow"}},
        "legend": {"show": True},
        "grid": {"left": 8, "right": 88, "top": 32, "bottom": 8, "containLabel": True},
        "xAxis": {"type": "value", "min": 0, "axisLabel": {"formatter": {"$": "axisPercent"}}},
        "yAxis": {"type": "category", "data": segments["name"].tolist(), "inverse": True},
        "series": series,
    }
