"""Write src/tilth/collector/web/built/tilth.js from the modules beside it.

The modules are joined in the order in which they import one another, as one script in a scope of its own, and minified. The same modules give the
same bytes. With ``--check`` nothing is written: exits 1 if the built file is not what the modules say now. A test does the same.
"""

from __future__ import annotations

import gzip
import re
import sys
from pathlib import Path

import minify

WEB = Path(__file__).parent.parent / "src" / "tilth" / "collector" / "web"
BUILT = WEB / "built" / "tilth.js"
FIRST = "api.js"
LIMIT = 8_000
IMPORT = re.compile(r'^import \{[^}]*\} from "\./([\w.]+)";\n', re.M)
TOP_LEVEL = re.compile(r"^(?:async )?(?:const|let|function) (\w+)", re.M)


def in_order(name: str = FIRST, done: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Return the modules that a module needs, each after those that it imports, and the module last."""
    for needed in IMPORT.findall((WEB / name).read_text(encoding="utf-8")):
        if needed not in done:
            done = in_order(needed, done)
    return done if name in done else (*done, name)


def joined() -> str:
    """Return all modules as one script."""
    owners: dict[str, str] = {}
    parts = []
    for name in in_order():
        part = re.sub(r"^export ", "", IMPORT.sub("", (WEB / name).read_text(encoding="utf-8")), flags=re.M)
        if re.search(r"^(import|export)\b", part, re.M):
            raise SystemExit(f'{name}: write imports as import {{ name }} from "./file.js"; and exports in front of what is declared')
        for word in TOP_LEVEL.findall(part):
            if word in owners:
                raise SystemExit(f"{name}: {word} is also declared in {owners[word]}; joined they would be one name, so call one of them otherwise")
            owners[word] = name
        parts.append(part)
    return "(() => {\n" + "\n".join(parts) + "})();\n"


def built() -> bytes:
    """Return the built file."""
    return (minify.string("application/javascript", joined()).strip() + "\n").encode()


def compressed(script: bytes) -> int:
    """Return the bytes of a script when it is gzipped."""
    return len(gzip.compress(script, 9, mtime=0))


def main() -> int:
    """Write the built file, or check it."""
    script = built()
    if compressed(script) >= LIMIT:
        print(f"tilth.js has {compressed(script):,} bytes gzipped; the limit is {LIMIT:,}", file=sys.stderr)
        return 1
    if "--check" in sys.argv:
        if not BUILT.exists() or BUILT.read_bytes() != script:
            print("tilth.js is not what its modules say: python tools/build_sdk.py", file=sys.stderr)
            return 1
    else:
        BUILT.write_bytes(script)
        print(f"{BUILT.name}: {len(script):,} bytes, {compressed(script):,} gzipped")
    return 0


if __name__ == "__main__":
    sys.exit(main())
