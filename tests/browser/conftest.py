"""A real installation: served by ``tilth serve`` with its worker, a demo brand in it, seen through Debian's Chromium."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
TILTH = [sys.executable, "-m", "tilth.cli.main"]


def pytest_collection_modifyitems(items):
    for item in items:
        if "tests/browser" in str(item.path):
            item.add_marker(pytest.mark.browser)
            if CHROMIUM is None:
                item.add_marker(pytest.mark.skip(reason="Chromium is not installed; on Debian: apt-get install chromium fonts-noto-cjk"))


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    quiet = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
    return {**browser_type_launch_args, "executable_path": CHROMIUM, "args": [*quiet, "--no-first-run"]}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args):
    return {**browser_context_args, "viewport": {"width": 1440, "height": 900}, "locale": "zh-CN", "timezone_id": "Asia/Shanghai"}


@dataclass
class Site:
    """A running installation."""

    url: str
    home: Path
    mail: str
    password: str
    log: Path


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """Serve a fresh installation whose demo brand has 1,000 people; the administrator's password is read from what is printed."""
    home = tmp_path_factory.mktemp("site")
    (home / "cache").mkdir()
    (home / "cache" / "kernels").symlink_to(Path(os.environ["TILTH_HOME"]) / "cache" / "kernels")
    port = _free_port()
    environment = {**os.environ, "TILTH_HOME": str(home), "TILTH_SERVER_PORT": str(port), "TILTH_LANG": "en"}
    environment.pop("TILTH_SETTINGS", None)
    subprocess.run([*TILTH, "demo", "--people", "1000"], env=environment, check=True, capture_output=True)
    log = home / "serve.log"
    with log.open("w") as out:
        process = subprocess.Popen([*TILTH, "serve"], env=environment, stdout=out, stderr=subprocess.STDOUT)
    url = f"http://127.0.0.1:{port}"
    until = time.monotonic() + 120
    while True:
        try:
            urllib.request.urlopen(f"{url}/sign-in/", timeout=2)
            break
        except OSError:
            if process.poll() is not None or time.monotonic() > until:
                process.kill()
                pytest.fail(f"the workbench did not start:\n{log.read_text()}")
            time.sleep(0.3)
    told = re.search(r"Administrator: (\S+)\s+password: (\S+)", log.read_text())
    yield Site(url, home, told[1], told[2], log)
    process.terminate()
    process.wait(timeout=60)


def sign_in(page, site, mail=None, password=None):
    """Sign in through the form."""
    page.goto(f"{site.url}/sign-in/")
    page.locator("input[name=login]").fill(mail or site.mail)
    page.locator("input[name=password]").fill(password or site.password)
    page.locator("main form button[type=submit], main form button:not([type])").first.click()
    page.wait_for_url(re.compile(r"/w/"))


@pytest.fixture
def owner(page, site):
    """A page in which the administrator has signed in."""
    sign_in(page, site)
    return page
