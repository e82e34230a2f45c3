"""``tilth index`` says how the index stands, and makes it and throws it away when asked."""


def test_made_kept_up_and_thrown_away(tilth, tmp_path):
    tilth("-w", tmp_path / "w", "init")
    rows = "who,at,what\na,2025-01-01,view\na,2025-01-02,pay\nb,2025-01-01,view\n,2025-01-01,view\n"
    (tmp_path / "one.csv").write_text(rows)
    (tmp_path / "two.csv").write_text("who,at,what\nc,2025-01-03,view\n")
    given = ["--yes", "--table", "events", "--map", "person=who", "--map", "time=at:iso", "--map", "event=what"]
    tilth("-w", tmp_path / "w", "load", tmp_path / "one.csv", *given)
    assert "3 rows" in tilth("-w", tmp_path / "w", "index", "status").out
    made = tilth("-w", tmp_path / "w", "index", "build", "--json").json
    assert (made["state"], made["events"], made["people"], made["behind"]) == ("current", 3, 2, 0)
    assert "up to date" in tilth("-w", tmp_path / "w", "index", "status").out
    tilth("-w", tmp_path / "w", "load", tmp_path / "two.csv", *given)
    assert "1 rows came since" in tilth("-w", tmp_path / "w", "index", "status").out
    tilth("-w", tmp_path / "w", "funnel", "view")  # a question takes it in
    assert tilth("-w", tmp_path / "w", "index", "status", "--json").json["events"] == 4
    assert "3" in tilth("-w", tmp_path / "w", "index", "build", "--anew", "--lang", "zh").out
    assert tilth("-w", tmp_path / "w", "index", "drop", "--json").json["bytes"] > 0
    assert tilth("-w", tmp_path / "w", "index", "status", "--json").json["state"] == "none"
