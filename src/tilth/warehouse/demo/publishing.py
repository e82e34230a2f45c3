"""What the brand publishes: posts, videos, articles and livestreams of its accounts, with how each did day by day."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa

from tilth.warehouse.demo.goods import Shelf
from tilth.warehouse.demo.seasons import DAY, HOUR, Seasons
from tilth.warehouse.demo.streams import Streams
from tilth.warehouse.demo.truth import REFERENCE_PEOPLE
from tilth.warehouse.schema import COUNT, TEXT, TIME

_FOLLOWED_DAYS = 7


class Account(NamedTuple):
    """An account: its code, platform, kind of content, pieces a week, views a piece, hour of publishing and rates of reaction."""

    code: str
    platform: str
    kind: str
    weekly: float
    views: float
    hour: int
    like: float
    comment: float
    share: float


ACCOUNTS = (
    Account("douyin_main", "douyin", "video", 4, 9000, 19, 0.035, 0.004, 0.006),
    Account("douyin_live", "douyin", "livestream", 2, 14000, 20, 0.120, 0.030, 0.004),
    Account("xiaohongshu_main", "xiaohongshu", "post", 5, 3200, 12, 0.060, 0.008, 0.012),
    Account("official_account", "wechat", "article", 2, 5200, 21, 0.012, 0.002, 0.025),
    Account("channels_live", "wechat_channels", "livestream", 1, 4200, 20, 0.080, 0.022, 0.010),
    Account("kuaishou_main", "kuaishou", "video", 2, 3800, 18, 0.030, 0.005, 0.003),
)
_TITLES = {
    "video": ("{goods}怎么选？一分钟讲清楚", "开箱：{goods}", "{goods}的三种用法", "工厂里的{goods}"),
    "livestream": ("今晚专场：{goods}", "{goods}补货直播", "主播带你看{goods}"),
    "post": ("用了一个月的{goods}", "{goods}真实测评", "送礼清单：{goods}", "被问爆的{goods}"),
    "article": ("本周上新：{goods}", "关于{goods}，我们做了这些", "会员专享：{goods}"),
}


def publish(people: int, shelf: Shelf, seasons: Seasons, streams: Streams) -> pa.Table:
    """Return the ``contents`` rows: a row a piece and day, for a week from its publishing (later days grow quiet)."""
    return pa.concat_tables([_of(account, people, shelf, seasons, streams) for account in ACCOUNTS])


def _of(account: Account, people: int, shelf: Shelf, seasons: Seasons, streams: Streams) -> pa.Table:
    rng = streams(f"contents {account.code}")
    day = np.flatnonzero(rng.random(seasons.days) < account.weekly / 7)
    n = len(day)
    at = day * DAY + account.hour * HOUR + rng.integers(0, HOUR, n)
    goods = shelf.pick(rng, n)
    forms = _TITLES[account.kind]
    titles = [forms[f].format(goods=shelf.goods[g].name) for f, g in zip(rng.integers(0, len(forms), n).tolist(), goods.tolist(), strict=True)]
    ids = [f"{account.code}-{i + 1:04d}" for i in range(n)]
    reach = account.views * people / REFERENCE_PEOPLE * seasons.factor[day] * rng.lognormal(-0.4, 0.9, n)
    piece = np.repeat(np.arange(n), _FOLLOWED_DAYS)
    age = np.tile(np.arange(_FOLLOWED_DAYS), n)
    inside = day[piece] + age < seasons.days
    piece, age = piece[inside], age[inside]
    decay = 0.15 if account.kind == "livestream" else 0.5
    views = rng.poisson(reach[piece] * decay**age)
    # the first row is the moment of publishing, later ones are days
    wall = np.where(age == 0, at[piece], (day[piece] + age) * DAY)

    def count(values: np.ndarray) -> pa.Array:
        return pa.array(values, COUNT)

    return pa.table(
        {
            "time": pa.array(seasons.instants(wall)).cast(TIME),
            "content": pa.array(ids, TEXT).take(pa.array(piece)),
            "account": pa.array([account.code] * len(piece), TEXT),
            "platform": pa.array([account.platform] * len(piece), TEXT),
            "kind": pa.array([account.kind] * len(piece), TEXT),
            "title": pa.array(titles, TEXT).take(pa.array(piece)),
            "impressions": count(views + rng.poisson(views * 4.0)),
            "views": count(views),
            "likes": count(rng.binomial(views, account.like)),
            "comments": count(rng.binomial(views, account.comment)),
            "shares": count(rng.binomial(views, account.share)),
            "properties": pa.array([f'{{"goods":"{shelf.goods[g].code}"}}' for g in goods.tolist()], TEXT).take(pa.array(piece)),
        }
    )
