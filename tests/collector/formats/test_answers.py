"""What clients are told. Expectations: what the published clients, unmodified, make of an answer, and the language that was asked for."""

from __future__ import annotations

import json

import pytest
import sensorsanalytics
from segment.analytics.client import Client
from segment.analytics.request import APIError
from sensorsanalytics.sdk import SensorsAnalyticsDebugException, SensorsAnalyticsIdentity

from tilth.collector import answers
from tilth.collector.calls import Batch, Fault, Unreadable
from tilth.collector.formats import faults, lenient
from tilth.language import using

BAD = Fault(3, "missing", "event", faults.NO_EVENT, "{}")


def test_a_batch_with_a_bad_item_is_a_success_to_segment_s_client(recorder):
    recorder.answer = (200, answers.accepted(Batch("k", (), (BAD,))))
    sent, _ = Client("k", host=recorder.address, sync_mode=True).track("u1", "pay")
    assert sent is True
    assert len(recorder.requests) == 1


def test_segment_s_client_finds_the_reason_of_a_refusal(recorder):
    with using("en"):
        recorder.answer = answers.unreadable(Unreadable(413, lenient.MANY))
    with pytest.raises(APIError) as refused:
        Client("k", host=recorder.address, sync_mode=True).track("u1", "pay")
    assert (refused.value.status, refused.value.code, refused.value.message) == (413, "too_large", lenient.MANY)


def test_the_debug_client_prints_the_reason(recorder, capsys):
    with using("en"):
        recorder.answer = answers.checked(Batch("k", (), (BAD,)))
    client = sensorsanalytics.SensorsAnalytics(sensorsanalytics.DebugConsumer(f"{recorder.address}/sa", write_data=False))
    with pytest.raises(SensorsAnalyticsDebugException):
        client.track_by_id("pay", {}, SensorsAnalyticsIdentity("$identity_login_id", "u1"))
    assert faults.NO_EVENT in capsys.readouterr().out
    assert recorder.requests[0].headers["dry-run"] == "true"
    assert recorder.requests[0].path == "/debug"


def test_the_debug_client_is_content_with_good_items(recorder):
    recorder.answer = answers.checked(Batch("k", (), ()))
    sensorsanalytics.SensorsAnalytics(sensorsanalytics.DebugConsumer(f"{recorder.address}/sa")).track("u1", "pay")
    assert len(recorder.requests) == 1


def test_bad_items_are_listed_with_place_reason_and_mend():
    with using("en"):
        told = json.loads(answers.accepted(Batch("k", (), (BAD,))))
    assert told == {"success": True, "accepted": 0, "rejected": [{"index": 3, "reason": "missing", "where": "event", "text": faults.NO_EVENT}]}


def test_an_answer_does_not_grow_with_what_is_wrong():
    told = json.loads(answers.accepted(Batch("k", (), (BAD,) * 2000)))
    assert (len(told["rejected"]), told["rejected_in_all"]) == (100, 2000)


def test_the_reason_is_worded_in_chinese():
    with using("zh-Hans"):
        told = json.loads(answers.refused(413, lenient.MANY))
    assert told["message"] == "这次请求超过 2,000 条：请分几次发送。"
