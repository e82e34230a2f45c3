"""Mail to operators: plain text and HTML from templates, pictures inside the mail, nothing fetched from outside.

::

    mail.send(actor, "lin@example.com", _("Weekly dashboard"), "measure/mail/dashboard", {"board": board}, images={"chart-1": png})

renders ``measure/mail/dashboard.txt`` and ``measure/mail/dashboard.html``; the latter extends ``notify/mail.html`` and shows a picture by
``<img src="cid:chart-1">``. Both know ``workspace``, ``subject`` and ``base_url``, the address before every link.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from email.charset import BASE64, Charset
from email.mime.image import MIMEImage
from email.utils import formataddr, parseaddr
from smtplib import SMTPException
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tilth.errors import TilthError
from tilth.workbench.tenancy.actions import Actor
from tilth.workbench.tenancy.models import Workspace

TIMEOUT = 20
"""Seconds to wait for the mail server."""
_UTF8 = Charset("utf-8")
_UTF8.body_encoding = BASE64  # servers that know seven bits only still carry Chinese whole


class MailNotSetUp(TilthError):
    """Mail is to be sent and no server is known."""

    def __init__(self) -> None:
        super().__init__(_("No mail can be sent: no mail server is set up. Write host and sender below [mail] in tilth.toml, then start again."))


class MailRefused(TilthError):
    """The mail server could not be reached or refused the mail.

    Attributes
    ----------
    sent : int
        Mails that went out all the same.
    refused : int
        Those that did not.
    """

    def __init__(self, sent: int, refused: int, answer: str) -> None:
        self.sent, self.refused = sent, refused
        what = ngettext("{n} mail was not sent", "{n} mails were not sent", refused).format(n=refused)
        mend = _("Check the addresses, and host, port and user below [mail] in tilth.toml.")
        super().__init__(
            _("{what}; the mail server {host} answers: {answer}.").format(what=what, host=settings.EMAIL_HOST, answer=answer) + " " + mend
        )


def is_set_up() -> bool:
    """Whether mail can be sent."""
    return bool(settings.EMAIL_HOST)


def send(
    whose: Actor | Workspace,
    to: str | Iterable[str],
    subject: str,
    template: str,
    context: Mapping[str, Any] | None = None,
    images: Mapping[str, bytes] | None = None,
) -> int:
    """Send a mail to each of `to`, each on its own so that none sees the others; return how many were sent.

    Parameters
    ----------
    whose : Actor or Workspace
        In the name of whose workspace it is sent.
    to : str or iterable of str
        Mail addresses.
    subject : str
    template : str
        Name of the templates, without ``.txt`` and ``.html``.
    context : mapping, optional
        For the templates.
    images : mapping, optional
        PNG files by the name after ``cid:`` in the HTML.

    Raises
    ------
    MailNotSetUp
        When no mail server is set up.
    MailRefused
        When it cannot be reached or refuses one of the mails; the others have been sent.
    """
    if not is_set_up():
        raise MailNotSetUp
    workspace = whose.workspace if isinstance(whose, Actor) else whose
    known = {**(context or {}), "workspace": workspace, "subject": subject, "base_url": settings.BASE_URL}
    text, html = (render_to_string(f"{template}.{kind}", known) for kind in ("txt", "html"))
    sender = formataddr((f"{workspace.name} · 耕运", parseaddr(settings.DEFAULT_FROM_EMAIL)[1]), charset=_UTF8)
    addresses = [to] if isinstance(to, str) else list(to)
    sent, faults = 0, []
    connection = get_connection(timeout=TIMEOUT)
    try:
        connection.open()
        for address in addresses:
            try:
                sent += _message(subject, text, html, sender, address, images or {}, connection).send()
            except SMTPException as fault:
                faults.append(_answer(fault))
    except (SMTPException, OSError) as fault:
        raise MailRefused(sent, len(addresses) - sent, _answer(fault)) from fault
    finally:
        connection.close()
    if faults:
        raise MailRefused(sent, len(faults), faults[0])
    return sent


def _message(subject: str, text: str, html: str, sender: str, to: str, images: Mapping[str, bytes], connection: Any) -> EmailMultiAlternatives:
    message = EmailMultiAlternatives(subject, text, sender, [to], connection=connection, headers={"Auto-Submitted": "auto-generated"})
    message.encoding = _UTF8
    message.mixed_subtype = "related"
    message.attach_alternative(html, "text/html")
    for name, png in images.items():
        picture = MIMEImage(png, "png")
        picture["Content-ID"] = f"<{name}>"
        picture["Content-Disposition"] = f'inline; filename="{name}.png"'
        message.attach(picture)
    return message


def _answer(fault: Exception) -> str:
    """Return what the server said, without the addresses that some answers repeat."""
    recipients = getattr(fault, "recipients", None)
    code, said = next(iter(recipients.values())) if recipients else (getattr(fault, "smtp_code", ""), getattr(fault, "smtp_error", str(fault)))
    words = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    return f"{code} {words}".strip()
