"""Stories of ids and the people they tell of: what was written down from the eight rules, not from what the program says.

A story is a line a call: its time, what it says (an ``event`` where nothing is said), its ids. Messages are numbered as they stand; ``#x`` names
one. People are the ids of each, the eldest first, parted by ``|``; ``calls`` says whose each call is, a letter a person in the order of their first
call, ``-`` nobody's.

u user, m member, n unionid, o and q openids of two apps, p phone, e email, d device, a anonymous, z a kind that is not declared.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from tilth.analysis.people.calls import Call, Says
from tilth.analysis.people.kinds import DEFAULT, Id, Kinds

NAMES = {
    "u": "user", "m": "member", "n": "unionid", "o": "openid:wx1", "q": "openid:wx2", "p": "phone", "e": "email", "d": "device", "a": "anonymous",
    "z": "badge",
}  # fmt: skip
LIMITS = {"phone": 3, "email": 2, "device": 8}
KINDS = Kinds(tuple(replace(kind, form="text", limit=LIMITS.get(kind.name, kind.limit)) for kind in DEFAULT))


@dataclass(frozen=True)
class Story:
    """Calls, and what they tell; a list that is not given is not looked at, an empty one must be empty."""

    name: str
    said: str
    people: str
    calls: str = ""
    then: dict[int, str] = field(default_factory=dict)
    conflicts: tuple[str, ...] | None = None
    shared: tuple[str, ...] | None = None
    passed: tuple[str, ...] | None = None
    left: tuple[str, ...] | None = None
    kinds: Kinds = KINDS

    def told(self) -> list[Call]:
        """Return the calls."""
        return [_call(number, line) for number, line in enumerate(line for line in self.said.split("\n") if line.strip())]


def one(written: str) -> Id:
    """Return the id that a story writes as ``u:li``."""
    short, _, value = written.partition(":")
    return NAMES[short], value


def groups(written: str) -> list[frozenset[Id]]:
    """Return the people that a story writes."""
    return [frozenset(one(i) for i in part.split()) for part in written.split("|") if part.strip()]


def _call(number: int, line: str) -> Call:
    time, *words = line.split()
    says: Says = "event"
    message, of = f"m{number:02}", ""
    ids = []
    for word in words:
        if word.startswith("#"):
            message = word[1:]
        elif word.startswith("of="):
            of = word[3:]
        elif ":" in word:
            ids.append(one(word))
        else:
            says = word  # type: ignore[assignment]
    return Call(int(time), message, tuple(ids), says, of, "asked at the counter" if says in ("merge", "undo", "erase") else "")


LOGINS = "\n".join(f"{k} u:{k} d:tablet" for k in range(1, 6))

STORIES = (
    # rule 2: ids on one call
    Story("one id", "1 u:li", "u:li", "a"),
    Story("two ids on one call", "1 u:li d:x", "u:li d:x", "a"),
    Story("strangers", "1 u:li d:x\n2 u:wang d:y", "u:li d:x | u:wang d:y", "ab"),
    Story("a visit, then a login", "1 a:c\n2 a:c\n3 identify u:li a:c\n4 a:c", "u:li a:c", "aaaa", then={2: "a:c"}),
    Story("an ordinary event links as well", "1 a:c\n2 u:li a:c", "u:li a:c", "aa"),
    Story("a chain", "1 a:c d:x\n2 d:x p:1\n3 p:1 e:l\n4 e:l u:li", "a:c d:x p:1 e:l u:li", "aaaa"),
    Story("a chain told backwards", "1 e:l u:li\n2 p:1 e:l\n3 d:x p:1\n4 a:c d:x", "a:c d:x p:1 e:l u:li", "aaaa"),
    Story("a diamond", "1 u:li d:x\n2 u:li d:y\n3 d:x a:c\n4 d:y a:c", "u:li d:x d:y a:c", "aaaa", conflicts=()),
    Story("a cycle", "1 a:c d:x\n2 d:x e:l\n3 e:l a:c", "a:c d:x e:l", "aaa"),
    Story(
        "a late merge of two long stories",
        "1 a:c\n2 p:1 e:l\n3 a:c d:x\n4 p:1 o:g\n9 a:c p:1",
        "a:c d:x p:1 e:l o:g",
        "aaaaa",
        then={8: "a:c d:x | p:1 e:l o:g"},
    ),
    Story("a star of five", "1 a:1\n1 a:2\n1 a:3\n1 a:4\n2 u:li a:1\n3 u:li a:2\n4 u:li a:3\n5 u:li a:4", "u:li a:1 a:2 a:3 a:4", "aaaaaaaa"),
    Story("member and user are one person", "1 u:li m:7\n2 m:7 n:w", "u:li m:7 n:w", "aa", conflicts=()),
    Story("one unionid, two apps", "1 o:g n:w\n2 q:h n:w", "o:g n:w q:h", "aa"),
    Story("the same openid in two apps is two ids", "1 o:g\n2 q:g", "o:g | q:g", "ab"),
    Story("many of a kind that allows many", "1 u:li p:1\n2 u:li p:2\n3 u:li p:3", "u:li p:1 p:2 p:3", "aaa", left=()),
    # rule 2: two known people
    Story("a second login on a device", "1 u:li d:x\n2 u:wang d:x", "u:li d:x | u:wang", "ab", conflicts=("d:x",)),
    Story("a new id joins the call's person in a conflict", "1 u:li d:x\n2 u:wang d:x a:c", "u:li d:x | u:wang a:c", "ab", conflicts=("d:x",)),
    Story(
        "an anonymous id that is somebody's stays in a conflict",
        "1 u:li d:x\n2 a:c\n3 u:wang d:x a:c",
        "u:li d:x | a:c | u:wang",
        "abc",
        conflicts=("d:x", "a:c"),
    ),
    Story("alias between two known people", "1 u:li\n2 u:wang\n3 alias u:li u:wang", "u:li | u:wang", "aba", conflicts=("u:wang",)),
    Story("alias from somebody known to a new name", "1 u:old\n2 alias u:new u:old", "u:old | u:new", "ab", conflicts=("u:old",)),
    Story("alias of two new users", "1 alias u:li u:wang", "u:li | u:wang", "a", conflicts=("u:wang",)),
    Story("track_signup of a cookie", "1 a:c\n2 alias u:li a:c", "u:li a:c", "aa", conflicts=()),
    Story("track_signup of a cookie that is somebody's", "1 u:li a:c\n2 alias u:wang a:c", "u:li a:c | u:wang", "ab", conflicts=("a:c",)),
    Story("bind between two known people", "1 u:li e:l\n2 u:wang e:w\n3 bind e:l e:w", "u:li e:l | u:wang e:w", "aba", conflicts=("e:w",)),
    Story("two members make two people", "1 m:1 d:x\n2 m:2 d:x", "m:1 d:x | m:2", "ab", conflicts=("d:x",)),
    Story("two unionids make two people", "1 n:1 u:li\n2 n:2 u:li", "n:1 u:li | n:2", "aa", conflicts=("n:2",)),
    Story("a conflict over a bridge", "1 u:li d:x\n2 u:wang a:c\n3 a:c d:x", "u:li d:x | u:wang a:c", "aba", conflicts=("a:c",)),
    Story("user of one and member of the other are no conflict", "1 u:li d:x\n2 m:7 a:c\n3 a:c d:x", "u:li d:x m:7 a:c", "aaa", conflicts=()),
    Story(
        "who is known by two kinds meets who is known by one", "1 u:li m:7\n2 m:8 d:x\n3 u:li d:x", "u:li m:7 | m:8 d:x", "aba", conflicts=("d:x",)
    ),
    # rule 3: order
    Story("their own time, not their arrival", "5 u:wang d:x\n1 u:li d:x", "u:li d:x | u:wang", "ab"),
    Story("a tie is broken by the message id", "1 #b u:li d:x\n1 #a u:wang d:x", "u:wang d:x | u:li", "ab"),
    Story("a repeat is no second call", "1 #a u:li d:x\n3 #a u:wang d:x", "u:li d:x", "a"),
    # rule 4: devices that several people use
    Story("an anonymous event on a device of two is its first owner's", "1 u:li d:x\n2 u:wang d:x\n3 d:x", "u:li d:x | u:wang", "aba"),
    Story("an earlier anonymous event on it too", "1 d:x\n2 u:li d:x\n3 u:wang d:x\n4 d:x", "u:li d:x | u:wang", "aaba"),
    Story("five logins are not too many", LOGINS + "\n7 d:tablet", "u:1 d:tablet | u:2 | u:3 | u:4 | u:5", "abcdea", shared=()),
    Story(
        "the sixth login marks it shared",
        LOGINS + "\n6 u:6 d:tablet\n7 d:tablet",
        "u:1 | u:2 | u:3 | u:4 | u:5 | u:6",
        "abcdef-",
        then={5: "u:1 d:tablet | u:2 | u:3 | u:4 | u:5"},
        shared=("d:tablet",),
    ),
    Story(
        "what a shared device said before stays its owner's",
        "0 d:tablet\n" + LOGINS + "\n6 u:6 d:tablet\n7 d:tablet a:c",
        "u:1 | u:2 | u:3 | u:4 | u:5 | u:6 | a:c",
        "aabcdefg",
        shared=("d:tablet",),
    ),
    Story("a shared device links nobody", LOGINS + "\n6 u:6 d:tablet\n7 d:tablet a:c\n8 d:tablet a:b", "u:1|u:2|u:3|u:4|u:5|u:6|a:c|a:b", "abcdefgh"),
    Story("the same person six times is one login", "\n".join(f"{k} u:li d:x" for k in range(1, 8)), "u:li d:x", "aaaaaaa", shared=()),
    Story(
        "user and member of one person are one login",
        "1 u:1 m:1 d:x\n2 m:1 d:x\n3 u:2 d:x\n4 u:3 d:x\n5 u:4 d:x\n6 u:5 d:x",
        "u:1 m:1 d:x | u:2 | u:3 | u:4 | u:5",
        "aabcde",
        shared=(),
    ),
    Story("a workspace's own number of logins", "1 u:li d:x\n2 u:wang d:x", "u:li | u:wang", "ab", shared=("d:x",), kinds=replace(KINDS, logins=1)),
    Story("a cookie is lent like a device", "\n".join(f"{k} u:{k} a:c" for k in range(1, 7)), "u:1|u:2|u:3|u:4|u:5|u:6", "abcdef", shared=("a:c",)),
    # rule 5: spans, unbinding, phones
    Story("unbinding ends a link", "1 u:li p:1\n2 p:1\n3 unbind u:li p:1\n4 p:1", "u:li | p:1", "aaab", then={2: "u:li p:1"}),
    Story("unbinding an id alone", "1 u:li p:1\n3 unbind p:1\n4 p:1", "u:li | p:1", "aab"),
    Story("unbinding the only bridge", "1 u:li p:1\n2 p:1 d:x\n3 unbind p:1\n4 d:x\n5 p:1", "u:li | p:1 | d:x", "aaabc", then={2: "u:li p:1 d:x"}),
    Story("unbinding from an owner takes along what hung on it alone", "1 u:li p:1\n2 p:1 d:x\n3 unbind u:li p:1\n4 d:x", "u:li | p:1 d:x", "aaab"),
    Story("unbinding one of two bridges", "1 u:li p:1\n2 p:1 d:x\n3 u:li d:x\n4 unbind p:1\n5 d:x", "u:li d:x | p:1", "aaaaa"),
    Story("unbinding what was on one call with all", "1 u:li p:1 d:x\n2 unbind u:li p:1", "u:li d:x | p:1", "aa"),
    Story(
        "unbinding alone, the id that came first of the highest kind keeps the number",
        "1 p:1 a:c\n2 p:2 a:c\n3 unbind a:c\n4 p:1\n5 p:2",
        "p:1 | a:c | p:2",
        "aaaab",
    ),
    Story(
        "what was cut is not healed by coming back",
        "1 u:li p:1 d:x\n2 unbind u:li p:1\n3 u:li p:1\n4 unbind u:li\n5 p:1\n6 d:x",
        "p:1 | u:li | d:x",
        "aaaaab",
    ),
    Story("unbinding what nobody has", "1 u:li\n2 unbind p:1", "u:li", "a-"),
    Story("unbinding somebody else's phone", "1 u:li p:1\n2 u:wang\n3 unbind u:wang p:1", "u:li p:1 | u:wang", "abb"),
    Story("unbound and bound again", "1 u:li p:1\n2 unbind u:li p:1\n3 p:1\n4 bind u:li p:1", "u:li p:1", "aaaa", then={3: "u:li | p:1"}),
    Story(
        "unbound and bound to somebody else", "1 u:li p:1\n2 unbind u:li p:1\n3 bind u:wang p:1", "u:li | u:wang p:1", "aab", conflicts=(), passed=()
    ),
    Story(
        "a phone that somebody else binds",
        "1 bind u:li p:1\n2 p:1\n5 bind u:wang p:1\n6 p:1",
        "u:li | u:wang p:1",
        "aabb",
        then={4: "u:li p:1"},
        conflicts=(),
        passed=("p:1",),
    ),
    Story("a phone twice re-used", "1 bind u:1 p:1\n2 bind u:2 p:1\n3 bind u:3 p:1\n4 p:1", "u:1 | u:2 | u:3 p:1", "abcc", passed=("p:1", "p:1")),
    Story("a phone that goes leaves the rest together", "1 u:li p:1\n2 p:1 d:x\n3 bind u:wang p:1\n4 d:x", "u:li d:x | u:wang p:1", "aaba"),
    Story(
        "a new phone's second owner goes on as one person",
        "1 bind u:li p:1\n2 bind u:wang p:1\n3 u:wang d:x\n4 u:li d:y",
        "u:li d:y | u:wang p:1 d:x",
        "abba",
    ),
    Story(
        "an event with somebody else's phone takes nothing over",
        "1 u:li p:1\n2 u:wang p:1\n3 p:1",
        "u:li p:1 | u:wang",
        "aba",
        conflicts=("p:1",),
        passed=(),
    ),
    Story("an email does not pass", "1 bind u:li e:l\n2 bind u:wang e:l", "u:li e:l | u:wang", "ab", conflicts=("e:l",), passed=()),
    Story("an unclaimed phone is simply joined", "1 p:1\n2 bind u:li p:1", "u:li p:1", "aa", passed=()),
    # rule 6: limits, blocked values, undeclared kinds
    Story("over the limit the newest is left out", "1 u:li e:1\n2 u:li e:2\n3 u:li e:3\n4 e:3", "u:li e:1 e:2 | e:3", "aaab", left=("e:3",)),
    Story("over the limit on one call", "1 u:li e:1 e:2 e:3", "u:li e:1 e:2", "a", left=("e:3",)),
    Story(
        "a merge over the limit",
        "1 u:li e:1 e:2\n2 a:c e:3\n3 u:li a:c\n4 e:3",
        "u:li e:1 e:2 a:c | e:3",
        "aaab",
        then={2: "u:li e:1 e:2 | a:c e:3"},
        left=("e:3",),
    ),
    Story(
        "a limit is each app's own",
        "1 u:li o:1 q:1\n2 u:li o:2 q:2",
        "u:li o:1 q:1 o:2 q:2",
        "aa",
        kinds=Kinds(tuple(replace(k, form="text", limit=2 if k.name == "openid" else k.limit) for k in DEFAULT)),
    ),
    Story("a blocked value links nobody", "1 u:li d:0\n2 u:wang d:0\n3 d:0", "u:li | u:wang", "ab-", conflicts=(), left=("d:0",)),
    Story("zeros in any form are blocked", "1 u:li d:00000000-0000-0000-0000-000000000000\n2 u:NULL", "u:li", "a-"),
    Story(
        "a workspace blocks its own values",
        "1 u:li p:4008001234\n2 u:wang p:4008001234",
        "u:li | u:wang",
        "ab",
        kinds=replace(KINDS, blocked=frozenset({"4008001234"})),
    ),
    Story("an undeclared kind never links", "1 u:li z:7\n2 u:wang z:7\n3 z:7", "u:li | u:wang", "ab-", left=("z:7",)),
    Story("a user who is an openid elsewhere is not the same id", "1 u:same\n2 o:same", "u:same | o:same", "ab"),
    # rule 7: merging, undoing, erasing
    Story("an operator merges two known people", "1 u:li\n2 u:wang\n3 merge u:li u:wang\n4 u:wang", "u:li u:wang", "aaaa", then={2: "u:li | u:wang"}),
    Story(
        "who was merged goes on as one",
        "1 u:li d:x\n2 u:wang d:y\n3 merge u:li u:wang\n4 d:x d:y\n5 u:wang m:7",
        "u:li u:wang d:x d:y m:7",
        "aaaaa",
        conflicts=(),
    ),
    Story(
        "undoing a merge restores both",
        "1 u:li d:x\n2 u:wang d:y\n3 merge #x u:li u:wang\n4 d:y\n5 undo of=x\n6 d:y",
        "u:li d:x | u:wang d:y",
        "ab-b-b",
        then={4: "u:li d:x u:wang d:y"},
    ),
    Story(
        "what joined after a merge goes with whom it came",
        "1 u:li\n2 u:wang\n3 merge #x u:li u:wang\n4 u:wang d:y\n5 u:li u:wang\n6 undo of=x",
        "u:li | u:wang d:y",
        "ab-ba-",
    ),
    Story("undoing another's merge changes nothing", "1 u:li\n2 u:wang\n3 merge #x u:li u:wang\n4 undo of=y", "u:li u:wang", "aaa-"),
    Story(
        "a merge after a merge was undone", "1 u:li\n2 u:wang\n3 merge #x u:li u:wang\n4 undo of=x\n5 merge #y u:li u:wang", "u:li u:wang", "aa--a"
    ),
    Story("who is erased comes back new", "1 u:li a:c\n2 a:c\n3 erase u:li\n4 a:c", "a:c", "---a", then={2: "", 3: ""}),
    Story("erasing one leaves the other", "1 u:li d:x\n2 u:wang d:x a:c\n3 erase u:li\n4 d:x", "u:wang a:c | d:x", "-a-b"),
)
