"""The goods of the demo brand and what each cost on each day.

A goods' price is its list price times a level drawn anew every week, times the festival's discount when it is on promotion: the weekly
level moves for no other reason, so that price elasticity can be told from everything else.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from tilth.warehouse.demo.formulas import Floats
from tilth.warehouse.demo.seasons import Seasons
from tilth.warehouse.demo.streams import Streams
from tilth.warehouse.demo.truth import Truth

ROLES = ("traffic", "hit", "margin")
_ROLE_OF_PLACE = (0, 1, 1, 2, 2, 0, 1, 2, 2, 2, 0, 2, 1, 2, 2)


class Goods(NamedTuple):
    """A goods: its code, Chinese name, category, role (traffic, hit, margin) and list price in yuan."""

    code: str
    name: str
    category: str
    role: str
    price: float


_SHELVES = {
    "tea": "茉莉花茶 29.9,明前龙井 168,正山小种 88,白毫银针 238,陈皮白茶 128,菊花枸杞茶 19.9,桂花乌龙 59,凤凰单丛 198,老班章普洱 368,"
    "茶具礼盒 299,冷泡茶包 15.9,金骏眉 268,蜜桃乌龙茶包 39.9,岩茶大红袍 188,四季茶礼 399",
    "snacks": "每日坚果 19.9,手剥山核桃 49.9,冻干草莓 29.9,黑芝麻丸 45.9,坚果礼盒 138,海苔脆 9.9,牛肉干 59.9,芝士夹心饼 35.9,"
    "阿胶糕 99,燕窝即食杯 158,魔芋爽 12.9,巧克力礼盒 118,无糖桃酥 25.9,鲜花饼 39.9,年货大礼包 199",
    "skincare": "补水面膜 39.9,氨基酸洁面 59,玻尿酸精华 129,抗皱眼霜 219,修护面霜 189,护手霜 19.9,防晒乳 79,烟酰胺精华 169,胶原安瓶 259,"
    "紧致套装 499,润唇膏 15.9,视黄醇晚霜 299,保湿水乳 139,虾青素精华油 239,贵妇礼盒 699",
    "haircare": "控油洗发水 39.9,柔顺护发素 45.9,香氛沐浴露 49.9,生姜防脱洗发水 99,头皮精华 159,旅行装三件 19.9,氨基酸洗发水 69,发膜 79,护发精油 89,"
    "洗护礼盒 199,浴盐 25.9,头皮磨砂膏 109,身体乳 59.9,香水沐浴套装 149,养发喷雾 179",
    "home": "收纳盒 19.9,棉柔巾 29.9,智能感应灯 79,真皮纸巾盒 129,实木衣架 99,挂钩三只 9.9,懒人沙发套 89,无线吸尘器 399,空气循环扇 269,"
    "香薰加湿器 159,清洁湿巾 14.9,人体工学腰靠 189,折叠脏衣篮 45.9,实木边几 329,智能垃圾桶 239",
    "kitchen": "硅胶锅铲 19.9,玻璃饭盒 49.9,不粘煎锅 129,铸铁锅 359,陶瓷刀具 159,洗碗布 9.9,保温杯 89,多功能料理锅 399,真空封口机 269,"
    "骨瓷餐具 329,密封罐 15.9,手冲咖啡壶 199,电热水壶 109,砂锅 139,空气炸锅 449",
    "textile": "纯棉毛巾 19.9,全棉四件套 259,记忆棉枕 129,羊毛被 599,蚕丝被 899,棉袜五双 29.9,天丝床笠 169,鹅绒被 1299,水洗棉被套 239,"
    "真丝眼罩 99,家居拖鞋 25.9,乳胶床垫 1499,珊瑚绒毯 89,法兰绒睡衣 159,真丝枕套 199",
    "fragrance": "车载香片 19.9,桂花香薰蜡烛 79,淡香水 159,檀香礼盒 239,无火香薰 119,衣柜香包 15.9,栀子花香水 189,沉香线香 299,香水礼盒 399,"
    "扩香石 89,香氛喷雾 29.9,中式香炉 269,护手香膏 59.9,东方调香水 329,四季香礼 459",
}


@dataclass(frozen=True)
class Shelf:
    """All goods with their daily prices.

    Attributes
    ----------
    goods : tuple of Goods
        In the order of their index.
    ratio : ndarray of shape (goods, days)
        Price over list price, P_gt / P_g0.
    truth : Truth
        For categories and roles.
    """

    goods: tuple[Goods, ...]
    ratio: Floats
    truth: Truth

    @cached_property
    def cents(self) -> npt.NDArray[np.int64]:
        """Price of each goods on each day in cents, shape (goods, days)."""
        base = np.array([g.price for g in self.goods])
        return np.rint(base[:, None] * self.ratio * 100).astype(np.int64)

    @cached_property
    def category(self) -> npt.NDArray[np.int64]:
        """Index of each goods' category."""
        codes = [c.code for c in self.truth.categories]
        return np.array([codes.index(g.category) for g in self.goods])

    @cached_property
    def role(self) -> npt.NDArray[np.int64]:
        """Index of each goods' role."""
        return np.array([ROLES.index(g.role) for g in self.goods])

    @cached_property
    def popularity(self) -> Floats:
        """Share of each goods in all views: its category's weight, spread over roles and places on the shelf."""
        category = np.array([c.weight for c in self.truth.categories])[self.category]
        role = np.array([1.6, 2.0, 0.7])[self.role]
        place = 1 / np.sqrt(1 + np.arange(len(self.goods)) % 15)
        weight = category * role * place
        return weight / weight.sum()

    def cart_chance(self, goods: npt.NDArray[Any], day: npt.NDArray[Any]) -> Floats:
        """Return κ_role · (P_gt / P_g0)^ε for goods viewed on days."""
        b = self.truth.buying
        kappa = np.array([b.cart_traffic, b.cart_hit, b.cart_margin])[self.role]
        epsilon = np.array([c.elasticity for c in self.truth.categories])[self.category]
        return kappa[goods] * self.ratio[goods, day] ** epsilon[goods]

    def pick(self, rng: np.random.Generator, n: int) -> npt.NDArray[np.int64]:
        """Draw `n` goods by popularity."""
        return np.searchsorted(np.cumsum(self.popularity)[:-1], rng.random(n), side="right")


def catalogue() -> tuple[Goods, ...]:
    """Return all goods.

    Examples
    --------
    >>> len(catalogue()), catalogue()[0]
    (120, Goods(code='TEA01', name='茉莉花茶', category='tea', role='traffic', price=29.9))
    """
    return tuple(
        Goods(f"{category[:3].upper()}{i + 1:02d}", item.split()[0], category, ROLES[_ROLE_OF_PLACE[i]], float(item.split()[1]))
        for category, items in _SHELVES.items()
        for i, item in enumerate(items.split(","))
    )


def stock(seasons: Seasons, truth: Truth, streams: Streams) -> Shelf:
    """Return the goods whose category the truth knows, with prices for every day."""
    rng = streams("prices")
    known = {c.code for c in truth.categories}
    goods = tuple(g for g in catalogue() if g.category in known)
    levels = np.array(truth.buying.price_levels)
    weekly = levels[rng.integers(0, len(levels), (len(goods), seasons.days // 7 + 1))]
    ratio = np.repeat(weekly, 7, axis=1)[:, : seasons.days]
    promoted = rng.random((len(goods), len(truth.festivals))) < 0.6
    for i, festival in enumerate(truth.festivals):
        on = seasons.strength(festival) > 0
        ratio = ratio * (1 - festival.discount * promoted[:, i, None] * on[None, :])
    return Shelf(goods, ratio, truth)
