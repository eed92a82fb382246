"""What comes in as a picture, and what of it is kept."""

import resource
import time
from contextlib import nullcontext
from io import BytesIO

import pytest
from PIL import Image

from convivium.pictures.encoding import NotAPicture, PictureTooLarge, encode
from convivium.pictures.models import Use
from tests.pictures.samples import (
    PLANTED,
    SCRIPT,
    bombs,
    drawn,
    moving,
    no_pictures,
    with_place,
)


def shown(data: bytes) -> Image.Image:
    """Look at what was kept."""
    return Image.open(BytesIO(data), formats=("WEBP",))


def colour(picture: Image.Image, x: float, y: float) -> str:
    """Name the colour at a part of the way to the right and down."""
    at = (int(picture.width * x), int(picture.height * y))
    pixel = picture.convert("RGB").getpixel(at)
    assert isinstance(pixel, tuple)
    red, green, blue = pixel[:3]
    if min(red, green, blue) > 200:
        return "white"
    return max((red, "red"), (green, "green"), (blue, "blue"))[1]


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_picture_in_a_post_keeps_its_shape(kind: str) -> None:
    """It is kept in two sizes, and never larger than it came."""
    made = encode("ama", drawn(kind, (2000, 1000)), "post")

    assert (made.width, made.height) == (1600, 800)
    assert {size: shown(data).size for size, data in made.files.items()} == {
        640: (640, 320),
        1600: (1600, 800),
    }
    small = encode("ama", drawn(kind, (50, 90)), "post")
    assert {shown(data).size for data in small.files.values()} == {(50, 90)}


@pytest.mark.parametrize("size", [(300, 100), (100, 300), (64, 64), (1, 1), (4096, 10)])
def test_a_face_is_a_square_in_three_sizes(size: tuple[int, int]) -> None:
    """The middle of what came."""
    made = encode("ama", drawn(size=size), "face")

    assert [shown(data).size for data in made.files.values()] == [(64, 64), (128, 128), (512, 512)]


def test_files_are_named_after_what_is_in_them_and_whose_it_is() -> None:
    """Nobody learns from a name that another has the same picture."""
    first, again = (encode("ama", drawn(), "face").name for _ in range(2))

    assert first == again
    names = {
        first,
        encode("ben", drawn(), "face").name,
        encode("ama", drawn(colour="green"), "face").name,
    }
    assert len(names) == 3


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
@pytest.mark.parametrize("use", ["face", "post"])
def test_nothing_but_colours_comes_through(kind: str, use: Use) -> None:
    """Not the place where it was taken, no comment, no profile."""
    sent = with_place(kind)
    assert PLANTED in sent

    for data in encode("ama", sent, use).files.values():
        assert PLANTED not in data
        kept = shown(data)
        assert not kept.getexif()
        assert not {"exif", "icc_profile", "xmp", "comment"} & set(kept.info)


@pytest.mark.parametrize(
    ("orientation", "above"), [(1, (0.5, 0.1)), (3, (0.5, 0.9)), (6, (0.9, 0.5)), (8, (0.1, 0.5))]
)
def test_a_picture_stands_upright(orientation: int, above: tuple[float, float]) -> None:
    """As whoever took it held the telephone."""
    made = encode("ama", with_place("JPEG", orientation), "post")

    picture = shown(made.files[640])
    assert colour(picture, *above) == "red"
    assert picture.size == ((320, 200) if orientation in (1, 3) else (200, 320))


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_of_a_moving_picture_the_first_is_kept(kind: str) -> None:
    """A post does not flicker."""
    kept = shown(encode("ama", moving(kind), "post").files[640])

    assert colour(kept, 0.5, 0.5) == "green"
    assert getattr(kept, "n_frames", 1) == 1


@pytest.mark.parametrize(
    ("mode", "kind", "ink"),
    [
        ("RGBA", "PNG", (255, 0, 0, 0)),
        ("LA", "PNG", (0, 0)),
        ("RGBA", "WEBP", (255, 0, 0, 0)),
    ],
)
def test_where_one_could_see_through_it_is_white(mode: str, kind: str, ink: tuple[int]) -> None:
    """Black letters on nothing are read in the dark too."""
    kept = shown(encode("ama", drawn(kind, mode=mode, colour=ink), "post").files[640])

    assert (kept.mode, colour(kept, 0.5, 0.5)) == ("RGB", "white")


@pytest.mark.parametrize(
    ("mode", "kind"),
    [("L", "PNG"), ("P", "PNG"), ("1", "PNG"), ("I;16", "PNG"), ("CMYK", "JPEG"), ("L", "JPEG")],
)
def test_every_kind_of_colours_is_read(mode: str, kind: str) -> None:
    """Scanners and printers have their own."""
    assert shown(encode("ama", drawn(kind, mode=mode, colour=0), "post").files[640]).mode == "RGB"


@pytest.mark.parametrize("what", no_pictures())
def test_what_is_no_picture_is_refused(what: str) -> None:
    """Whatever it is called, and wherever it breaks off."""
    with pytest.raises(NotAPicture):
        encode("ama", no_pictures()[what], "post")


@pytest.mark.parametrize("what", bombs())
def test_what_would_burst_is_refused_at_once(what: str) -> None:
    """Before anything is unpacked: it takes neither long nor much."""
    data = bombs()[what]
    assert len(data) < 200_000
    before, began = _most_kib(), time.process_time()

    with pytest.raises((NotAPicture, PictureTooLarge)):
        encode("ama", data, "post")

    assert time.process_time() - began < 1.0
    assert _most_kib() - before < 80_000


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_what_is_two_things_at_once_becomes_one(kind: str) -> None:
    """A page behind or within a picture is left behind."""
    made = encode("ama", drawn(kind) + SCRIPT, "post")

    assert all(b"<s" not in data for data in made.files.values())
    inside = with_place(kind).replace(PLANTED, SCRIPT[: len(PLANTED)])
    assert b"<script>" in inside
    # The sums of a PNG do not fit any more.
    with nullcontext() if kind != "PNG" else pytest.raises(NotAPicture):
        made = encode("ama", inside, "post")
        assert all(b"<s" not in data for data in made.files.values())


def _most_kib() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def test_a_line_is_no_picture() -> None:
    """So thin that nothing is left of it when it is made smaller; of a face there is its middle."""
    for size in ((3000, 1), (1, 3000)):
        with pytest.raises(NotAPicture):
            encode("ama", drawn(size=size), "post")
        assert encode("ama", drawn(size=size), "face").width == 512
