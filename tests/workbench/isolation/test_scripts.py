"""No part of Wagtail that our members can meet writes a script into a page: the content policy would stop it."""

from pathlib import Path

import pytest
import wagtail
from django.template.loader import get_template
from tests.workbench.isolation.test_crawl import SCRIPT
from wagtail.admin.widgets import AdminDateInput, AdminDateTimeInput, AdminTimeInput
from wagtail.documents.widgets import AdminDocumentChooser
from wagtail.images.widgets import AdminImageChooser

from tilth.workbench.tenancy import scope

APPS = ("admin", "documents", "images", "snippets", "users")


@pytest.mark.parametrize("app", APPS)
def test_no_template_writes_a_script(app):
    folder = Path(wagtail.__file__).parent / app / "templates"
    names = sorted(str(file.relative_to(folder)) for file in folder.rglob("*.html"))
    assert names
    found = {name: match[0] for name in names if (match := SCRIPT.search(get_template(name).template.source)) and "text/django" not in match[0]}
    assert not found


@pytest.mark.parametrize("widget", [AdminDateInput, AdminDateTimeInput, AdminTimeInput, AdminImageChooser, AdminDocumentChooser])
def test_no_widget_writes_a_script(widget, workspace, settings):
    settings.ROOT_URLCONF = settings.WORKSPACE_URLCONF
    with scope.use(workspace):
        drawn = widget().render("when", None, {"id": "id_when"})
    assert "data-starts=" in drawn
    assert not SCRIPT.search(drawn)


def test_a_script_is_recognised():
    assert SCRIPT.search("<p><script>alert(1)</script>")
    assert SCRIPT.search('<a onclick="x()">')
    assert SCRIPT.search("<a href='javascript:x()'>")
    assert not SCRIPT.search('<script src="/static/a.js" defer></script><script type="application/json">{}</script><a data-on="x">')
