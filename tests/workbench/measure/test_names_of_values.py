"""Values that share a code are called by the property in which they stand; amounts of events are said in the workspace's currency."""

from tilth.workbench.measure import answers


def test_a_mini_program_is_a_platform_here_and_a_channel_there(inside, asked, catalogue):
    inside.is_demo = True
    names = {property: {code: name for code, name, _rows in catalogue.values(property)} for property in ("platform", "channel")}
    shared = set(names["platform"]) & set(names["channel"])
    assert shared  # the demo brand's own: the same code says one thing of a platform and another of a channel
    code = next(one for one in shared if names["platform"][one] != names["channel"][one])
    for property in names:
        question = asked("funnel", dates="all", by=property)
        rows = [row["cells"][0]["text"] for row in answers.answer(question, catalogue)["tables"][0]["rows"]]
        other = names["platform" if property == "channel" else "channel"][code]
        assert names[property][code] in rows
        assert other not in rows
        assert names[property][code] in question.kind.people_called(question, {"step": 1, property: code}, catalogue)


def test_what_conversions_are_worth_is_money(asked, catalogue):
    found = answers.answer(asked("touchpoints"), catalogue)
    worth = found["figures"][1]["value"]
    assert worth.startswith("¥")
    assert all(row["cells"][3]["text"].startswith("¥") for row in found["tables"][0]["rows"] if row["cells"][1]["text"] != "0")


def test_a_number_that_is_no_money_bears_no_sign(catalogue):
    assert [catalogue.amount("value", 1234.5), catalogue.amount("value", -3.14159, 2), catalogue.amount("items", 2.5, 2)] == [
        "¥1,234",
        "−¥3.14",
        "2.50",
    ]
    assert catalogue.amount("value", None) == "—"
