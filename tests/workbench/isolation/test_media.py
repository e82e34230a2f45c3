"""Images, documents and their tags: one workspace never sees, finds, changes or fetches another's."""

import io
import struct
import zipfile
import zlib

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test.utils import isolate_apps
from django.urls import reverse, set_script_prefix
from tests.workbench.isolation.conftest import drawn

from tilth.workbench.shell.media import kinds
from tilth.workbench.shell.models import MediaTag, Rendition, WorkspaceDocument, WorkspaceImage, WorkspacePage
from tilth.workbench.tenancy import scope
from tilth.workbench.tenancy.models import Entry, ScopedManager

pytestmark = pytest.mark.django_db


def entries(workspace):
    with scope.use(workspace):
        return [(entry.code, entry.name, entry.who) for entry in Entry.objects.order_by("pk")]


def test_the_list_and_the_search_show_one_workspace(client_as, pictures, documents):
    client = client_as("operator")
    for room in ("images", "documents"):
        for query, seen in (("", True), ("?q=Ours", True), ("?q=Theirs", False)):
            shown = client.get(f"/w/shop/{room}/results/{query}").content.decode()
            assert ('title="Ours"' in shown or ">Ours<" in shown.replace(" ", "").replace("\n", "")) == seen, (room, query)
            assert "Theirs" not in shown.replace(query, "").replace("<em>Theirs</em>", "").replace("q=Theirs", ""), (room, query)


def test_a_viewer_has_no_room_of_images(client_as, pictures):
    client = client_as("viewer")
    assert client.get("/w/shop/images/").status_code in (302, 403)
    assert "/w/shop/images/" not in client.get("/w/shop/").content.decode()
    assert "/w/shop/images/" in client_as("operator").get("/w/shop/").content.decode()


def test_an_upload_lies_in_the_workspace_and_in_the_audit(client_as, workspace, other_workspace):
    client = client_as("operator")
    answer = client.post("/w/shop/images/multiple/add/", {"title": "Poster", "files[]": SimpleUploadedFile("poster.png", drawn())}).json()
    assert answer["success"], answer
    with scope.use(workspace):
        image = WorkspaceImage.objects.get()
        assert (image.title, image.uploaded_by_user.email) == ("Poster", "operator@shop.example")
        assert image.file.name.startswith(f"{workspace.pk}/")
    with scope.use(other_workspace):
        assert not WorkspaceImage.objects.exists()
    answer = client.post(f"/w/shop/images/multiple/{image.pk}/", {f"image-{image.pk}-title": "Poster, summer", f"image-{image.pk}-tags": "夏"}).json()
    assert answer["success"], answer
    assert client.post(f"/w/shop/images/multiple/{image.pk}/delete/").json()["success"]
    who = "shop operator"
    assert entries(workspace) == [("media.add", "Poster", who), ("media.change", "Poster, summer", who), ("media.delete", "Poster, summer", who)]


def test_the_same_tag_in_two_workspaces_is_two_tags(client_as, workspace, other_workspace, picture, document):
    for where in (workspace, other_workspace):
        with scope.use(where):
            picture(where).tags.add("夏", "summer")
            document(where).tags.add("夏")
            assert MediaTag.objects.count() == 4  # Poster, Plan, 夏, summer
    client = client_as("operator")
    assert client.get("/w/shop/tag-autocomplete/shell/mediatag/?term=sum").json() == ["summer"]
    with scope.use(other_workspace):
        picture(other_workspace, "Secret")
    assert client.get("/w/shop/tag-autocomplete/shell/mediatag/?term=Sec").json() == []
    for path in ("tag-autocomplete/?term=s", "tag-autocomplete/taggit/tag/?term=s", "tag-autocomplete/shell/workspaceimage/?term=s"):
        assert client.get(f"/w/shop/{path}").status_code == 404


def test_files_are_handed_to_members_only(client_as, outsider, client, workspace, pictures, documents):
    with scope.use(workspace):
        rendition = pictures[0].get_rendition("max-20x20")
        addresses = [rendition.url, pictures[0].file.url]
    set_script_prefix("/w/shop/")
    addresses.append(reverse("shell:document", "tilth.workbench.config.workspace_urls", [documents[0].pk, documents[0].filename]))
    set_script_prefix("/")
    member = client_as("viewer")  # pages that a viewer sees show pictures
    for address in addresses:
        assert address.startswith("/w/shop/")
        handed = member.get(address)
        assert handed.status_code == 200, address
        assert b"".join(handed.streaming_content)
        assert "sandbox" in handed["Content-Security-Policy"]
        assert handed["X-Content-Type-Options"] == "nosniff"
        assert handed["Content-Disposition"].startswith("attachment") == address.endswith(".txt")
        assert handed["Content-Type"] == ("application/octet-stream" if address.endswith(".txt") else "image/png")
        assert outsider.get(address).status_code == 404
        assert outsider.get(address.replace("/w/shop/", "/w/rival/")).status_code == 404
        assert client.get(address, HTTP_HOST="localhost").status_code == 302
        assert member.post(address).status_code == 405
    assert member.get(f"/media/{pictures[0].file.name}").status_code == 404
    assert member.get("/w/shop/shell/media/../../tilth.sqlite3").status_code == 404


def test_renditions_belong_to_their_images_workspace(workspace, other_workspace, pictures):
    with scope.use(workspace):
        pictures[0].get_renditions("max-20x20", "width-10")
        assert {one.workspace_id for one in Rendition.objects.all()} == {workspace.pk}
        with pytest.raises(ValueError, match="another workspace"):
            Rendition.objects.create(image=pictures[1], filter_spec="width-5", width=5, height=5)
    with scope.use(other_workspace):
        assert not Rendition.objects.exists()


def archive(*names, data=b"x"):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for name in names:
            packed.writestr(name, data)
    return file.getvalue()


def named(value):
    return value if isinstance(value, str) else "" if isinstance(value, bytes) else ("refused", "kept")[value]


def announcing(width, height):
    """A small picture whose head claims other dimensions."""
    head = b"IHDR" + struct.pack(">II", width, height) + drawn()[24:29]
    return drawn()[:12] + head + struct.pack(">I", zlib.crc32(head)) + drawn()[33:]


PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n"
SVG = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"


@pytest.mark.parametrize(
    ("name", "content", "kept"),
    [
        ("a.png", drawn(), True),
        ("a.jpg", drawn("jpeg"), True),
        ("a.webp", drawn("webp"), True),
        ("a.png", drawn("jpeg"), False),  # another kind than its name says
        ("a.svg", SVG, False),  # carries scripts
        ("a.png", SVG, False),
        ("a.png", drawn()[:60], False),  # cut off
        ("a.png", PDF, False),
        ("a.html", b"<html></html>", False),
        ("a.png", announcing(8000, 7000), False),  # 56 million pixels in a few bytes
    ],
    ids=named,
)
def test_pictures_are_known_by_their_content(client_as, workspace, name, content, kept):
    answer = client_as("operator").post("/w/shop/images/multiple/add/", {"files[]": SimpleUploadedFile(name, content)}).json()
    assert answer["success"] == kept, answer
    with scope.use(workspace):
        assert WorkspaceImage.objects.exists() == kept


@pytest.mark.parametrize(
    ("name", "content", "kept"),
    [
        ("a.pdf", PDF, True),
        ("a.txt", "要点".encode("gb18030"), True),
        ("a.csv", "渠道,人数\n抖音,3\n".encode(), True),
        ("a.docx", archive("[Content_Types].xml", "word/document.xml"), True),
        ("a.zip", archive("a.txt"), True),
        ("a.png", drawn(), True),
        ("a.xlsx", archive("[Content_Types].xml", "word/document.xml"), False),  # a letter that calls itself a table
        ("a.docx", PDF, False),
        ("a.pdf", b"MZ\x90\x00 a program", False),
        ("a.csv", b"\x00\x01\x02", False),
        ("a.txt", b"<html><script>alert(1)</script>", False),
        ("a.html", b"<html></html>", False),
        ("a.exe", b"MZ\x90\x00", False),
        ("a.zip", archive("bomb", data=b"\0" * (110 * 1024 * 1024)), False),  # 110 kB that unpack to 110 MB
        ("a.zip", b"PK\x03\x04 no archive", False),
    ],
    ids=named,
)
def test_documents_are_known_by_their_content(client_as, workspace, name, content, kept):
    answer = client_as("operator").post("/w/shop/documents/multiple/add/", {"files[]": SimpleUploadedFile(name, content)}).json()
    assert answer["success"] == kept, answer
    with scope.use(workspace):
        assert WorkspaceDocument.objects.exists() == kept


def test_a_request_larger_than_any_file_is_cut_off(client_as, settings, workspace):
    settings.UPLOAD_MAX_BYTES = 1000
    answer = client_as("operator").post("/w/shop/documents/multiple/add/", {"files[]": SimpleUploadedFile("a.txt", b"a" * 2000)})
    assert answer.status_code in (400, 413)


def test_wagtail_knows_the_pictures_that_we_hand_out():
    from wagtail.images.utils import get_allowed_image_extensions

    assert set(get_allowed_image_extensions()) == set(kinds.PICTURES)


def test_every_workspace_has_a_tree_of_its_own(workspace, other_workspace):
    roots = []
    for where in (workspace, other_workspace):
        with scope.use(where):
            root = WorkspacePage.objects.get()
            assert root == WorkspacePage.get_first_root_node()
            root.add_child(instance=WorkspacePage(title="Spring", slug="spring"))
            assert [page.title for page in WorkspacePage.objects.all()] == [where.name, "Spring"]
            assert [page.title for page in WorkspacePage.objects.search("Spring")] == ["Spring"]
            roots.append(root)
    with scope.use(workspace):
        assert not WorkspacePage.objects.filter(pk=roots[1].pk).exists()
        assert [page.title for page in WorkspacePage.objects.descendant_of(roots[1])] == []
        with pytest.raises(WorkspacePage.DoesNotExist):
            roots[1].add_child(instance=WorkspacePage(title="Intruder", slug="intruder"))
        with pytest.raises(ValueError, match="another workspace"):
            roots[1].save()


def test_a_page_type_to_come_is_inside_by_itself():
    meta = type("Meta", (), {"app_label": "shell", "managed": False})
    with isolate_apps("tilth.workbench.shell"):
        landing = type("Landing", (WorkspacePage,), {"Meta": meta, "__module__": WorkspacePage.__module__})
    assert isinstance(landing._base_manager, ScopedManager)
    assert isinstance(landing._default_manager, ScopedManager)
    with pytest.raises(scope.NoWorkspace):
        str(landing.objects.all().query)
