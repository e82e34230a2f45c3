"""The frame around every page."""

import pytest

from tilth.workbench.tenancy.models import Membership


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


def test_the_front_door_leads_back_to_where_one_was_last(client_as, member, workspace, other_workspace):
    client = client_as("analyst")
    Membership.objects.create(workspace=other_workspace, user=member("analyst"), role="viewer")
    assert client.get("/").headers["Location"] == workspace.url  # joined first
    client.get(workspace.url)
    client.get(other_workspace.url)
    assert client.get("/").headers["Location"] == other_workspace.url


def test_a_refusal_names_the_action_and_the_roles_in_words(client_as):
    text = client_as("viewer").get("/w/shop/settings/audit/", headers={"accept-language": "zh-hans"}).content.decode()
    assert "“查看审计”需要以下角色之一：所有者、管理者。" in text  # tenancy's words of audit.view, and its policy
    assert "audit:view" not in text
