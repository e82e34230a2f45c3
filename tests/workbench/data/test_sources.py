"""Sources that are read by schedule: what they may reach, that each file comes in once, that secrets stay secret."""

import pytest

from tilth.errors import InputError
from tilth.workbench.data import reach, sealed
from tilth.workbench.data.actions import sources
from tilth.workbench.data.models import Source, SourceRun
from tilth.workbench.jobs.models import Schedule
from tilth.workbench.tenancy import scope

CSV = "订单号,下单时间,会员,金额\n{n},2025/11/3 8:00,m1,10\n"
ADDRESS = "postgresql://reader:geheim@db.example.com/shop"


@pytest.fixture
def inbox(inside):
    folder = reach.roots(inside)[0]
    folder.mkdir(parents=True, exist_ok=True)
    for file in folder.iterdir():
        file.unlink()
    return folder


def put(folder, name, n):
    file = folder / name
    file.write_text(CSV.format(n=n), "utf-8")
    return file


def settled(monkeypatch):
    """Let files count as settled at once: they are not written by anybody any more."""
    from tilth.warehouse.loading import watch

    monkeypatch.setattr(watch, "_changed", lambda path: 0.0)


def folder_source(**more):
    return sources.Given(name="每日订单", kind="folder", folder="", pattern="*.csv", table="orders", **more)


def test_a_folder_s_files_come_in_once_each_and_a_bad_one_stops_no_other(actor, inbox, inside, worked, monkeypatch):
    settled(monkeypatch)
    put(inbox, "a.csv", "A1")
    put(inbox, "b.csv", "B1")
    (inbox / "c.csv").write_bytes(b"MZ\x90\x00" + bytes(200))
    source = sources.keep(actor("analyst"), folder_source())
    assert [one.name for one in sources.attempt(actor("analyst"), source)] == ["a.csv", "b.csv", "c.csv"]
    before = int(inside.facts.status().set_index("table")["rows"]["orders"])
    for _time in range(2):
        sources.read(actor("analyst"), source)
        assert worked(inside).state == "done"
    assert int(inside.facts.status().set_index("table")["rows"]["orders"]) == before + 2
    first = SourceRun.objects.order_by("started_at").first()
    assert [(one["name"], bool(one["problem"])) for one in first.taken] == [("a.csv", False), ("b.csv", False), ("c.csv", True)]
    assert first.accepted == 2


@pytest.mark.parametrize("folder", ["/etc", "../..", "/", "../other"])
def test_no_folder_outside_the_inbox_is_read(actor, inbox, folder):
    with pytest.raises(InputError, match="inbox"):
        sources.keep(actor("analyst"), sources.Given(name="x", kind="folder", folder=folder))


def test_a_link_out_of_the_inbox_leads_nowhere(actor, inbox, tmp_path):
    (inbox / "out").symlink_to(tmp_path)
    try:
        with pytest.raises(InputError):
            sources.keep(actor("analyst"), sources.Given(name="x", kind="folder", folder="out"))
    finally:
        (inbox / "out").unlink()


@pytest.mark.parametrize("pattern", ["../*.csv", "/etc/*", "~/x", "a\\b"])
def test_no_pattern_leads_out_of_its_folder(actor, inbox, pattern):
    with pytest.raises(InputError):
        sources.keep(actor("analyst"), sources.Given(name="x", kind="folder", pattern=pattern))


def test_the_inbox_of_another_workspace_is_out_of_reach(actor, inbox, other_workspace):
    theirs = reach.roots(other_workspace)[0]
    theirs.mkdir(parents=True, exist_ok=True)
    with pytest.raises(InputError):
        sources.keep(actor("analyst"), sources.Given(name="x", kind="folder", folder=str(theirs)))


REFUSED = [
    "sqlite:////etc/passwd",
    "sqlite://",
    "duckdb:///x",
    "postgresql:///tilth",  # by the server's own account
    "postgresql://db.example.com/shop",
    "postgresql://reader@db.example.com/shop",
    "postgresql://reader:p@/shop?host=/var/run/postgresql",
    "postgresql://reader:p@db.example.com/shop?passfile=/etc/passwd",
    "postgresql://reader:p@%2Fvar%2Frun/shop",
    "no address",
]


@pytest.mark.parametrize("url", REFUSED)
def test_databases_that_would_reach_the_server_itself_are_refused(url):
    with pytest.raises(InputError) as refused:
        reach.address(url)
    assert ":p@" not in str(refused.value)


def test_an_address_is_stored_encrypted_and_never_shown(actor, inside, client_as):
    given = sources.Given(name="库", kind="database", url=ADDRESS, what="orders", column="id", table="orders")
    source = sources.keep(actor("analyst"), given)
    assert b"geheim" not in bytes(source.secret)
    assert sealed.opened(source.secret) == reach.address(ADDRESS)
    for page in ("", f"{source.pk}/"):
        assert "geheim" not in client_as("analyst").get(f"/w/shop/data/sources/{page}").content.decode()
    kept = sources.keep(actor("analyst"), sources.Given(name="新库", kind="database", what="orders", column="id"), source)  # the address stays
    assert sealed.opened(kept.secret) == reach.address(ADDRESS)
    assert sources.spec_of(kept).name == "库"  # its mark hangs on the first name


def test_what_a_database_says_is_told_without_the_password(actor, inside):
    given = sources.Given(name="库", kind="database", url=ADDRESS.replace("db.example.com", "127.0.0.1:1"), what="orders", column="id")
    source = sources.keep(actor("analyst"), given)
    with pytest.raises(InputError) as refused:
        sources.attempt(actor("analyst"), source)
    assert "geheim" not in sources.problem_of(refused.value, source)


def test_times_make_a_schedule_and_change_with_it(actor, inbox, inside):
    source = sources.keep(actor("analyst"), folder_source(cron="0 6 * * *"))
    assert (source.schedule.kind, source.schedule.cron, source.schedule.arguments) == ("data.source", "0 6 * * *", {"source": source.pk})
    sources.keep(actor("analyst"), folder_source(cron="0 * * * *"), source)
    assert [one.cron for one in Schedule.objects.all()] == ["0 * * * *"]
    with pytest.raises(InputError):
        sources.keep(actor("analyst"), folder_source(cron="at noon"), source)
    source.refresh_from_db()  # nothing of it was written
    assert source.schedule.cron == "0 * * * *"
    sources.keep(actor("analyst"), folder_source(), source)
    assert not Schedule.objects.exists()
    sources.keep(actor("analyst"), folder_source(cron="0 * * * *"), source)
    sources.remove(actor("analyst"), source)
    assert not Schedule.objects.exists()
    assert not Source.objects.exists()


def test_a_name_is_taken_once(actor, inbox):
    sources.keep(actor("analyst"), folder_source())
    with pytest.raises(InputError, match="每日订单"):
        sources.keep(actor("analyst"), folder_source())


def test_sources_are_kept_by_analysts_through_their_pages(client_as, outsider, inbox, workspace, role):
    allowed = role in ("owner", "manager", "analyst")
    client = client_as(role)
    given = {"name": f"源 {role}", "kind": "folder", "folder": "", "pattern": "*.csv", "times": "0 6 * * *"}
    assert client.post("/w/shop/data/sources/new/", given).status_code == (302 if allowed else 403)
    assert client.get("/w/shop/data/sources/").status_code == 200
    if not allowed:
        return
    with scope.use(workspace):
        source = Source.objects.select_related("schedule").get()
        assert source.schedule.cron == "0 6 * * *"
    assert client.post(f"/w/shop/data/sources/{source.pk}/try/", headers={"HX-Request": "true"}).status_code == 200
    assert client.post(f"/w/shop/data/sources/{source.pk}/try/").status_code == 200
    assert client.post(f"/w/shop/data/sources/{source.pk}/run/").status_code == 302
    assert outsider.get(f"/w/rival/data/sources/{source.pk}/").status_code == 404
    assert outsider.post(f"/w/rival/data/sources/{source.pk}/delete/").status_code == 404
    wrong = client.post(f"/w/shop/data/sources/{source.pk}/", {**given, "folder": "/etc"})
    assert wrong.status_code == 422
    assert "inbox" in wrong.content.decode()
    assert client.post(f"/w/shop/data/sources/{source.pk}/delete/").status_code == 302
    assert inbox.exists()


def test_a_live_database_is_read_on_from_where_the_last_run_ended(actor, inside, worked, postgres, client_as):
    """A real PostgreSQL: five rows, then two more, then none; and what the server says when the table is gone."""
    import psycopg

    def in_the_shop(statement):
        with psycopg.connect(postgres) as connection:
            connection.execute(statement)

    def rows():
        return int(inside.facts.status().set_index("table")["rows"]["orders"])

    def run():
        sources.read(actor("analyst"), source)
        worked(inside)
        return SourceRun.objects.order_by("started_at").last()

    in_the_shop("DROP TABLE IF EXISTS crm_orders")
    in_the_shop("CREATE TABLE crm_orders (id bigint, order_no text, member text, order_time timestamptz, amount numeric)")
    hourly = "timestamptz '2026-01-05 08:00+08' + n * interval '1 hour'"
    in_the_shop(f"INSERT INTO crm_orders SELECT n, 'C' || n, 'm' || n % 3, {hourly}, n FROM generate_series(1, 5) n")
    before = rows()
    given = sources.Given(name="CRM", kind="database", url=postgres, what="crm_orders", column="id", table="orders")
    source = sources.keep(actor("analyst"), given)
    assert (run().accepted, rows()) == (5, before + 5)
    in_the_shop("INSERT INTO crm_orders VALUES (6, 'C6', 'm1', '2026-01-06 08:00+08', 9.9), (7, 'C7', NULL, 'infinity', 1)")
    assert (run().accepted, rows()) == (1, before + 6)
    assert SourceRun.objects.order_by("started_at").last().taken[0]["quarantined"] == 1  # a time that never comes
    assert (run().accepted, rows()) == (0, before + 6)
    in_the_shop("DROP TABLE crm_orders")
    problem = run().taken[0]["problem"]
    assert "crm_orders" in problem
    page = client_as("analyst").get(f"/w/shop/data/sources/{source.pk}/").content.decode()
    assert "CRM" in page
    assert "a-password" not in page + problem
