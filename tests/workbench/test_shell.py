"""The frame around every page."""

import pytest


def test_a_member_of_any_role_sees_the_home_page(client_as, role):
    answer = client_as(role).get("/w/shop/")
    assert answer.status_code == 200
    assert "禾间" in answer.content.decode()


def test_an_outsider_does_not_learn_that_the_workspace_exists(outsider, workspace):
    assert outsider.get("/w/shop/").status_code == 404
    assert outsider.get("/w/no-such/").status_code == 404


def test_who_has_not_signed_in_is_led_to_the_door_and_back(client, workspace):
    answer = client.get("/w/shop/?a=1", HTTP_HOST="localhost")
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/sign-in/?next=/w/shop/%3Fa%3D1"


@pytest.mark.parametrize("path", ["pages/", "workflows/list/", "reports/site-history/", "collections/", "snippets/", "users/", "api/main/pages/"])
def test_what_wagtail_offers_and_we_do_not_list_is_not_there(client_as, path):
    assert client_as("owner").get(f"/w/shop/{path}").status_code == 404
