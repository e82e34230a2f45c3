"""The phrases in which click says that a command line is wrong, so that they are translated with ours.

click asks gettext for its texts; :func:`use` points gettext at our catalogue of this floor, in which these phrases are.
"""

from __future__ import annotations

import gettext
import os

from tilth import language
from tilth.language import N_

PHRASES = (
    N_("No such option {name!r}."),
    N_("No such command {name!r}."),
    N_("Missing command."),
    N_("Missing argument"),
    N_("Missing option"),
    N_("Missing parameter"),
    N_("Missing parameter: {param_name}"),
    N_("Argument {name!r} takes {nargs} values."),
    N_("Invalid value: {message}"),
    N_("Invalid value for {param_hint}: {message}"),
    N_("Missing {param_type}"),
    N_("Could not open file {filename!r}: {message}"),
    N_("{value!r} is not a valid {number_type}."),
    N_("{value} is not in the range {range}."),
    N_("{name} {filename!r} does not exist."),
    N_("{name} {filename!r} is a file."),
    N_("{name} {filename!r} is a directory."),
    N_("{name} {filename!r} is not readable."),
    N_("{name} {filename!r} is not writable."),
    N_("file"),
    N_("path"),
    N_("directory"),
    N_("default: {default}"),
    N_("Option {name!r} does not take a value."),
    N_("Aborted!"),
)


def use() -> None:
    """Make click speak the language in use."""
    os.environ["LANGUAGE"] = language.current().replace("-", "_")
    gettext.bindtextdomain("cli", str(language.LOCALE))
    gettext.textdomain("cli")
