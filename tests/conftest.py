"""Fixtures for all tests, and how generated cases are tried: without a deadline, on CI the same ones each time."""

import os

from hypothesis import HealthCheck, settings

from tests.database import django_db_setup
from tests.postgres import postgres
from tests.spark import spark

__all__ = ["django_db_setup", "postgres", "spark"]

settings.register_profile("steady", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=bool(os.environ.get("CI")))
settings.load_profile("steady")
