"""Pictures for tests: good ones, and what is sent in the place of one."""

import struct
import zlib
from io import BytesIO
from typing import Any

from PIL import Image
from PIL.PngImagePlugin import PngInfo

# Where a telephone writes down that it was.
PLANTED = b"PLANTED-48.8584N-2.2945E"
GPS = 0x8825
SCRIPT = b"<script>alert(1)</script><svg onload=alert(1)>"


def drawn(kind: str = "PNG", size: tuple[int, int] = (320, 200), **how: Any) -> bytes:  # noqa: ANN401
    """Draw a picture of two colours: red above, blue below."""
    picture = Image.new(how.pop("mode", "RGB"), size, how.pop("colour", "red"))
    if picture.mode == "RGB":
        picture.paste("blue", (0, size[1] // 2, size[0], size[1]))
    into = BytesIO()
    picture.save(into, kind, **how)
    return into.getvalue()


def with_place(kind: str, orientation: int = 1) -> bytes:
    """Draw what a telephone sends: turned, and with the place where it was taken."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010E] = PLANTED.decode()
    exif.get_ifd(GPS)[29] = PLANTED.decode()
    more: dict[str, Any] = {"exif": exif, "icc_profile": PLANTED, "xmp": PLANTED}
    if kind == "JPEG":
        more["comment"] = PLANTED
    if kind == "PNG":
        more["pnginfo"] = PngInfo()
        more["pnginfo"].add_text("Comment", PLANTED.decode())
        more["pnginfo"].add_text("Zipped", PLANTED.decode(), zip=True)
        del more["xmp"]
    return drawn(kind, **more)


def moving(kind: str) -> bytes:
    """Draw two pictures in one: the first is green."""
    first, second = (Image.new("RGB", (64, 64), colour) for colour in ("green", "black"))
    into = BytesIO()
    first.save(into, kind, save_all=True, append_images=[second], duration=100, lossless=True)
    return into.getvalue()


def chunk(kind: bytes, data: bytes) -> bytes:
    """Write a part of a PNG."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, packed: bytes, *between: bytes) -> bytes:
    """Write a PNG by hand, however little it is one."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    end = chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(between) + chunk(b"IDAT", packed) + end


def webp(width: int, height: int, rest: bytes = b"") -> bytes:
    """Write the head of a WebP of several parts by hand."""
    size = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    parts = b"VP8X" + (10).to_bytes(4, "little") + b"\x02\0\0\0" + size + rest
    return b"RIFF" + (4 + len(parts)).to_bytes(4, "little") + b"WEBP" + parts


def bombs() -> dict[str, bytes]:
    """Give what is small here and very large unpacked."""
    zeros = zlib.compress(b"\0" * 10_000_000, 9)
    text = zlib.compress(b"\0" * 50_000_000, 9)
    return {
        "a PNG as wide as a town": png(2**31 - 1, 2**31 - 1, zeros),
        "a PNG of 10,000 by 10,000": png(10_000, 10_000, zeros),
        "a long thin PNG": png(4097, 1, zeros),
        "a WebP as large as one can be": webp(2**24, 2**24),
        "a moving WebP of 16,383 by 16,383": webp(16_383, 16_383, b"ANIM\6\0\0\0\0\0\0\0\0\0"),
        "a JPEG that says it is 65,500 wide": _jpeg_of(65_500, 65_500),
        "a PNG with a text that unpacks": png(
            64, 64, zlib.compress(b"\0" * 64 * 193), chunk(b"zTXt", b"a\0\0" + text)
        ),
        "a PNG with colours that unpack": png(
            64, 64, zlib.compress(b"\0" * 64 * 193), chunk(b"iCCP", b"a\0\0" + text)
        ),
    }


def no_pictures() -> dict[str, bytes]:
    """Give what is no picture, whatever it is called."""
    good = {kind: drawn(kind) for kind in ("PNG", "JPEG", "WEBP")}
    into = BytesIO()
    Image.new("RGB", (8, 8)).save(into, "GIF")
    return {
        "nothing": b"",
        "one octet": b"\xff",
        "words": b"GIF89a" + SCRIPT,
        "a page": b"<!doctype html>" + SCRIPT,
        "an SVG": b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
        "a GIF": into.getvalue(),
        "a HEIC": b"\0\0\0\x18ftypheic\0\0\0\0mif1heic",
        "a BMP": b"BM" + b"\0" * 60,
        "PostScript": b"%!PS-Adobe-3.0 EPSF-3.0\n(%pipe%id) (w) file\n",
        "a PDF": b"%PDF-1.7\n",
        "only the first octets of a PNG": b"\x89PNG\r\n\x1a\n",
        "only the first octets of a JPEG": b"\xff\xd8\xff\xe0",
        "only the first octets of a WebP": b"RIFF\0\0\0\0WEBP",
        "a WebP without a picture": webp(8, 8),
        "a page behind the first octets": b"\xff\xd8\xff" + SCRIPT,
        "a PNG whose sums are wrong": good["PNG"][:29] + b"\0\0\0\0" + good["PNG"][33:],
        **{f"half a {kind}": data[: len(data) // 2] for kind, data in good.items()},
    }


def _jpeg_of(width: int, height: int) -> bytes:
    data = drawn("JPEG")
    at = data.index(b"\xff\xc0") + 5
    return data[:at] + struct.pack(">HH", height, width) + data[at + 4 :]
