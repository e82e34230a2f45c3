"""The files a business would export from its own systems: events as one file, the rest as CSV under Chinese headers."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from tilth.errors import UnknownName
from tilth.language import _
from tilth.warehouse.demo import names

if TYPE_CHECKING:
    from tilth.warehouse.demo.brand import Brand

HEADERS: dict[str, dict[str, str]] = {
    "orders": {
        "order": "订单编号",
        "time": "下单时间",
        "person": "会员编号",
        "person_kind": "标识类型",
        "product": "商品编码",
        "quantity": "数量",
        "price": "单价",
        "amount": "实付金额",
        "channel": "渠道",
        "campaign": "活动",
        "shop": "店铺",
        "coupon": "优惠券",
        "status": "订单状态",
    },
    "costs": {
        "time": "日期",
        "channel": "渠道",
        "campaign": "活动",
        "placement": "广告位",
        "creative": "创意",
        "impressions": "展示数",
        "clicks": "点击数",
        "spend": "消耗",
    },
    "people": {
        "person": "会员编号",
        "person_kind": "标识类型",
        "time": "注册时间",
        "name": "姓名",
        "gender": "性别",
        "birth_year": "出生年份",
        "province": "省份",
        "city": "城市",
        "channel": "来源渠道",
        "tier": "会员等级",
        "inviter": "邀请人",
    },
    "contents": {
        "time": "日期",
        "content": "作品id",
        "account": "账号",
        "platform": "平台",
        "kind": "体裁",
        "title": "作品标题",
        "impressions": "曝光量",
        "views": "播放量",
        "likes": "点赞量",
        "comments": "评论量",
        "shares": "分享量",
    },
    "identities": {"person": "用户id", "time": "绑定时间", "until": "解绑时间", "kind": "标识类型", "value": "标识值"},
    "memberships": {"person": "用户id", "time": "进入时间", "until": "离开时间", "kind": "类型", "name": "实验名称", "value": "分组"},
}
"""Header of each column in the CSV exports; columns that are not here are left out of them."""


def write(brand: Brand, folder: Path, events: str = "parquet") -> dict[str, Path]:
    """Write all exports of `brand` into `folder` and return where each is; see :meth:`Brand.write`."""
    if events not in _EVENT_WRITERS:
        raise UnknownName(_("format"), events, _EVENT_WRITERS)
    folder.mkdir(parents=True, exist_ok=True)
    written = {"events": folder / f"events.{events}"}
    _EVENT_WRITERS[events](brand.tables["events"], written["events"])
    for table in HEADERS:
        written[table] = folder / f"{table}.csv"
        pacsv.write_csv(export(brand, table), written[table], pacsv.WriteOptions(quoting_style="needed"))
    written["dirty"] = folder / "orders_dirty.csv"
    written["dirty"].write_bytes(brand.dirty_export.content())
    written["truth"] = folder / "truth.json"
    truth = {"seed": brand.seed, "first": str(brand.first), "end": str(brand.end), "tz": brand.tz, **asdict(brand.truth)}
    truth["dirty"] = [asdict(row) for row in brand.dirty]
    written["truth"].write_text(json.dumps(truth, ensure_ascii=False, indent=1), encoding="utf-8")
    return written


def export(brand: Brand, table: str) -> pa.Table:
    """Return a table as its CSV export shows it: Chinese headers, wall-clock times, names instead of the status codes."""
    source = brand.tables[table]
    columns = {header: _shown(source[name], name, brand.tz, table) for name, header in HEADERS[table].items()}
    return pa.table(columns)


def wall_clock(times: pa.ChunkedArray | pa.Array, tz: str, pattern: str = "%Y-%m-%d %H:%M:%S") -> pa.ChunkedArray | pa.Array:
    """Return instants as text of the wall clock in `tz`, whole seconds.

    Examples
    --------
    >>> import pyarrow as pa
    >>> wall_clock(pa.array([1_762_790_400_999_999], pa.timestamp("us", "UTC")), "Asia/Shanghai").to_pylist()
    ['2025-11-11 00:00:00']
    """
    # offsets come from Python's time zones: Arrow has none of its own on Windows
    seconds = pc.floor(pc.divide(pc.cast(times.cast(pa.int64()), pa.float64()), 1e6)).cast(pa.int64())
    known = np.asarray(seconds.fill_null(0))
    quarters, place = np.unique(known // 900, return_inverse=True)
    zone = ZoneInfo(tz)
    offsets = np.array([_offset(zone, quarter * 900) for quarter in quarters.tolist()], dtype=np.int64)
    local = pa.array(known + offsets[place], mask=np.asarray(seconds.is_null()))
    return pc.strftime(local.cast(pa.timestamp("s")), format=pattern)


def _offset(zone: ZoneInfo, second: int) -> int:
    moment = datetime.fromtimestamp(second, zone)
    return round((moment.utcoffset() or timedelta()).total_seconds())


def _shown(column: pa.ChunkedArray, name: str, tz: str, table: str) -> pa.ChunkedArray:
    if name in ("time", "until"):
        return wall_clock(column, tz, "%Y-%m-%d" if table == "costs" else "%Y-%m-%d %H:%M:%S")
    if pa.types.is_decimal(column.type):
        return column.cast(pa.decimal128(18, 2))
    if name == "status":
        codes = pa.array(list(names.STATUSES))
        return pa.array([n.zh for n in names.STATUSES.values()]).take(pc.index_in(column, codes).combine_chunks())
    return column


def _write_parquet(table: pa.Table, path: Path) -> None:
    pq.write_table(table, path, compression="zstd")


def _write_csv_gz(table: pa.Table, path: Path) -> None:
    with gzip.open(path, "wb", compresslevel=5) as stream:
        pacsv.write_csv(table, stream)


_EVENT_WRITERS: dict[str, Callable[[pa.Table, Path], None]] = {"parquet": _write_parquet, "csv.gz": _write_csv_gz}
