"""A call in an address. Expectations are the format's own description; what a picture is, Pillow's."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from io import BytesIO
from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo

import pytest
from PIL import Image

from tilth.collector.formats import pixel

RECEIVED = datetime(2026, 1, 31, 12, tzinfo=UTC)


def read(address: str, received: datetime = RECEIVED):
    return pixel.read(dict(parse_qsl(address, keep_blank_values=True)), received, ZoneInfo("Asia/Shanghai"))


def test_the_picture_is_one_dot():
    assert len(pixel.GIF) == 43
    assert pixel.GIF[:10] == b"GIF89a\x01\x00\x01\x00"
    with Image.open(BytesIO(pixel.GIF)) as picture:
        assert (picture.size, picture.convert("RGBA").getpixel((0, 0))[3]) == ((1, 1), 0)


def test_a_mail_that_was_opened():
    batch = read("key=k&event=mail_open&user=u1&mail=spring&id=m-1&utm_source=mail&url=https%3A%2F%2Fa.cn%2F&time=2026-01-31T19:00")
    ((_, call),) = batch.calls
    assert (batch.key, call.message, call.event, call.ids) == ("k", "m-1", "mail_open", (("user", "u1"),))
    assert call.properties == {"mail": "spring"}
    assert call.context == {"url": "https://a.cn/", "utm": {"source": "mail"}}
    assert call.time == datetime(2026, 1, 31, 11, tzinfo=UTC)


def test_an_openid_belongs_to_its_app():
    assert read("openid=o&app=wx1").calls[0][1].ids == (("openid:wx1", "o"),)


def test_two_views_without_a_number_are_two():
    assert read("user=u1").calls[0][1].message != read("user=u1", RECEIVED + timedelta(microseconds=1)).calls[0][1].message


@pytest.mark.parametrize(
    ("address", "reason", "where"),
    [
        ("event=e", "missing", "user"),
        ("user=u&time=noon", "time", "time"),
        ("user=u&phone=13800000000", "unknown", "phone"),
        ("user=u&email=a%40e.cn", "unknown", "email"),
        ("user=u&a=%00", "json", "a"),
        (f"user={'u' * 256}", "size", "user"),
        (f"user=u&a={'u' * 40000}", "size", ""),
    ],
)
def test_what_cannot_be_used(address, reason, where):
    batch = read(f"key=k&{address}")
    assert batch.calls == ()
    assert [(fault.reason, fault.where) for fault in batch.faults] == [(reason, where)]
    assert len(batch.faults[0].raw) <= 32_768
