"""Pages of people: who may see which, and that they stand."""

import pytest

PAGES = ["people/", "people/condition/", "people/gather/", "people/segments/"]


@pytest.mark.parametrize("path", PAGES)
def test_a_member_of_any_role_sees_the_page_and_an_outsider_does_not(client_as, outsider, role, path):
    assert client_as(role).get(f"/w/shop/{path}").status_code == 200
    assert outsider.get(f"/w/shop/{path}").status_code == 404
