"""How each client is told where to send: lines to copy, with the workspace's own key and the collector's address in them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils.translation import gettext_lazy as _

import tilth

PAGE = Path(tilth.__file__).parent / "collector" / "web" / "snippet.html"


@dataclass(frozen=True)
class Client:
    """A client: its name, where its lines go, and the lines with ``KEY`` and ``HOST`` for the key and the address; empty: those of the web script."""

    name: Any
    where: Any
    lines: str = ""

    def for_key(self, key: str, host: str) -> str:
        """Return the lines for a key and an address."""
        lines = self.lines or PAGE.read_text("utf-8").replace("https://collect.example.com", "HOST").replace("WRITE_KEY", "KEY")
        return lines.strip().replace("HOST", host).replace("KEY", key)


CLIENTS = {
    "web": Client(_("Web pages"), _("Into the head of every page; then open one of them.")),
    "curl": Client(
        "curl",
        _("In a terminal."),
        """
curl HOST/v1/track -u KEY: -H 'Content-Type: application/json' \\
  -d '{"userId": "u_1001", "event": "order_paid", "properties": {"value": 59.0, "product": "T-shirt"}}'
""",
    ),
    "segment-python": Client(
        "Segment · Python",
        "pip install segment-analytics-python",
        """
import segment.analytics as analytics

analytics.write_key = "KEY"
analytics.host = "HOST"

analytics.track(user_id="u_1001", event="order_paid", properties={"value": 59.0, "product": "T-shirt"})
analytics.flush()
""",
    ),
    "segment-node": Client(
        "Segment · Node.js",
        "npm install @segment/analytics-node",
        """
import { Analytics } from "@segment/analytics-node";

const analytics = new Analytics({ writeKey: "KEY", host: "HOST" });

analytics.track({ userId: "u_1001", event: "order_paid", properties: { value: 59.0, product: "T-shirt" } });
await analytics.closeAndFlush();
""",
    ),
    "sensors-python": Client(
        _("Sensors · Python"),
        "pip install SensorsAnalyticsSDK",
        """
import sensorsanalytics

consumer = sensorsanalytics.DefaultConsumer("HOST/sa?token=KEY")
sensors = sensorsanalytics.SensorsAnalytics(consumer)

sensors.track("u_1001", "order_paid", {"value": 59.0, "product": "T-shirt"}, is_login_id=True)
sensors.close()
""",
    ),
    "sensors-web": Client(
        _("Sensors · JavaScript"),
        _("Where the page sets its client up: only the address changes."),
        """
sensors.init({
  server_url: "HOST/sa?token=KEY",
  is_track_single_page: true,
  send_type: "beacon",
});
sensors.quick("autoTrack");
""",
    ),
    "sensors-mini": Client(
        _("Sensors · mini program"),
        _("At the head of app.js; the address has to be among the mini program's allowed request domains, over HTTPS."),
        """
import sensors from "./sensorsdata.min.js";

sensors.setPara({
  server_url: "HOST/sa?token=KEY",
  autoTrack: { appLaunch: true, appShow: true, pageShow: true },
});
sensors.init();
""",
    ),
    "pixel": Client(
        _("Image"),
        _("Into a mail, or a page on which no script runs."),
        """
<img src="HOST/pixel.gif?key=KEY&amp;event=mail_opened&amp;user=u_1001" width="1" height="1" alt="">
""",
    ),
}
