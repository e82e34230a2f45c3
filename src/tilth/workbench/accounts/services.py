"""The services of other houses by which people may sign in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Service:
    """A service, by its name and the options in the section ``sign_in`` that set it up."""

    name: Any
    options: tuple[str, ...]


SERVICES = {
    "wecom": Service(_("WeCom"), ("wecom_client", "wecom_agent")),
    "feishu": Service(_("Feishu"), ("feishu_client",)),
    "dingtalk": Service(_("DingTalk"), ("dingtalk_client",)),
}
