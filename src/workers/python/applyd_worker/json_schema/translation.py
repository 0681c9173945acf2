"""From the syntax of `new RegExp(source, "u")` to that of Python's `re`."""

from __future__ import annotations

import re

# \s and \S as content of a class.
SPACE = r"\t-\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
NO_SPACE = (
    r"\x00-\x08\x0e-\x1f!-\u009f\u00a1-\u167f\u1681-\u1fff\u200b-\u2027"
    r"\u202a-\u202e\u2030-\u205e\u2060-\u2fff\u3001-\ufefe\uff00-\U0010ffff"
)
ANY_BUT_LINE_END = r"[^\n\r\u2028\u2029]"
CONTROL = {"t": "\t", "n": "\n", "v": "\v", "f": "\f", "r": "\r"}
GROUPS = re.compile(r"\((?:\?(?::|=|!|<=|<!|<(?P<name>[A-Za-z_]\w*)>))?", re.ASCII)
QUANTIFIER = re.compile(r"(?:[*+?]|\{\d+(?:,\d*)?\})\??", re.ASCII)
CODE = re.compile(
    r"x(?P<x>[\da-f]{2})|u\{(?P<braced>[\da-f]+)\}|"
    r"u(?P<high>d[89ab][\da-f]{2})\\u(?P<low>d[c-f][\da-f]{2})|u(?P<u>[\da-f]{4})",
    re.ASCII | re.IGNORECASE,
)
NAMED = re.compile(r"k<(?P<name>\w+)>", re.ASCII)
NUMBERED = re.compile(r"[1-9]\d*", re.ASCII)
# Python's own \B does not fit an empty text, until 3.14.
NO_WORD_END = r"(?!\b)"
# Python's $ also fits before a line end that is the last character.
END = r"\Z"
LOOKAROUNDS = ("(?=", "(?!", "(?<=", "(?<!")
NOT_REPEATABLE = ("|", "^", END, r"\b", NO_WORD_END)


class Untranslatable(Exception):
    """Names what Python has no word for."""


def translate(source: str) -> str:
    """
    Raises:
        ValueError: JavaScript could not read it either
        Untranslatable: only JavaScript can
    """
    return _Translation(source).whole()


class _Translation:
    def __init__(self, source: str) -> None:
        self._source = source
        self._at = 0

    def whole(self) -> str:
        out: list[str] = []
        open_groups: list[str] = []
        repeatable = False
        while self._at < len(self._source):
            quantifier = QUANTIFIER.match(self._source, self._at)
            if quantifier:
                if not repeatable:
                    raise ValueError(f"nothing to repeat at position {self._at}")
                self._at = quantifier.end()
                out.append(quantifier[0])
                repeatable = False
                continue
            token = self._next()
            out.append(token)
            repeatable = token not in NOT_REPEATABLE
            if token.startswith("(") and not token.endswith(")"):
                open_groups.append(token)
                repeatable = False
            elif token == ")" and open_groups:
                repeatable = open_groups.pop() not in LOOKAROUNDS
        return "".join(out)

    def _next(self) -> str:
        group = GROUPS.match(self._source, self._at)
        if group:
            self._at = group.end()
            return f"(?P<{group['name']}>" if group["name"] else group[0]
        char = self._take()
        if char == "\\":
            return self._escape()
        if char == "[":
            return self._class()
        if char in "]{}":
            raise ValueError(f"a lone {char} at position {self._at - 1}")
        if char == ".":
            return ANY_BUT_LINE_END
        if char == "$":
            return END
        return char if char in "^|)" else re.escape(char)

    def _take(self) -> str:
        if self._at >= len(self._source):
            raise ValueError("it ends too early")
        self._at += 1
        return self._source[self._at - 1]

    def _escape(self) -> str:
        """After a backslash, outside of a class."""
        for form, python in ((NAMED, "(?({0})(?P={0}))"), (NUMBERED, r"(?({0})\{0})")):
            reference = form.match(self._source, self._at)
            if reference:  # to a group that has matched nothing, it fits the empty text
                self._at = reference.end()
                return python.format(reference[reference.lastindex or 0])
        if self._source.startswith(("b", "B"), self._at):
            return r"\b" if self._take() == "b" else NO_WORD_END
        text, is_set = self._character("/")
        return f"[{text}]" if is_set else text

    def _class(self) -> str:
        """After its opening bracket."""
        inverted = self._source.startswith("^", self._at)
        self._at += inverted
        out = ""
        while not self._source.startswith("]", self._at):
            low, low_is_set = self._member()
            out += low
            if self._source.startswith("-", self._at) and not self._source.startswith(
                "-]", self._at
            ):
                self._at += 1
                high, high_is_set = self._member()
                if low_is_set or high_is_set:
                    raise ValueError(f"a range without an end at position {self._at}")
                out += f"-{high}"
        self._at += 1
        if not out:
            return r"[\s\S]" if inverted else "(?!)"
        return f"[^{out}]" if inverted else f"[{out}]"

    def _member(self) -> tuple[str, bool]:
        char = self._take()
        if char != "\\":
            return re.escape(char), False
        if self._source.startswith("b", self._at):
            self._at += 1
            return r"\x08", False
        return self._character("/-")

    def _character(self, also: str) -> tuple[str, bool]:
        """What stands after a backslash, for the content of a class, and whether it is a set of characters."""
        code = CODE.match(self._source, self._at)
        if code:
            self._at = code.end()
            number = int(code["x"] or code["braced"] or code["u"] or code["high"], 16)
            if code["low"]:
                number = (
                    0x10000 + (number - 0xD800 << 10) + int(code["low"], 16) - 0xDC00
                )
            return re.escape(chr(number)), False
        char = self._take()
        if char in "dDwW":
            return f"\\{char}", True
        if char in "sS":
            return (SPACE if char == "s" else NO_SPACE), True
        if char in CONTROL:
            return re.escape(CONTROL[char]), False
        if char in "pP":
            name = re.match(r"\{[^}]*\}", self._source[self._at :])
            raise Untranslatable(f"\\{char}{name[0] if name else ''}")
        if char == "c" and re.match("[A-Za-z]", self._source[self._at :]):
            return re.escape(chr(ord(self._take()) % 32)), False
        if char == "0" and not re.match("[0-9]", self._source[self._at :]):
            return r"\x00", False
        if char in "^$\\.*+?()[]{}|" + also:
            return re.escape(char), False
        raise ValueError(f"\\{char} means nothing")
