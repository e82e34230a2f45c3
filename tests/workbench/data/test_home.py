"""The room of data: what there is, how fresh it is, and how the index of events stands."""

from tilth.warehouse import index


def test_the_index_says_how_it_stands(client_as, workspace, empty_workspace):
    index.drop(workspace.facts)
    assert "尚未建立" in client_as("viewer").get("/w/shop/data/").content.decode()
    made = index.opened(workspace.facts).about.events
    page = client_as("viewer").get("/w/shop/data/").content.decode()
    assert f"{made:,} 条行为" in page
    assert "尚未建立" not in page
    assert "行为索引" not in client_as("owner", empty_workspace).get("/w/bare/data/").content.decode()
