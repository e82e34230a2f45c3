"""Our dress over Wagtail's: one theme file after its own."""

from __future__ import annotations

from django.templatetags.static import static
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from wagtail import hooks


@hooks.register("insert_global_admin_css")
def theme() -> SafeString:
    """Load our tokens and the shell's style after Wagtail's core.css."""
    return format_html_join("", '<link rel="stylesheet" href="{}">', ((static(name),) for name in ("tilth/tokens.css", "shell/shell.css")))
