"""Where allauth looks for providers of ours."""

from __future__ import annotations

from tilth.workbench.accounts.wecom.provider import WeComProvider

provider_classes = [WeComProvider]
