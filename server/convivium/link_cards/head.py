"""What stands in the head of an HTML page: its title and its metas, read in one pass; pure.

It takes time that grows with the length of the page and with nothing else, whatever is in it: what
does not end where it should is the rest of the page. What is read is text, and stays text.
"""

import html
import re
from collections.abc import Mapping

# A page has some thirty metas, and shows no value that is as long as this.
METAS_MAX = 300
VALUE_MAX = 4000
# What is read as text up to its own end, so that nothing in it is a tag (HTML, 13.2.5).
_RAW = ("title", "script", "style", "textarea", "template", "iframe", "xmp", "noembed", "noframes")
_ENDS = {name: re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE) for name in _RAW}
_TAG = re.compile(r"<([a-z][^\s/>]*)", re.IGNORECASE)
_BETWEEN = re.compile(r"[\s/]*")
_NAME = re.compile(r"=?[^\s/>=]*")
_EQUALS = re.compile(r"\s*=\s*")
_BARE = re.compile(r"[^\s>]*")

Head = tuple[str, Mapping[str, str]]


def read_head(text: str) -> Head:
    """Give the title of a page, and its metas by name: of each the first that says something."""
    title, metas, at = "", dict[str, str](), 0
    while (at := text.find("<", at)) >= 0 and len(metas) < METAS_MAX:
        if text.startswith("<!--", at):
            at = _after(text, "-->", at + 2)
            continue
        tag = _TAG.match(text, at)
        if tag is None:
            at += 1
            continue
        name, (attributes, at) = tag[1].lower(), _attributes(text, tag.end())
        if name == "body":
            break
        if name == "meta":
            _note(metas, attributes)
        elif name in _ENDS:
            end = _ENDS[name].search(text, at)
            inside = text[at : min(end.start(), at + VALUE_MAX)] if end else ""
            title = title or (html.unescape(inside) if name == "title" else "")
            at = end.end() if end else len(text)
    return title, metas


def _note(metas: dict[str, str], attributes: Mapping[str, str]) -> None:
    name = attributes.get("property") or attributes.get("name") or ""
    content = html.unescape(attributes.get("content", "")[:VALUE_MAX]).strip()
    if name and content:
        metas.setdefault(name.strip().lower()[:VALUE_MAX], content)


def _attributes(text: str, at: int) -> tuple[Mapping[str, str], int]:
    """Read the attributes of a tag, and where it ends: with the page, where it ends nowhere."""
    found: dict[str, str] = {}
    while (at := _end(_BETWEEN, text, at)) < len(text):
        if text[at] == ">":
            return found, at + 1
        start, at = at, _end(_NAME, text, at)
        name, value = text[start:at].lower(), ""
        if equals := _EQUALS.match(text, at):
            value, at = _value(text, equals.end())
        found.setdefault(name, value)
    return {}, len(text)


def _value(text: str, at: int) -> tuple[str, int]:
    """Read the value of an attribute, in quotes or without."""
    quote = text[at : at + 1]
    if quote not in ("'", '"'):
        end = _end(_BARE, text, at)
        return text[at:end], end
    end = _after(text, quote, at + 1)
    return text[at + 1 : end - 1], end


def _end(pattern: re.Pattern[str], text: str, at: int) -> int:
    """Tell where a pattern ends that matches anywhere."""
    found = pattern.match(text, at)
    return found.end() if found else at


def _after(text: str, mark: str, at: int) -> int:
    """Tell where it goes on after a mark: not at all, where there is none."""
    found = text.find(mark, at)
    return len(text) if found < 0 else found + len(mark)
