"""Print, as JSON, what Django shows in Chinese for every message of the installed parts: run with a LOCALE_PATHS folder, or without."""

import json
import sys

import django
from babel.messages.catalog import Message
from django.conf import settings
from django.test import RequestFactory
from django.utils import translation
from django.views.i18n import JavaScriptCatalog
from tools.parts_messages import PARTS, forms, said


def shown(message: Message) -> str:
    if message.context:
        return translation.pgettext(message.context, forms(message)[0])
    if message.pluralizable:
        return translation.ngettext(*forms(message), 3)
    return translation.gettext(forms(message)[0])


def main(folders: list[str]) -> None:
    settings.configure(
        LANGUAGE_CODE="zh-hans",
        LOCALE_PATHS=folders,
        STATIC_URL="/static/",
        INSTALLED_APPS=["modelcluster", *(part for part in PARTS if part != "django.conf")],
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    )
    django.setup()
    translation.activate("zh-hans")
    words = {forms(message)[-1]: shown(message) for part in PARTS for message in said(part, "django")}
    script = JavaScriptCatalog.as_view(packages=["wagtail.admin"])(RequestFactory().get("/"))
    print(json.dumps({"words": words, "script": script.content.decode()}))


if __name__ == "__main__":
    main(sys.argv[1:])
