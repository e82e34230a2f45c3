"""What every answer has: a table, a chart, and the people behind its figures."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd

from tilth.analysis import sampling
from tilth.errors import InputError, UnknownName
from tilth.language import _, paragraph


class NoSuchCell(InputError):
    """A cell of a result that there is not: the keywords given to ``people`` name none."""


class Result(ABC):
    """An answer: ``frame`` holds its figures, ``chart()`` draws them, notebooks show both.

    Attributes
    ----------
    share : float
        The share of the people that was asked; 1.0 for all.
    grows : mapping of str to mapping of str to {"once", "often"}
        By table, such as ``"frame"``: its columns that grow with the people asked, and whether a person counts at most once in a figure of them.
    """

    share: float
    grows: ClassVar[Mapping[str, Mapping[str, str]]] = {}

    def __new__(cls, asked: Any = None, *_given: Any, **_named: Any) -> Self:
        """Note what share of the people is asked."""
        made = super().__new__(cls)
        share = getattr(asked, "share", None)
        made.share = share if isinstance(share, float) else 1.0  # paths given as a frame may have a column of that name
        return made

    @property
    @abstractmethod
    def frame(self) -> pd.DataFrame:
        """The figures, with the columns that the question documents."""

    @abstractmethod
    def chart(self) -> dict[str, Any]:
        """Return an Apache ECharts option that draws :attr:`frame`."""

    @abstractmethod
    def title(self) -> str:
        """Return the question in a few words, in the language in use."""

    @abstractmethod
    def meaning(self) -> str:
        """Return how the figures are counted, in plain words, in the language in use."""

    def definition(self) -> str:
        """Return how the figures are counted, and of whom, in plain words, in the language in use."""
        if self.share == 1:
            return self.meaning()
        asked = _("A sample of {share} of the people was asked, drawn by their ids: counts without ≈ are those of the sample.")
        return paragraph(self.meaning(), asked.format(share=f"{self.share * 100:g}%"))

    def scaled(self, table: str | None = None) -> pd.DataFrame:
        """Return a table as it would be had everybody been asked, not a sample.

        Parameters
        ----------
        table : str, optional
            One of :attr:`grows`; by default the first.

        Returns
        -------
        DataFrame
            Columns that grow with people are divided by :attr:`share`, and ``<column>_error`` behind each is the 95 % half-width of its error, null
            where nobody of the sample is counted; the other columns are as they are. See :mod:`tilth.analysis.sampling`.
        """
        named = table or next(iter(self.grows), "frame")
        choice(named, tuple(self.grows) or ("frame",), "table")
        frame: pd.DataFrame = getattr(self, named).copy()
        for name, how in self.grows.get(named, {}).items():
            if name in frame:
                squares = frame[name].astype("Float64").to_numpy(np.float64, na_value=np.nan) if how == sampling.ONCE else self._squares(named, name)
                frame[name], error = sampling.estimated(frame[name], squares, self.share)
                frame.insert(int(frame.columns.get_loc(name)) + 1, f"{name}_error", error)  # type: ignore[arg-type]
        return frame

    def _squares(self, table: str, column: str) -> Any:
        """Return, row by row, the sum over people of the square of what each adds to a column in which they may count several times."""
        raise NotImplementedError

    def __repr__(self) -> str:
        return f"{type(self).__name__}\n{self.frame}"

    def _repr_html_(self) -> str:
        from tilth.analysis.display import card

        return card(self)


OTHER = "(other)"
"""The value, in every column of a split, of the group into which those beyond the largest are put."""


class Groups:
    """Distinct combinations of values of some columns, sorted, with nulls last.

    Parameters
    ----------
    columns : sequence of str
    codes : ndarray of int, shape (members, columns)
        Codes of each member's values, -1 for null.
    values : sequence of sequences
        The values behind the codes, a column each.
    top : int, optional
        Keep so many groups, those with most members (of equal ones those that sort first), and put the others into one more, :data:`OTHER`, that
        stands last.

    Attributes
    ----------
    frame : DataFrame
        One row a group.
    number : ndarray of int64, shape (members,)
        The group of each member.

    Examples
    --------
    >>> groups = Groups(["city"], np.array([[1], [-1], [0], [1]]), [["上海", "杭州"]])
    >>> groups.frame["city"].tolist(), groups.number.tolist()
    (['上海', '杭州', None], [1, 2, 0, 1])
    >>> Groups(["city"], np.array([[1], [-1], [0], [1]]), [["上海", "杭州"]], top=1).frame["city"].tolist()
    ['杭州', '(other)']
    """

    def __init__(self, columns: list[str], codes: np.ndarray, values: list[Any], top: int | None = None) -> None:
        if columns:
            distinct, number = _distinct(codes.reshape(-1, len(columns)))
            frame = pd.DataFrame({name: _taken(values[k], distinct[:, k]) for k, name in enumerate(columns)})
            order = frame.sort_values(columns, na_position="last", kind="stable").index.to_numpy()
            place = np.empty(len(order), np.int64)
            place[order] = np.arange(len(order))
            self.frame, self.number = frame.loc[order].reset_index(drop=True), place[number]
        else:  # everybody is one group
            self.frame, self.number = pd.DataFrame(index=range(1)), np.zeros(len(codes), np.int64)
        if columns and top is not None and len(self.frame) > top:
            self._fold(top)

    def _fold(self, top: int) -> None:
        sizes = np.bincount(self.number, minlength=len(self.frame))
        kept = np.sort(np.argsort(-sizes, kind="stable")[:top])
        others = pd.DataFrame({name: [OTHER] for name in self.frame.columns}, dtype=object)
        place = np.full(len(self.frame), top, np.int64)
        place[kept] = np.arange(top)
        self.frame, self.number = pd.concat([self.frame.loc[kept].astype(object), others], ignore_index=True), place[self.number]

    def __len__(self) -> int:
        return len(self.frame)

    def repeated(self, times: int) -> pd.DataFrame:
        """Return the frame with every group's row `times` times in a row."""
        return self.frame.loc[self.frame.index.repeat(times)].reset_index(drop=True)

    def chosen(self, cell: dict[str, Any]) -> np.ndarray:
        """Return whether each group has the values of `cell` (None stands for null); columns that `cell` does not name may have any."""
        inside = np.ones(len(self), np.bool_)
        for name, value in cell.items():
            if name not in self.frame.columns:
                raise UnknownName(_("column of the result"), name, self.frame.columns)
            column = self.frame[name]
            inside &= (column.isna() if value is None or value is pd.NaT else column == value).to_numpy()
        if not inside.any():
            shown = ", ".join(f"{k}={v!r}" for k, v in cell.items())
            raise NoSuchCell(_("The result has no group with {cell}.").format(cell=shown))
        return inside


FEW = 1 << 22
"""Combinations that there may be for a place to be kept for each: then nothing has to be sorted."""


def _distinct(codes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the distinct rows of an array of codes from -1 up, ascending, and which of them each row is."""
    if not len(codes):
        return codes, np.zeros(0, np.int64)
    spans = [int(codes[:, k].max()) + 2 for k in range(codes.shape[1])]
    if math.prod(spans) > np.iinfo(np.int64).max:
        distinct, number = np.unique(codes, axis=0, return_inverse=True)
        return distinct, number.reshape(-1)
    key = np.ravel_multi_index(tuple(codes[:, k].astype(np.int64) + 1 for k in range(codes.shape[1])), spans)
    if math.prod(spans) > FEW:
        found, number = np.unique(key, return_inverse=True)
    else:
        there = np.zeros(math.prod(spans), np.bool_)
        there[key] = True
        found, number = np.flatnonzero(there), (np.cumsum(there) - 1)[key]
    return np.column_stack(np.unravel_index(found, spans)) - 1, number


def _taken(values: Any, codes: np.ndarray) -> pd.Series:
    known = pd.Series(values.to_pandas() if hasattr(values, "to_pandas") else list(values))
    if len(known) == 0:
        return pd.Series([None] * len(codes), dtype=object)
    taken = known.take(np.where(codes < 0, 0, codes)).reset_index(drop=True)
    if (codes < 0).any():
        if pd.api.types.is_integer_dtype(taken.dtype) or pd.api.types.is_bool_dtype(taken.dtype):
            taken = taken.astype(object)
        taken = taken.where(pd.Series(codes >= 0), None)
    return taken


MOST_DRAWN = 50
"""Groups that a chart draws: those of most people."""


def drawn_groups(frame: pd.DataFrame, by: list[str], size: str) -> list[tuple[str, pd.DataFrame]]:
    """Return the name and the rows of the groups of a result that a chart draws, by the sum of their column `size`, in the order of the frame."""
    if not by:
        return [("", frame)]
    number = frame.groupby(by, sort=False, dropna=False).ngroup()
    largest = frame.groupby(number)[size].sum().nlargest(MOST_DRAWN).index
    kept = frame[number.isin(largest)]
    named = kept.groupby(by, sort=False, dropna=False)
    return [(" · ".join("—" if pd.isna(value) else str(value) for value in key), rows) for key, rows in named]


def by_names(given: Any, results: tuple[str, ...]) -> list[str]:
    """Return the columns to split by as a list; one of a name that the result uses is refused, because it would hide it."""
    names = as_names(given)
    for name in names:
        if name in results:
            raise InputError(
                _("The column {name} cannot be split by, because the result uses that name itself: give it another name in the source.").format(
                    name=repr(name)
                )
            )
    return names


def check_top(top: int | None, by: Any) -> None:
    """Refuse a number of groups that is none, or that there is nothing to split by for."""
    if top is None:
        return
    if isinstance(top, bool) or not isinstance(top, int) or top < 1:
        raise InputError(_("top={top}: give a whole number from 1 up.").format(top=repr(top)))
    if not as_names(by):
        raise InputError(_("top={top} says how many groups to keep: name a column to split by too.").format(top=top))


def as_names(given: Any) -> list[str]:
    """Return a column name, a sequence of them or None as a list."""
    if given is None:
        return []
    return [given] if isinstance(given, str) else list(given)


def choice(given: Any, allowed: tuple[Any, ...], option: str) -> None:
    """Refuse a value that an option does not have, naming the nearest."""
    if given not in allowed:
        raise UnknownName(_("value of {option}").format(option=repr(option)), given, allowed)
