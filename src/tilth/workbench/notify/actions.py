"""Trying whether mail arrives."""

from __future__ import annotations

from django.utils.translation import gettext as _

from tilth.workbench.notify import mail
from tilth.workbench.notify.policies import mails
from tilth.workbench.tenancy.actions import Actor, action, record


def send_trial(actor: Actor) -> None:
    """Send the actor a mail, to see that mail arrives; MailNotSetUp or MailRefused when it does not leave."""
    mails.require(actor, "send")
    mail.send(actor, actor.user.email, _("A trial mail"), "notify/trial")
    _sent(actor)  # afterwards: no transaction stays open while the mail server thinks


@action(mails, "send")
def _sent(actor: Actor) -> None:
    record("trial", name=_("A trial mail"))
