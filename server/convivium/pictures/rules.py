"""How large pictures are, come and kept; pure."""

from convivium.pictures.models import Use

# The longest side of what is taken, read from the first octets before anything is unpacked.
SIDE_MAX = 4096
# The longest sides of what is kept: faces and signs are squares, others keep their shape.
SIZES: dict[Use, tuple[int, ...]] = {
    "face": (64, 128, 512),
    "post": (640, 1600),
    "card": (640,),
    "logo": (64, 192, 512),
}
# What is taken for each; a page elsewhere may also show the first picture of a GIF.
FORMATS: dict[Use, frozenset[str]] = {
    "face": frozenset(("JPEG", "PNG", "WEBP")),
    "post": frozenset(("JPEG", "PNG", "WEBP")),
    "card": frozenset(("JPEG", "PNG", "WEBP", "GIF")),
    "logo": frozenset(("JPEG", "PNG", "WEBP")),
}
DESCRIPTION_MAX = 500
# What each is kept as, and what browsers are told that it is.
MEDIA_TYPE = "image/webp"


def format_of(data: bytes) -> str | None:
    """Tell by the first octets what this is, whatever it is called; None for what nobody takes."""
    if data.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    if data[:6] in (b"GIF87a", b"GIF89a"):
        return "GIF"
    return None


def canvas_of(data: bytes) -> tuple[int, int] | None:
    """Read how large a WebP with several parts says it is; None for others.

    Its decoder makes room for all of it before anybody can look (RFC 9649, 2.7).
    """
    if data[12:16] != b"VP8X" or len(data) < 30:  # noqa: PLR2004 - what comes before it, and its length
        return None
    width = 1 + int.from_bytes(data[24:27], "little")
    height = 1 + int.from_bytes(data[27:30], "little")
    return width, height
