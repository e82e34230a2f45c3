"""The workbench as a WSGI application, for Granian or any other server."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tilth.workbench.config.settings")
application = get_wsgi_application()

from tilth.workbench.measure import sources  # noqa: E402  (needs the application)

sources.warm_recent()
