"""Addresses of signing in by 企业微信."""

from __future__ import annotations

from allauth.socialaccount.providers.oauth2.urls import default_urlpatterns

from tilth.workbench.accounts.wecom.provider import WeComProvider

urlpatterns = default_urlpatterns(WeComProvider)
