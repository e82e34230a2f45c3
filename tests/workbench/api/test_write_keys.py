"""Write keys by the API: the same actions as the pages, with the rights of whoever made the API key."""

import pytest


@pytest.fixture
def made(program):
    answer = program("manager").post("keys", {"name": "收银", "platform": "server"})
    assert answer.status_code == 201, answer.content
    return answer.json()


def test_a_key_goes_through_its_life(program, made):
    speak = program("manager")
    assert [one["key"] for one in speak.get("keys").json()["items"]] == [made["key"]]
    changed = speak("PUT", f"keys/{made['id']}", {"name": "网页", "origins": ["https://shop.example"], "consent": True}).json()
    assert (changed["name"], changed["platform"], changed["origins"], changed["key"]) == ("网页", "web", ["https://shop.example"], made["key"])
    rotated = speak.post(f"keys/{made['id']}/rotate", {"hours": 2}).json()
    assert rotated["key"] != made["key"]
    assert rotated["former_until"] is not None
    assert speak.post(f"keys/{made['id']}/revoke").json()["revoked_at"] is not None
    assert speak.post(f"keys/{made['id']}/rotate", {"hours": 2}).status_code == 422
    assert speak.get(f"keys/{made['id']}").json()["former_until"] is None


def test_who_may_not_is_told(program, made):
    analyst = program("analyst")
    assert analyst.get(f"keys/{made['id']}").json()["name"] == "收银"
    assert analyst.post("keys", {"name": "x"}).status_code == 403
    assert analyst.post(f"keys/{made['id']}/revoke").status_code == 403


@pytest.mark.parametrize(
    "body", [{}, {"name": ""}, {"name": "x", "platform": "fax"}, {"name": "x", "origins": ["not an origin"]}, {"name": "x", "what": 1}]
)
def test_a_key_that_cannot_be_is_refused(program, workspace, body):
    assert program("owner").post("keys", body).status_code == 422
