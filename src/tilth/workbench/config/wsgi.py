"""The workbench as a WSGI application, for Granian or any other server.

A process that serves it has done beforehand what its first visitor would wait for: it knows all addresses and the pages behind them, and garbage is
not looked for in what it holds by then.
"""

from __future__ import annotations

import atexit
import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tilth.workbench.config.settings")
application = get_wsgi_application()

from django.conf import settings  # noqa: E402  (needs the application)
from django.urls import get_resolver  # noqa: E402

from tilth.workbench.measure import sources  # noqa: E402

for addresses in (settings.ROOT_URLCONF, settings.WORKSPACE_URLCONF):
    _ = get_resolver(addresses).reverse_dict
gc.collect()
gc.freeze()
atexit.register(gc.unfreeze)
sources.warm_recent()
