"""What an installation in use has: a member of each role, questions, a dashboard, segments, a source, jobs, files. Run beside the server.

``python -m tests.browser.furnish`` with the data folder of a running installation prints, as JSON, a session of each member and the addresses of what
it made. Everything is made by the actions that pages call, or sent as a browser sends it.
"""

import base64
import hashlib
import json
import os
import time
import urllib.error
import urllib.request

from tilth.workbench.config import setup

LINES = "订单号,下单时间,会员,金额\n" + "".join(f"Z{n},2025-11-{n % 28 + 1:02d} 09:30:00,m{n % 40},{n % 70}.5\n" for n in range(300))
ORDERS = LINES + "Z300,明天,m1,5\nZ301,2025-11-03 10:00:00,m2,三十\n,,m3,12\n"
SAVED = {
    "funnel": ("下单转化（按渠道）", [("by", "channel"), ("dates", "30d"), ("compare", "previous")]),
    "retention": ("每周复购", [("by", "channel"), ("periods", "8")]),
    "rfm": ("会员价值分层", []),
    "sales": ("每日销售", [("dates", "30d"), ("compare", "previous")]),
    "activity": ("每日活跃", [("dates", "30d"), ("compare", "previous")]),
}

LAST = "2025-12-31T12:00:00+08:00"  # of the demo brand's days: pages look back from the last event
BOUGHT = {"value": 59, "product": "T 恤"}
LIVE = [
    {"type": "track", "event": "order_paid", "userId": "u_1001", "anonymousId": "a_77", "timestamp": LAST, "properties": BOUGHT},
    {"type": "identify", "userId": "u_1001", "timestamp": LAST, "traits": {"phone": "13812346205", "name": "张丽海"}},
    {"type": "track", "event": "order_paid", "userId": "u_1002", "timestamp": "yesterday"},
    {"type": "track", "userId": "u_1003"},
]


def main():
    setup.start_django()
    from django.conf import settings
    from django.test import Client

    from tilth.workbench.accounts.actions.workspaces import create_workspace
    from tilth.workbench.accounts.models import User
    from tilth.workbench.tenancy import scope
    from tilth.workbench.tenancy.actions import Actor
    from tilth.workbench.tenancy.models import Membership, Workspace

    shop = Workspace.objects.get(slug="demo")
    people = {"owner": User.objects.filter(is_staff=True).first()}
    for role, name in {"manager": "沈知夏", "analyst": "陆明", "operator": "何小满", "viewer": "顾来"}.items():
        people[role] = User.objects.create_user(f"{role}@shop.example", "parity-orchard-9", name=name)
        Membership.objects.create(workspace=shop, user=people[role], role=role)
    people["nobody"] = User.objects.create_user("nobody@shop.example", "parity-orchard-9", name="赵客")
    sessions = {}
    for role, user in people.items():
        client = Client(HTTP_HOST="127.0.0.1")
        client.force_login(user, backend="tilth.workbench.accounts.backends.MemberBackend")
        sessions[role] = client.cookies[settings.SESSION_COOKIE_NAME].value
    create_workspace(people["owner"], slug="bare", name="空店")
    owner = Actor.of(Membership.objects.select_related("workspace", "user").get(workspace=shop, user=people["owner"]))
    with scope.use(shop):
        made = Furniture(owner).made()
    print(json.dumps({"sessions": sessions, "made": made}))


class Furniture:
    def __init__(self, owner):
        self.owner = owner

    def made(self):
        members = self.members()
        return {**self.questions(), **self.people(), **self.data(), **self.live(), **self.files(), **members}

    def questions(self):
        from tilth.workbench.measure.actions import save_question
        from tilth.workbench.measure.asking.catalogue import Catalogue
        from tilth.workbench.measure.asking.kinds import KINDS
        from tilth.workbench.measure.asking.question import Question
        from tilth.workbench.measure.dashboards import actions as boards
        from tilth.workbench.measure.dashboards import mailing

        catalogue = Catalogue(self.owner.workspace)
        saved = {}
        for kind, (name, pairs) in SAVED.items():
            query = Question.read(KINDS[kind], pairs, catalogue).pairs(catalogue)
            saved[kind] = save_question(self.owner, kind=kind, query=query, name=name, shared=True)
        board = boards.make(self.owner, name="增长周报", shared=True)
        for kind, part in (("sales", "figures"), ("funnel", "chart"), ("activity", "chart"), ("retention", "table"), ("rfm", "chart")):
            boards.add_tile(self.owner, thing=board, question=saved[kind], part=part)
        boards.add_tile(self.owner, thing=board, text="周一例会前看一遍：支付这一步的变化，和回来的人。")
        empty = boards.make(self.owner, name="还没有内容")
        mailing.schedule(self.owner, board, next(iter(mailing.TIMES)), [self.owner.user.pk], "zh-hans")
        return {"saved": saved["funnel"].pk, "board": board.pk, "blank_board": empty.pk}

    def people(self):
        from tilth.warehouse.persons.listing import listing
        from tilth.workbench.data import masking
        from tilth.workbench.measure import answers
        from tilth.workbench.measure.asking.catalogue import Catalogue
        from tilth.workbench.measure.asking.kinds import KINDS
        from tilth.workbench.measure.asking.question import Question
        from tilth.workbench.people import actions

        catalogue = Catalogue(self.owner.workspace)
        rfm = Question.read(KINDS["rfm"], [], catalogue)
        source = {"kind": "question", "payload": {"question": "rfm", "query": rfm.pairs(catalogue), "cell": {"segment": "champions"}}, "url": ""}
        champions, lost = (answers.people(rfm, {"segment": name}, catalogue) for name in ("champions", "lost"))
        segment = actions.save_segment(self.owner, name="重要价值", people=champions, description="最近买过、常买、买得多的人", source=source)
        actions.save_segment(self.owner, name="沉睡用户", people=lost, description="很久没买、买得少的人")
        frame = listing(self.owner.workspace.facts, sort="spent", limit=1).frame
        one = frame.iloc[0]
        return {"segment": segment.pk, "person": masking.key(one["person_kind"], one["person"])}

    def data(self):
        from tilth.workbench.data.actions import loading, sources
        from tilth.workbench.data.facts import events
        from tilth.workbench.data.models import Draft, Source
        from tilth.workbench.data.reach import folder

        workspace = self.owner.workspace
        folder(workspace, "")
        source = sources.keep(self.owner, sources.Given("每日订单", Source.Kind.FOLDER, pattern="orders_*.csv", table="orders", cron="0 6 * * *"))
        broken = loading.begin(self.owner, self.sent("十一月订单.csv", ORDERS))
        kept = self.sent("十二月订单.csv", ORDERS.replace("2025-11", "2025-12"))
        until = time.monotonic() + 120
        while broken.is_open and time.monotonic() < until:
            time.sleep(0.5)
            broken.refresh_from_db()
        assert broken.state == "done", f"{broken.state}: {broken.error}"
        draft = Draft.objects.get(job=broken)
        return {"source": source.pk, "draft": kept.pk, "load": draft.load, "job": broken.pk, "event": events(workspace)[0].code}

    def live(self):
        """A write key, and what a client sends with it to the collector that runs beside the workbench."""
        from django.conf import settings

        from tilth.workbench.config.options import collector_url
        from tilth.workbench.data import arriving
        from tilth.workbench.data.actions import write_keys

        key = write_keys.create(self.owner, name="商城网页", origins=["https://www.shop.example"])
        told = base64.b64encode(f"{key.key}:".encode()).decode()
        request = urllib.request.Request(
            f"{collector_url(settings.OPTIONS)}/v1/batch", json.dumps({"batch": LIVE}).encode(), {"Authorization": f"Basic {told}"}
        )
        until = time.monotonic() + 60
        while True:  # the key reaches the collector within a second
            try:
                urllib.request.urlopen(request, timeout=10)
                break
            except urllib.error.HTTPError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.2)
        bad = [one.name for one in arriving.latest(self.owner.workspace) if one.problem]
        return {"write_key": key.pk, "arrival": bad[0]}

    def sent(self, name, text):
        """Send a file in one piece, and look at it as the wizard does."""
        from tilth.workbench.data.actions import uploads
        from tilth.workbench.data.incoming import drafting, pieces
        from tilth.workbench.data.models import Draft

        content = text.encode()
        upload = uploads.begin(self.owner, name=name, size=len(content))
        upload = pieces.take(upload, 0, content, hashlib.sha256(content).hexdigest())
        uploads.finish(self.owner, upload)
        draft = Draft.objects.get(upload=upload)
        drafting.known(draft)
        draft.save()
        return draft

    def files(self):
        import io

        from django.core.files.base import ContentFile
        from django.core.files.images import ImageFile
        from PIL import Image

        from tilth.workbench.shell.models import WorkspaceDocument, WorkspaceImage

        drawn = io.BytesIO()
        Image.new("RGB", (640, 360), "#1f7a4d").save(drawn, "png")
        image = WorkspaceImage(title="双十一海报", file=ImageFile(drawn, "poster.png"))
        image._set_image_file_metadata()
        image.save()
        document = WorkspaceDocument(title="活动方案", file=ContentFile("要点".encode(), "plan.txt"))
        document._set_document_file_metadata()
        document.save()
        return {"image": image.pk, "document": document.pk}

    def members(self):
        from tilth.workbench.accounts.actions import invitations, keys
        from tilth.workbench.tenancy.roles import Role

        _invitation, token = invitations.invite(self.owner, role=Role.VIEWER)
        keys.create_key(self.owner, name="夜间导出", scopes=["question:view"], days=90)
        return {"invitation": token}


if __name__ == "__main__":
    os.environ.setdefault("TILTH_LANG", "zh")
    main()
