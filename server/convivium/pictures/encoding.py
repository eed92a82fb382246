"""What somebody sends becomes a picture of ours: decoded, and written anew from what it shows.

Nothing but colours comes through: no place where it was taken, no comment, no second file inside.
Pillow is loaded with the first picture, in the thread that decodes.
"""

from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from typing import TYPE_CHECKING

from convivium.core.errors import Malformed
from convivium.pictures.models import Use
from convivium.pictures.rules import FORMATS, SIDE_MAX, SIZES, canvas_of, format_of

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageFile import ImageFile

QUALITY = 80
# Half of what the best effort takes, for pictures that are a few hundredths larger.
EFFORT = 3


class NotAPicture(Malformed):
    """Something else came, or a picture that is broken."""

    code = "not_a_picture"
    title = "This is no picture that can be shown"
    detail = "It takes a JPEG, PNG or WebP picture that is whole."


class PictureTooLarge(Malformed):
    """A picture has more points than any screen shows."""

    code = "picture_too_large"
    title = "This picture is too large"
    detail = f"A picture is at most {SIDE_MAX} points wide and high. Make it smaller and try again."


@dataclass(frozen=True, slots=True)
class Encoded:
    """A picture written anew, once for each size.

    name: what its files are called, after whose it is and what it shows.
    """

    name: str
    use: Use
    width: int
    height: int
    files: dict[int, bytes]


def encode(whose: str, data: bytes, use: Use) -> Encoded:
    """Write a picture anew. Raises NotAPicture, PictureTooLarge.

    whose: the id of a person, or of what it is for.
    """
    picture = _decoded(data, use)
    sizes = SIZES[use]
    shown = [_fitted(picture, size, use) for size in sizes]
    files = {size: _written(each) for size, each in zip(sizes, shown, strict=True)}
    name = sha256(whose.encode() + b"\0" + files[sizes[-1]]).hexdigest()[:32]
    return Encoded(name, use, *shown[-1].size, files)


def _decoded(data: bytes, use: Use) -> "Image":
    """Give the first picture of what came, upright, without anything beside it."""
    kind = format_of(data)
    if kind not in FORMATS[use]:
        raise NotAPicture
    canvas = canvas_of(data)
    if canvas is not None and max(canvas) > SIDE_MAX:
        raise PictureTooLarge
    from PIL import Image, WebPImagePlugin  # noqa: PLC0415 - with the first picture

    # A decoder that is known already: without it Pillow would load those of all formats.
    assert WebPImagePlugin.SUPPORTED  # noqa: S101 - every wheel of Pillow has it
    Image.MAX_IMAGE_PIXELS = SIDE_MAX * SIDE_MAX
    try:
        with Image.open(BytesIO(data), formats=(kind,)) as opened:
            return _loaded(opened, use)
    except PictureTooLarge:
        raise
    except Exception as error:
        # Whatever a decoder stumbles over, it is the picture that is broken.
        raise NotAPicture from error


def _loaded(opened: "ImageFile", use: Use) -> "Image":
    """Decode what was only looked at so far."""
    from PIL import ImageOps  # noqa: PLC0415 - with the first picture

    if max(opened.size) > SIDE_MAX:
        raise PictureTooLarge
    # JPEG can be unpacked at half or a quarter of its size; others take no notice.
    opened.draft("RGB", (SIZES["post"][-1], SIZES["post"][-1]))
    opened.load()
    return _plain(ImageOps.exif_transpose(opened), use)


def _plain(picture: "Image", use: Use) -> "Image":
    """Give the colours alone, on white where one could see through; only through signs one can."""
    from PIL import Image  # noqa: PLC0415 - with the first picture

    if not picture.has_transparency_data:
        return Image.frombytes("RGB", picture.size, picture.convert("RGB").tobytes())
    above = picture.convert("RGBA")
    if use == "logo":
        return Image.frombytes("RGBA", above.size, above.tobytes())
    plain = Image.new("RGB", picture.size, "white")
    plain.paste(above, mask=above.getchannel("A"))
    return plain


def _fitted(picture: "Image", size: int, use: Use) -> "Image":
    """Make it as large as it is kept: a face is cut to a square, what is smaller stays so."""
    from PIL import ImageOps  # noqa: PLC0415 - with the first picture

    if use in ("face", "logo"):
        return ImageOps.fit(picture, (size, size))
    if max(picture.size) <= size:
        return picture
    if min(picture.size) * size < max(picture.size):
        # A line, of which nothing would be left.
        raise NotAPicture
    return ImageOps.contain(picture, (size, size))


def _written(picture: "Image") -> bytes:
    into = BytesIO()
    picture.save(into, "WEBP", quality=QUALITY, method=EFFORT)
    return into.getvalue()
