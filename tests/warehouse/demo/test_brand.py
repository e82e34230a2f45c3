"""The same seed gives the same brand; exports and dirty lines are what they say."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import typing
from datetime import date, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import pytest

from tilth.errors import UnknownName
from tilth.language import using
from tilth.warehouse.demo import Brand, Truth, generate, truth
from tilth.warehouse.demo.build import TooFewPeople
from tilth.warehouse.demo.exports import HEADERS
from tilth.warehouse.demo.seasons import EndOutOfCalendar
from tilth.warehouse.demo.streams import NegativeSeed
from tilth.warehouse.demo.truth import Buying, Dirt, Referral, Refunds, Voices


def small_brand(seed: int = 3, **options: typing.Any) -> Brand:
    return generate(seed=seed, people=200, **options)


def test_same_seed_same_rows_and_another_seed_others() -> None:
    assert small_brand().digest() == small_brand().digest()
    assert small_brand().digest() != small_brand(seed=4).digest()
    assert small_brand().digest() != small_brand(end=date(2025, 12, 30)).digest()


def test_the_default_brand_is_the_one_that_was_published(brand: Brand) -> None:
    # the digest stands in the reference: whoever changes the generator or a default parameter writes the new one there
    assert f"| 2025 | 2025-12-31 | 20000 | `{brand.digest()}` |" in rows_of_the_reference()


def test_digest_depends_on_content_alone() -> None:
    brand = small_brand()
    pieces = {name: pa.concat_tables([t.slice(0, 7), t.slice(7, 50), t.slice(57)]) for name, t in brand.tables.items()}
    assert dataclasses.replace(brand, tables=pieces).digest() == brand.digest()
    costs = brand.tables["costs"]
    moved = costs.set_column(6, "impressions", pc.add(costs["impressions"], 1))
    assert dataclasses.replace(brand, tables={**brand.tables, "costs": moved}).digest() != brand.digest()
    orders = brand.tables["orders"]
    swapped = orders.take(pa.array([1, 0, *range(2, orders.num_rows)]))
    assert dataclasses.replace(brand, tables={**brand.tables, "orders": swapped}).digest() != brand.digest()


def test_a_part_that_changes_moves_no_other_part() -> None:
    plain = small_brand()
    other = small_brand(truth=Truth(refunds=Refunds(median=9), voices=Voices(answer=0.5), dirt=Dirt(bad_time=0.1)))
    kept = pc.invert(pc.is_in(plain.tables["events"]["event"], pa.array(["refund", "nps_answer", "service_contact"])))
    kept_other = pc.invert(pc.is_in(other.tables["events"]["event"], pa.array(["refund", "nps_answer", "service_contact"])))
    assert plain.tables["events"].filter(kept).equals(other.tables["events"].filter(kept_other))
    for name in ("costs", "people", "identities", "memberships", "contents"):
        # tiers follow what was paid less refunds
        drop = ["tier"] if name == "people" else []
        assert plain.tables[name].drop_columns(drop).equals(other.tables[name].drop_columns(drop)), name


def test_parameters_change_what_they_name() -> None:
    none = small_brand(truth=Truth(referral=Referral(invite=0.0), buying=Buying(coupon=0.45, anonymous=0.0)))
    honest = none.answers["people"].to_pandas()
    assert honest.loc[honest["fraud"].isna(), "inviter"].isna().all()
    assert none.tables["orders"]["person"].null_count == 0


def test_other_time_zones_and_a_leap_day() -> None:
    brand = generate(seed=2, end=date(2024, 2, 29), people=120, tz="America/New_York")
    lines = brand.tables["orders"].to_pandas()
    hours = lines.loc[lines["shop"] != "MALL", "time"].dt.tz_convert("America/New_York").dt.hour
    assert hours.between(9, 22).all()  # on the two days that clocks change a store's hours shift by one
    assert brand.first == date(2022, 3, 1)


def test_what_cannot_be_made_says_so() -> None:
    with using("en"):
        with pytest.raises(TooFewPeople, match="at least 100"):
            generate(people=20)
        with pytest.raises(EndOutOfCalendar, match="2017 to 2039"):
            generate(end=date(2041, 1, 1))
        with pytest.raises(UnknownName, match="Asia/Shanghai"):
            generate(people=100, tz="Asia/Shanghia")
        with pytest.raises(NegativeSeed, match="from 0 on"):
            generate(seed=-1)
        with pytest.raises(UnknownName, match="'store'"):
            generate(people=100, truth=Truth(channels=Truth().channels[:5]))
        with pytest.raises(UnknownName, match="parquet"):
            small_brand().write("never", events="parket")


def test_exports_hold_the_tables(tmp_path: Path, small: Brand) -> None:
    written = small.write(tmp_path / "new" / "folder")
    assert pq.read_table(written["events"]).equals(small.tables["events"])
    for name, headers in HEADERS.items():
        read = pacsv.read_csv(written[name])
        assert read.column_names == list(headers.values())
        assert read.num_rows == small.tables[name].num_rows
    orders = pacsv.read_csv(written["orders"])
    total = sum(small.tables["orders"]["amount"].to_pylist())
    assert pc.sum(orders["实付金额"]).as_py() == pytest.approx(float(total), abs=0.005)
    assert set(orders["订单状态"].to_pylist()) == {"已支付", "已退款"}
    local = small.tables["orders"]["time"].to_pandas().dt.tz_convert(small.tz).dt.strftime("%Y-%m-%d %H:%M:%S")
    assert orders["下单时间"].cast(pa.string()).to_pylist() == local.tolist()
    known = json.loads(written["truth"].read_text(encoding="utf-8"))
    assert known["life"]["bounce"] == small.truth.life.bounce
    assert known["dirty"] == [dataclasses.asdict(row) for row in small.dirty]


def test_events_as_csv_gz(tmp_path: Path) -> None:
    brand = small_brand()
    read = pacsv.read_csv(brand.write(tmp_path, events="csv.gz")["events"])
    assert read.num_rows == brand.tables["events"].num_rows
    assert read.column_names == brand.tables["events"].column_names


def fault(cells: list[str], width: int, seen: set[str]) -> str | None:
    """Say what is wrong with a row as a reader sees it."""
    if len(cells) != width:
        return "bad_columns"
    if not cells[1]:
        return "no_order"
    try:
        datetime.strptime(cells[2], "%Y-%m-%d %H:%M:%S")
    except ValueError:
        return "bad_time"
    if float(cells[6]) < 0:
        return "negative_price"
    if cells[0] in seen:
        return "duplicate"
    seen.add(cells[0])
    return None


def test_exactly_the_dirty_rows_of_the_export_are_dirty(brand: Brand) -> None:
    lines = brand.dirty_export.content().split(b"\r\n")[:-1]
    header = lines[0].decode().split(",")
    found, seen = [], set()
    for number, line in enumerate(lines[1:], start=1):
        try:
            cells = next(csv.reader(io.StringIO(line.decode())))
        except UnicodeDecodeError:
            found.append((number, "bad_encoding"))
            continue
        reason = fault(cells, len(header), seen)
        if reason:
            found.append((number, reason))
    assert found == [(row.row, row.reason) for row in brand.dirty]
    kinds = {row.reason for row in brand.dirty}
    assert kinds == {f.name for f in dataclasses.fields(Dirt)} - {"lines"}
    for kind in kinds:
        count = sum(row.reason == kind for row in brand.dirty)
        mean = getattr(brand.truth.dirt, kind) * brand.truth.dirt.lines
        assert abs(count - mean) < 4 * mean**0.5, kind


def rows_of_the_reference() -> set[str]:
    return set((Path(__file__).parents[3] / "docs" / "reference" / "demo-brand.md").read_text(encoding="utf-8").splitlines())


def test_every_parameter_stands_in_the_reference_with_its_default_and_meaning() -> None:
    page = rows_of_the_reference()
    for kind in vars(truth).values():
        if dataclasses.is_dataclass(kind) and kind is not Truth:
            hints = typing.get_type_hints(kind, include_extras=True)
            for field in dataclasses.fields(kind):
                default = "" if field.default is dataclasses.MISSING else field.default
                row = f"| `{field.name}` | {default} | {typing.get_args(hints[field.name])[1]} |"
                assert row in page, f"{kind.__name__}: add {row}"
    known = Truth()
    for part in (*known.channels, *known.festivals, *known.categories, *known.experiments):
        row = "| " + " | ".join(str(getattr(part, field.name)) for field in dataclasses.fields(part)) + " |"
        assert row in page, f"add {row}"
    for name in ("weekday", "hours_online", "hours_store"):
        assert f"| `{name}` | {getattr(known, name)} |" in page, name


def test_every_answer_stands_in_the_reference(small: Brand) -> None:
    text = (Path(__file__).parents[3] / "docs" / "reference" / "demo-brand.md").read_text(encoding="utf-8")
    for name, table in small.answers.items():
        assert f"`{name}`" in text, name
        for column in table.column_names:
            shown = column if not column.startswith(("arm_", "touches_")) else column.split("_")[0] + "_…"
            assert f"`{shown}`" in text, (name, column)
