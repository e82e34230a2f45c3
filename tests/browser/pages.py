"""Every page that people see: who looks, where, and from which view it comes. What is no page of its own stands in PARTS, with the reason."""

from dataclasses import dataclass

WIDE, MIDDLE, NARROW = 1440, 820, 390
ON_A_PHONE = {"home", "people:list", "people:person", "people:segments", "people:segment", "jobs:list", "jobs:detail", "account_login", "join"}
"""Views that shop staff use on a phone."""


@dataclass(frozen=True)
class Page:
    """A page: its view, its address with names of what `furnish` made in braces, who looks, and what the picture of it is called."""

    view: str
    path: str
    role: str | None = "owner"
    status: int = 200
    also: str = ""

    @property
    def name(self):
        """What tests and pictures call it."""
        return "-".join(part for part in (self.view.replace(":", "-"), self.also) if part)

    @property
    def widths(self):
        """The widths at which nothing may stick out sideways."""
        return (WIDE, MIDDLE, NARROW) if self.view in ON_A_PHONE else (WIDE, MIDDLE)


def _inside(view, path="", role="owner", also="", status=200, shop="demo"):
    return Page(view, f"/w/{shop}/{path}", role, status, also)


PAGES = (
    # at the door
    Page("account_login", "/sign-in/", None),
    Page("account_reset_password", "/sign-in/password/reset/", None),
    Page("join", "/join/{invitation}/", None),
    Page("join", "/join/no-such-invitation/", None, 410, also="used"),
    Page("front", "/", "nobody", also="no-workspace"),
    Page("new_workspace", "/workspaces/new/", "owner"),
    Page("mfa_index", "/sign-in/2fa/", "owner"),
    Page("account_reset_password_done", "/sign-in/password/reset/done/", None),
    Page("account_reset_password_from_key_done", "/sign-in/password/reset/key/done/", None),
    Page("account_inactive", "/sign-in/inactive/", None),
    Page("socialaccount_login_cancelled", "/sign-in/3rdparty/login/cancelled/", None),
    Page("account_reauthenticate", "/sign-in/reauthenticate/", "owner"),
    Page("account_change_password", "/sign-in/password/change/", "owner"),
    Page("socialaccount_connections", "/sign-in/3rdparty/", "owner"),
    # home, by role, and without data
    *(_inside("home", role=role, also=role) for role in ("owner", "manager", "analyst", "operator", "viewer")),
    _inside("home", shop="bare", also="empty"),
    # people
    _inside("people:list", "people/"),
    _inside("people:list", "people/?q=nobody-has-this-name", also="nobody"),
    _inside("people:list", "people/", "viewer", also="viewer"),
    _inside("people:list", "people/", shop="bare", also="empty"),
    _inside("people:person", "people/one/{person}/"),
    _inside("people:segments", "people/segments/"),
    _inside("people:segments", "people/segments/", shop="bare", also="empty"),
    _inside("people:segment", "people/segments/{segment}/"),
    # analysis
    _inside("measure:list", "analysis/"),
    _inside("measure:list", "analysis/", shop="bare", also="empty"),
    _inside("measure:funnel", "analysis/funnel/?by=channel&compare=previous"),
    *(_inside("measure:funnel", f"analysis/funnel/?dates=90d&by=channel&view={view}", also=view) for view in ("times", "trend", "pair")),
    _inside("measure:funnel", "analysis/funnel/", shop="bare", also="empty"),
    _inside("measure:retention", "analysis/retention/?by=channel"),
    _inside("measure:retention", "analysis/retention/?value=value&show=each&by=channel", also="summed"),
    _inside("measure:retention", "analysis/retention/?periods=999", also="fault"),
    _inside("measure:rfm", "analysis/rfm/"),
    _inside("measure:sales", "analysis/sales/?compare=previous"),
    _inside("measure:activity", "analysis/activity/?compare=previous"),
    _inside("measure:lifecycle", "analysis/lifecycle/"),
    _inside("measure:stickiness", "analysis/stickiness/?compare=previous"),
    _inside("measure:frequency", "analysis/frequency/?compare=previous"),
    _inside("measure:sessions", "analysis/sessions/?compare=previous"),
    *(_inside(f"measure:{kind}", f"analysis/{kind}/?by=channel", also="split") for kind in ("lifecycle", "stickiness", "frequency", "sessions")),
    _inside("measure:intervals", "analysis/intervals/?by=channel"),
    _inside("measure:paths", "analysis/paths/"),
    *(_inside("measure:paths", f"analysis/paths/?view={view}", also=view) for view in ("alike", "matrix")),
    _inside("measure:paths", "analysis/paths/?way=before&event=none", also="fault"),
    _inside("measure:touchpoints", "analysis/touchpoints/"),
    _inside("measure:activation", "analysis/activation/"),
    _inside("measure:activation", "analysis/activation/", shop="bare", also="empty"),
    _inside("measure:saved", "analysis/saved/{saved}/"),
    _inside("measure:boards", "analysis/dashboards/"),
    _inside("measure:boards", "analysis/dashboards/", shop="bare", also="empty"),
    _inside("measure:board", "analysis/dashboards/{board}/"),
    _inside("measure:board", "analysis/dashboards/{board}/?edit=1", also="arranging"),
    _inside("measure:board", "analysis/dashboards/{board}/", "viewer", also="viewer"),
    _inside("measure:board", "analysis/dashboards/{blank_board}/", also="empty"),
    _inside("measure:mails", "analysis/dashboards/{board}/mails/"),
    # data
    _inside("data:home", "data/"),
    _inside("data:home", "data/", shop="bare", also="empty"),
    _inside("data:table", "data/tables/orders/"),
    _inside("data:choose", "data/load/"),
    _inside("data:preview", "data/load/{draft}/"),
    _inside("data:columns", "data/load/{draft}/columns/"),
    _inside("data:loads", "data/loads/"),
    _inside("data:load", "data/loads/{load}/"),
    _inside("data:quarantine", "data/quarantine/"),
    _inside("data:quarantine", "data/quarantine/", shop="bare", also="empty"),
    _inside("data:quarantine_load", "data/quarantine/{load}/"),
    _inside("data:live", "data/live/"),
    _inside("data:live", "data/live/?bad=1", "operator", also="refused"),
    _inside("data:live", "data/live/", shop="bare", also="empty"),
    _inside("data:live_item", "data/live/items/{arrival}/"),
    _inside("data:first", "data/live/first/"),
    _inside("data:first", "data/live/first/", shop="bare", also="empty"),
    _inside("data:write_keys", "data/keys/"),
    _inside("data:write_keys", "data/keys/", shop="bare", also="empty"),
    _inside("data:write_key_new", "data/keys/new/"),
    _inside("data:write_key", "data/keys/{write_key}/"),
    _inside("data:write_key", "data/keys/{write_key}/", "analyst", also="analyst"),
    _inside("data:sources", "data/sources/"),
    _inside("data:source_new", "data/sources/new/"),
    _inside("data:source", "data/sources/{source}/"),
    _inside("data:events", "data/events/"),
    _inside("data:event", "data/events/about/{event}"),
    # jobs
    _inside("jobs:list", "jobs/"),
    _inside("jobs:list", "jobs/", shop="bare", also="empty"),
    _inside("jobs:detail", "jobs/{job}/"),
    _inside("jobs:schedules", "jobs/schedules/"),
    # settings
    _inside("accounts:members", "settings/members/"),
    _inside("accounts:members", "settings/members/", "viewer", also="viewer"),
    _inside("accounts:invite", "settings/members/invite/"),
    _inside("accounts:roles", "settings/roles/"),
    _inside("accounts:keys", "settings/keys/"),
    _inside("accounts:create_key", "settings/keys/new/"),
    _inside("accounts:audit", "settings/audit/"),
    _inside("accounts:workspace", "settings/workspace/"),
    _inside("accounts:me", "settings/me/"),
    _inside("notify:mail", "notices/mail/"),
    # files
    _inside("wagtailimages:index", "images/"),
    _inside("wagtailimages:add_multiple", "images/multiple/add/"),
    _inside("wagtailimages:edit", "images/{image}/"),
    _inside("wagtailimages:delete", "images/{image}/delete/"),
    _inside("wagtailimages:image_usage", "images/usage/{image}/"),
    _inside("wagtaildocs:index", "documents/"),
    _inside("wagtaildocs:add_multiple", "documents/multiple/add/"),
    _inside("wagtaildocs:edit", "documents/edit/{document}/"),
    _inside("wagtaildocs:delete", "documents/delete/{document}/"),
    _inside("wagtaildocs:document_usage", "documents/usage/{document}/"),
    # what is not there or not for everybody
    _inside("", "no-such-page/", status=404, also="not-found"),
    _inside("accounts:audit", "settings/audit/", "viewer", also="forbidden", status=403),
)
