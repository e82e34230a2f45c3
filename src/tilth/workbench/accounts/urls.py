"""Pages of members, keys, the audit, the workspace and one's own account, inside a workspace."""

from __future__ import annotations

from django.urls import path

from tilth.workbench.accounts.views import account, audit, keys, members, workspace

app_name = "accounts"
urlpatterns = [
    path("members/", members.listing, name="members"),
    path("members/invite/", members.invite, name="invite"),
    path("members/leave/", members.leave, name="leave"),
    path("members/invitations/<int:pk>/revoke/", members.revoke, name="revoke_invitation"),
    path("members/<int:pk>/", members.member, name="member"),
    path("members/<int:pk>/role/", members.change, name="change_role"),
    path("members/<int:pk>/remove/", members.remove, name="remove_member"),
    path("members/<int:pk>/transfer/", members.transfer, name="transfer"),
    path("roles/", members.roles, name="roles"),
    path("keys/", keys.listing, name="keys"),
    path("keys/new/", keys.create, name="create_key"),
    path("keys/<int:pk>/revoke/", keys.revoke, name="revoke_key"),
    path("audit/", audit.listing, name="audit"),
    path("audit/export/", audit.export, name="export_audit"),
    path("workspace/", workspace.workspace, name="workspace"),
    path("me/", account.me, name="me"),
    path("me/name/", account.rename, name="rename"),
    path("me/mail/", account.email, name="email"),
    path("me/sessions/", account.end_sessions, name="end_sessions"),
    path("me/display/", account.display, name="display"),
]
