"""Our dress over Wagtail's: theme files after its own, and its widgets started without scripts in the page."""

from __future__ import annotations

import json
from typing import Any

from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from wagtail import hooks
from wagtail.admin.widgets import BaseChooser


@hooks.register("insert_global_admin_css")
def theme() -> SafeString:
    """Load our tokens, the shell's style and that of Wagtail's own pages after its core.css."""
    files = ("tilth/tokens.css", "shell/shell.css", "shell/wagtail.css")
    return format_html_join("", '<link rel="stylesheet" href="{}">', ((static(name),) for name in files))


@hooks.register("insert_global_admin_js")
def starter() -> SafeString:
    """Load what starts widgets from data attributes."""
    return format_html('<script src="{}" defer></script>', static("shell/wagtail.js"))


def render_chooser(self: BaseChooser, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
    """Draw a chooser with a mark that starts it, where Wagtail writes a script."""
    given = self.get_value_data(value)
    options = json.dumps(self.get_js_init_options(attrs["id"], name, given))
    mark = '{}<span data-starts="{}" data-on="{}" data-options="{}" hidden></span>'
    return format_html(mark, self.render_html(name, given, attrs), self.js_constructor, attrs["id"], options)


BaseChooser.render = render_chooser
