"""How much a client may send at once. Published clients stay below every one of these.

Segment's Python client builds bodies of some 508,000 bytes and items of 32,768; "500 KB" is therefore read as 512,000 bytes of JSON, counted after
decompression. Base64 in a form makes such a body longer than 512,000 bytes on its way, which is what `SENT` allows for.
"""

SENT = 1_048_576
"""Bytes of a request as it is sent: compressed, in base64, in a form."""

BODY = 512_000
"""Bytes of a request's JSON."""

ITEMS = 2_000
"""Items of one request."""

ITEM = 32_768
"""Bytes of one item, as it is sent."""

DEPTH = 20
"""How many objects and lists may lie in each other in one item."""

NAMES = 1_000
"""Properties of one item."""

NAME = 255
"""Characters of a name and of an id."""
