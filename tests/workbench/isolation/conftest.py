"""Pictures and documents in two workspaces."""

import io
import shutil

import pytest
from django.core.files.base import ContentFile
from django.core.files.images import ImageFile
from PIL import Image
from tests.workbench.conftest import _workspace

from tilth.workbench.shell.models import MediaTag, WorkspaceDocument, WorkspaceImage
from tilth.workbench.tenancy import scope


def drawn(kind="png", size=(40, 30), colour="#1f7a4d"):
    """Bytes of a picture."""
    file = io.BytesIO()
    Image.new("RGB", size, colour).save(file, kind)
    return file.getvalue()


@pytest.fixture
def workspace(db):
    """A workspace without facts: what is tried here lies in the control database."""
    made = _workspace("shop", "禾间")
    yield made
    shutil.rmtree(made.folder, ignore_errors=True)


@pytest.fixture
def other_workspace(db):
    """Somebody else's workspace."""
    made = _workspace("rival", "别家")
    yield made
    shutil.rmtree(made.folder, ignore_errors=True)


@pytest.fixture
def picture():
    """``picture(workspace, "title")`` is an image in it, tagged with its title."""

    def made(workspace, title="Poster"):
        with scope.use(workspace):
            image = WorkspaceImage(title=title, file=ImageFile(io.BytesIO(drawn()), f"{title}.png"))
            image._set_image_file_metadata()
            image.save()
            image.tags.add(title)
            return image

    return made


@pytest.fixture
def document():
    """``document(workspace, "title")`` is a document in it."""

    def made(workspace, title="Plan"):
        with scope.use(workspace):
            found = WorkspaceDocument(title=title, file=ContentFile("要点".encode(), f"{title}.txt"))
            found._set_document_file_metadata()
            found.save()
            found.tags.add(title)
            return found

    return made


@pytest.fixture
def pictures(workspace, other_workspace, picture):
    """Our picture and theirs."""
    return picture(workspace, "Ours"), picture(other_workspace, "Theirs")


@pytest.fixture
def documents(workspace, other_workspace, document):
    """Our document and theirs."""
    return document(workspace, "Ours"), document(other_workspace, "Theirs")


@pytest.fixture
def tags(pictures):
    """How many tags each workspace has."""

    def counted(workspace):
        with scope.use(workspace):
            return MediaTag.objects.count()

    return counted
