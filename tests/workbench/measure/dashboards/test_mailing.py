"""Dashboards by mail: a real SMTP server on this machine takes the mail, and what it took is taken apart."""

import io
import re

import pytest
from PIL import Image
from tests.workbench.notify.server import running

from tilth.errors import InputError
from tilth.workbench.jobs.actions import start
from tilth.workbench.jobs.models import Schedule, State
from tilth.workbench.jobs.running import run_here
from tilth.workbench.measure.actions import save_question
from tilth.workbench.measure.dashboards import actions, mailing
from tilth.workbench.tenancy.models import Membership
from tilth.workbench.tenancy.policy import Refused


@pytest.fixture
def server(settings):
    with running() as made:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS = "127.0.0.1", made.port, False
        settings.DEFAULT_FROM_EMAIL = "tilth@shop.example"
        yield made


@pytest.fixture
def board(actor, inside):
    owner = actor("owner")
    made = actions.make(owner, name="周报", shared=True)
    for kind, query, part in (("funnel", [], "chart"), ("activity", [("compare", "previous")], "figures"), ("rfm", [], "table")):
        question = save_question(owner, kind=kind, query=query, name=kind, shared=True)
        actions.add_tile(owner, thing=made, question=question, part=part)
    actions.add_tile(owner, thing=made, text="先看漏斗")
    return made


def sent(actor, board, users):
    """Run the job as the worker does, and return what its page shows."""
    job = run_here(start(actor("owner"), mailing.KIND, title="x", board=board.pk, users=users, language="zh-hans"))
    assert job.state == State.DONE, job.error
    return job.result


def test_the_mail_holds_pictures_figures_rows_and_links_into_the_workspace(actor, member, board, server):
    told = sent(actor, board, [member("owner").pk, member("viewer").pk])
    assert told == {"sent": 2, "pictures": 1}
    mails = server.read()
    assert [one["To"] for one in mails] == ["owner@shop.example", "viewer@shop.example"]
    html = mails[0].get_body(("html",)).get_content()
    (picture,) = [part for part in mails[0].walk() if part.get_content_type() == "image/png"]
    drawn = Image.open(io.BytesIO(picture.get_content()))
    assert drawn.size[0] == 2 * mailing.WIDTH
    assert len(drawn.convert("RGB").getcolors(1 << 20)) > 20  # a chart, not a blank
    assert f"cid:{picture['Content-ID'].strip('<>')}" in html
    for word in ("先看漏斗", "重要价值客户", "活跃用户"):
        assert word in html
    links = re.findall(r'href="([^"]+)"', html)
    assert links
    assert all(link.startswith("http://127.0.0.1:8000/w/shop/") for link in links)


def test_the_mail_names_no_person(actor, member, board, server, workspace):
    sent(actor, board, [member("owner").pk])
    text = server.read()[0].get_body(("html",)).get_content()
    people = workspace.facts.people_page().frame["person"]
    assert not [one for one in people if one in text]


def test_only_members_get_it_and_only_editors_send_it(actor, member, board, other_workspace):
    stranger = member("owner", other_workspace)
    with pytest.raises(InputError):
        mailing.schedule(actor("owner"), board, "0 8 * * *", [stranger.pk], "zh-hans")
    with pytest.raises(Refused):
        mailing.schedule(actor("viewer"), board, "0 8 * * *", [member("viewer").pk], "zh-hans")
    with pytest.raises(Refused):  # neither theirs nor a manager
        mailing.schedule(actor("analyst"), board, "0 8 * * *", [member("owner").pk], "zh-hans")
    mailing.schedule(actor("owner"), board, "0 8 * * 1", [member("owner").pk], "zh-hans")
    assert [one.cron for one in mailing.schedules(board)] == ["0 8 * * 1"]


def test_who_left_gets_nothing(actor, member, board, server):
    gone = member("viewer")
    Membership.objects.filter(user=gone).delete()
    job = run_here(start(actor("owner"), mailing.KIND, title="x", board=board.pk, users=[gone.pk], language="zh-hans"))
    assert job.state == State.FAILED
    assert not server.mails


def test_schedules_are_made_looked_at_and_ended_on_their_page(client_as, member, board):
    client, url = client_as("owner"), f"/w/shop/analysis/dashboards/{board.pk}/mails/"
    assert client.post(url, {"cron": "0 8 * * *", "user": member("owner").pk}).status_code == 302
    assert "每天 8:00" in client.get(url).content.decode()
    client.post(url, {"end": Schedule.objects.get().pk})
    assert not Schedule.objects.exists()
    assert client_as("viewer").get(url).status_code == 403


def test_the_mail_can_be_seen_before_it_goes_out(client_as, board):
    client, url = client_as("owner"), f"/w/shop/analysis/dashboards/{board.pk}/mails/see/"
    text = client.get(url).content.decode()
    (address,) = re.findall(r'<img src="([^"]+)"', text)
    answer = client.get(address)
    assert Image.open(io.BytesIO(answer.content)).format == "PNG"
