"""What a page says of itself, however it is written and whatever it is up to."""

import time

import pytest

from convivium.core.outside import FETCHED_BYTES
from convivium.link_cards.head import METAS_MAX, read_head
from convivium.link_cards.pages import Said, read_page
from convivium.link_cards.rules import KEPT, first_link, pause_after

URL = "https://www.oven.example/a/b"


def said(page: str | bytes, charset: str = "", robots: str = "") -> Said | None:
    data = page.encode() if isinstance(page, str) else page
    return read_page(data, charset, URL, robots)


def title(page: str | bytes, charset: str = "") -> str | None:
    found = said(page, charset)
    return found.title if found else None


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        ("<title>Bread</title>", "Bread"),
        ("<TITLE lang=en>Bread</TITLE >", "Bread"),
        ("<title>a &lt;b&gt; &amp;amp; c</title>", "a <b> &amp; c"),
        ("<title>  two\n lines </title>", "two lines"),
        ("<title>\u202eturned\u202c</title>", "turned"),
        ("<!-- <title>no</title> --><title>Bread</title>", "Bread"),
        ("<!--><title>Bread</title>", "Bread"),
        ("<script>'<title>no</title>'</script><title>Bread</title>", "Bread"),
        ("<title>Bread</title><meta property='og:title' content='Salt'>", "Salt"),
        ("<title>Bread</title><meta property=og:title content=Salt>", "Salt"),
        ('<title>Bread</title><meta content="a > b" property="og:title"/>', "a > b"),
        ("<title>Bread</title><meta name=twitter:title content=Salt>", "Salt"),
        ('<title>Bread</title><meta property="og:title" content="  ">', "Bread"),
        ("<title>One</title><title>Two</title>", "One"),
        ("<body><title>no</title>", None),
        ("<title></title>", None),
        ("<title>no end", None),
        ("<!-- no end <title>no</title>", None),
        ('<meta content="no end><title>no</title>', None),
        ("<title <title>x</title>", "x"),
        ("< title>no</title>", None),
        ("", None),
        ("<title>" + "x" * 500 + "</title>", "x" * 199 + "…"),
        ("<title>" + "👩‍👩‍👧‍👦" * 500 + "</title>", "👩‍👩‍👧‍👦" * 199 + "…"),
        ("<title>&#" + "9" * 9000 + ";</title>", "\ufffd"),
        ("<title>\0\x07Bread\ud7ff</title>", "Bread"),
    ],
)
def test_the_title(page: str, expected: str | None) -> None:
    """As a browser has it on its tab, unless the page says something else to those who link."""
    assert title(page) == expected


@pytest.mark.parametrize(
    ("page", "charset"),
    [
        ("<title>Käse</title>".encode(), ""),
        ("<title>Käse</title>".encode("latin-1"), "ISO-8859-1"),
        ('<meta charset="windows-1252"><title>Käse</title>'.encode("cp1252"), ""),
        (b'<meta content="text/html; charset=iso-8859-15"><title>K\xe4se</title>', ""),
        (b"\xef\xbb\xbf<title>K\xc3\xa4se</title>", "iso-8859-1"),
        (b"\xff\xfe" + "<title>Käse</title>".encode("utf-16-le"), ""),
    ],
)
def test_in_whatever_encoding(page: bytes, charset: str) -> None:
    """As it says, or as its first octets do."""
    assert title(page, charset) == "Käse"


@pytest.mark.parametrize(
    "charset", ["idna", "punycode", "zlib", "unicode_escape", "utf-7", "rot13", "none", "x" * 99]
)
def test_no_encoding_that_no_page_is_in(charset: str) -> None:
    """Python knows more of them than is good."""
    assert title("<title>Bread</title>", charset) == "Bread"


@pytest.mark.parametrize(
    "part",
    ["<", "<!--", "<!", "&", "<a ", "<meta ", "<div>", "<title>", "<script>", "</title", "<a b='",
     '<a b="', "<a =", "<a b=", "<p a a a>", "\0", "<meta name=x content=y>", "<b><p>", "&#1",
     "<title>&amp;", "<!-->", "<svg>", "<a\n", "='", "<a/", "charset=", "<table>"],
)  # fmt: skip
def test_no_page_takes_long(part: str) -> None:
    """A mebibyte of anything is read in time that grows with it and no quicker."""
    page = part * (FETCHED_BYTES // len(part))
    begun = time.process_time()
    read_page(page.encode(), "", URL)
    assert time.process_time() - begun < 5


def test_no_page_says_too_much() -> None:
    """So many metas are read, and no more."""
    page = "".join(f"<meta name=n{number} content=y>" for number in range(10_000))
    assert len(read_head(page)[1]) == METAS_MAX


@pytest.mark.parametrize(
    ("content", "there"),
    [
        ("/a.png", "https://www.oven.example/a.png"),
        ("a.png", "https://www.oven.example/a/a.png"),
        ("//cdn.example/a.png", "https://cdn.example/a.png"),
        ("data:image/png;base64,AAAA", None),
        ("javascript:alert(1)", None),
        ("https://user@cdn.example/a.png", None),
        ("https://cdn.example/a b.png", None),
    ],
)
def test_where_its_picture_is(content: str, there: str | None) -> None:
    """Beside the page, or somewhere else where pages are."""
    found = said(f'<title>x</title><meta property="og:image" content="{content}">')
    assert found is not None
    assert found.picture == there
    assert found.site == "oven.example"


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("https://a.example", "https://a.example/"),
        ("see https://A.example/x?q=1#top.", "https://a.example/x?q=1"),
        ("(https://a.example/wiki/Salt_(bread))", "https://a.example/wiki/Salt_(bread)"),
        ("https://a.example:443/ http://b.example/", "https://a.example/"),
        ("https://me@a.example/ then https://b.example/", "https://b.example/"),
        ("https://bücher.example/ä ", "https://xn--bcher-kva.example/%C3%A4"),
        ("https://faß.example/", "https://xn--fa-hia.example/"),
        ("HTTPS://a.example/", None),
        ("a.example", None),
        ("https://ours.example/x https://a.example/", None),
        ("https://", None),
        ("http://.../", None),
    ],
)
def test_the_first_link(text: str, link: str | None) -> None:
    """As the web app shows it, without what stands after it; ours have cards of their own."""
    assert first_link(text, {"ours.example"}) == link


def test_pauses_grow_to_a_week() -> None:
    """And no further, however often."""
    pauses = [pause_after(failures) for failures in (1, 2, 3, 4, 5, 500)]
    assert [pause.total_seconds() / 3600 for pause in pauses] == [1, 4, 16, 64, 168, 168]
    assert pauses[-1] == KEPT
