"""Cities, provinces and stores of the demo brand; a city's weight is about its share of the brand's people."""

from __future__ import annotations

from typing import NamedTuple


class City(NamedTuple):
    """A city, its province and how many of the brand's people live there, as a weight."""

    name: str
    province: str
    weight: float


class Store(NamedTuple):
    """A store: its code, its name and its city."""

    code: str
    name: str
    city: str


CITIES = tuple(
    City(name, province, weight)
    for name, province, weight in (
        ("上海", "上海", 12.0), ("北京", "北京", 10.0), ("广州", "广东", 7.5), ("深圳", "广东", 8.0), ("杭州", "浙江", 7.0),
        ("成都", "四川", 6.0), ("武汉", "湖北", 4.5), ("南京", "江苏", 4.5), ("重庆", "重庆", 4.0), ("西安", "陕西", 3.5),
        ("苏州", "江苏", 4.0), ("天津", "天津", 2.5), ("长沙", "湖南", 3.0), ("郑州", "河南", 2.5), ("青岛", "山东", 2.0),
        ("宁波", "浙江", 2.0), ("东莞", "广东", 1.8), ("佛山", "广东", 1.8), ("合肥", "安徽", 1.8), ("厦门", "福建", 1.6),
        ("福州", "福建", 1.4), ("济南", "山东", 1.5), ("沈阳", "辽宁", 1.2), ("大连", "辽宁", 1.1), ("昆明", "云南", 1.1),
        ("哈尔滨", "黑龙江", 0.9), ("南昌", "江西", 0.9), ("贵阳", "贵州", 0.8), ("南宁", "广西", 0.8), ("太原", "山西", 0.7),
        ("石家庄", "河北", 0.7), ("兰州", "甘肃", 0.4), ("乌鲁木齐", "新疆", 0.4), ("海口", "海南", 0.4), ("呼和浩特", "内蒙古", 0.3),
    )
)  # fmt: skip

STORES = (
    Store("S01", "上海静安店", "上海"),
    Store("S02", "上海徐汇店", "上海"),
    Store("S03", "北京朝阳店", "北京"),
    Store("S04", "广州天河店", "广州"),
    Store("S05", "深圳南山店", "深圳"),
    Store("S06", "杭州西湖店", "杭州"),
    Store("S07", "成都锦江店", "成都"),
    Store("S08", "武汉江汉店", "武汉"),
    Store("S09", "南京鼓楼店", "南京"),
    Store("S10", "西安雁塔店", "西安"),
)
ONLINE_SHOP = "MALL"
"""Shop code of orders that were not placed in a store."""
