"""The brands that these tests look at, and their rows as an analyst would prepare them: one person for all ids, days of the wall clock."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from tilth.warehouse.demo import Brand, generate


@pytest.fixture(scope="session")
def brand() -> Brand:
    """The brand by default: 20,000 people."""
    return generate()


@pytest.fixture(scope="session")
def small() -> Brand:
    """A brand of 600 people whose last day is in the leap year's February."""
    from datetime import date

    return generate(seed=11, end=date(2024, 2, 29), people=600)


def one_person(ids: pa.ChunkedArray, brand: Brand) -> pa.ChunkedArray:
    """Return whose each id is, by the table of identities; ids that are in it under no other stay as they are."""
    links = brand.tables["identities"]
    place = pc.index_in(ids, links["value"])
    return pc.coalesce(links["person"].take(place), ids)


def frame(brand: Brand) -> pd.DataFrame:
    """Return the events by person and time: person and names as categories, `day` from 0, seconds since 1970, value as a number."""
    events = brand.tables["events"]
    columns = {"person": one_person(events["person"], brand)}
    columns |= {name: events[name] for name in ("person_kind", "event", "channel", "platform", "product")}
    prepared = pa.table({name: pc.dictionary_encode(column) for name, column in columns.items()}).to_pandas()
    prepared["time"] = events["time"].cast(pa.int64()).to_numpy() / 1e6
    prepared["value"] = events["value"].cast(pa.float64()).to_numpy()
    local = events["time"].cast(pa.timestamp("us", brand.tz))
    start = pd.Timestamp(brand.first, tz=brand.tz).timestamp()
    assert brand.tz == "Asia/Shanghai", "days are counted without a change of clocks"
    prepared["day"] = ((prepared["time"] - start) // 86_400).astype(int)
    prepared["hour"] = pc.hour(local).to_numpy()
    prepared["properties"] = events["properties"].to_numpy()
    fraud = brand.answers["people"].to_pandas().set_index("person")["fraud"]
    cheats = set(fraud.index[fraud.notna()]) | set(brand.answers["visitors"]["person"].to_pylist())
    prepared["honest"] = ~prepared["person"].isin(cheats)
    return prepared.sort_values(["person", "time"], kind="stable", ignore_index=True)


@pytest.fixture(scope="session")
def events(brand: Brand) -> pd.DataFrame:
    """The default brand's events, prepared."""
    return frame(brand)


@pytest.fixture(scope="session")
def small_events(small: Brand) -> pd.DataFrame:
    """The small brand's events, prepared."""
    return frame(small)


@pytest.fixture(scope="session")
def honest(events: pd.DataFrame) -> pd.DataFrame:
    """The default brand's events of people who are no fraud."""
    return events[events["honest"]]


@pytest.fixture(scope="session")
def people(brand: Brand, honest: pd.DataFrame) -> pd.DataFrame:
    """Honest people: what is hidden of them, the day of their first event and their variants as exposed, by person."""
    hidden = brand.answers["people"].to_pandas().set_index("person")
    hidden = hidden[hidden["fraud"].isna()].copy()
    first = honest.groupby("person", observed=True)["day"].min()
    hidden["first_day"] = first.reindex(hidden.index)
    exposed = brand.tables["memberships"].select(["person", "name", "value"]).to_pandas()
    variants = exposed.pivot_table(index="person", columns="name", values="value", aggfunc="first")
    return hidden.join(variants)


@pytest.fixture(scope="session")
def orders(brand: Brand) -> pd.DataFrame:
    """The default brand's order lines, amounts as numbers, with whether the order is fraud."""
    lines = brand.tables["orders"]
    prepared = lines.drop_columns(["properties"]).to_pandas()
    for name in ("quantity", "price", "amount"):
        prepared[name] = lines[name].cast(pa.float64()).to_numpy()
    prepared["person"] = one_person(lines["person"], brand).to_numpy()
    prepared["fraud"] = prepared["order"].isin(brand.answers["orders"]["order"].to_pylist())
    return prepared
