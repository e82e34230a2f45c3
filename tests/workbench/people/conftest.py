"""A small demo brand as pandas tables: what the pages must agree with, worked out without any of the code they use."""

import re

import pandas as pd
import pytest

from tilth.warehouse.demo import generate

TABLES = ("events", "orders", "people", "identities")


@pytest.fixture(scope="session")
def brand():
    """The brand that the workspace of the tests holds, with the answers behind it."""
    return generate(people=1000)


@pytest.fixture(scope="session")
def truth(brand):
    """One row a person, by brute force over the brand's tables: profile, first and last event, orders, what they spent, all their ids."""
    tables = {name: brand.tables[name].to_pandas() for name in TABLES}
    links = tables["identities"][tables["identities"]["until"].isna()]
    links = links[links["value"] != links["person"]]
    owners = links.groupby("value")["person"].nunique()
    whose = links[links["value"].map(owners) == 1].drop_duplicates("value").set_index("value")["person"].to_dict()

    def owner(value):
        seen = set()
        while value in whose and value not in seen:
            seen.add(value)
            value = whose[value]
        return value

    for name in ("events", "orders", "people"):
        rows = tables[name]
        tables[name] = rows[rows["person"].notna()].assign(person=lambda rows: rows["person"].map(owner))
    events, people = tables["events"], tables["people"].sort_values("time", kind="stable").drop_duplicates("person", keep="last")
    lines = tables["orders"].assign(amount=lambda rows: rows["amount"].astype(float))
    orders = lines.groupby(["person", "order"]).agg(time=("time", "min"), amount=("amount", "sum")).reset_index()
    orders = orders[orders["amount"] > 0]
    whole = pd.DataFrame(index=pd.Index(sorted({*events["person"], *tables["orders"]["person"], *people["person"]}), name="person"))
    whole = whole.join(people.set_index("person")[["name", "city", "channel", "tier", "gender", "birth_year"]])
    whole = whole.join(events.groupby("person").agg(first_seen=("time", "min"), last_seen=("time", "max"), events=("time", "size")))
    whole = whole.join(orders.groupby("person").agg(orders=("order", "size"), last_order=("time", "max"), spent=("amount", "sum")))
    whole[["events", "orders", "spent"]] = whole[["events", "orders", "spent"]].fillna(0)
    whole["phone"] = links[links["kind"] == "phone"].drop_duplicates("person", keep="last").set_index("person")["value"]
    return {"people": whole, "events": events, "orders": orders, "links": links, "owner": owner}


@pytest.fixture
def post(django_capture_on_commit_callbacks):
    """``post(client, path, data)``: a form sent to the demo workspace, with what follows the commit carried out."""

    def sent(client, path, data=None, **how):
        with django_capture_on_commit_callbacks(execute=True):
            return client.post(f"/w/shop/people/{path}", data or {}, **how)

    return sent


def shown(answer):
    """Return the keys of the people in a page's table, in order."""
    return re.findall(r'<th scope="row"><a href="/w/shop/people/one/([^/]+)/"', answer.content.decode())


def total(answer):
    """Return how many people a list says there are."""
    return answer.context_data["total"]
