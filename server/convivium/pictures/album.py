"""The files of pictures, and the one thread that makes them."""

from pathlib import Path

from convivium.files.places import Places
from convivium.files.shelves import Shelves
from convivium.pictures.encoding import Encoded, encode
from convivium.pictures.models import Use
from convivium.pictures.rules import SIZES

# So many are read and made at a time, and so many of one person.
IN_HAND = 8
EACH = 4


class Album:
    """Makes pictures and keeps their files in a folder."""

    def __init__(self, folder: Path) -> None:
        sizes = {size for each in SIZES.values() for size in each}
        self.shelves = Shelves(folder, [_ending(size) for size in sorted(sizes)])
        self.places = Places(in_all=IN_HAND, each=EACH)

    async def make(self, whose: str, data: bytes, use: Use) -> Encoded:
        """Write a picture anew and keep its files. Raises NotAPicture, PictureTooLarge, DiskFull.

        Its row is to follow, and after that `make_sure`.
        """

        def work() -> Encoded:
            made = encode(whose, data, use)
            self.shelves.keep(made.name, _files(made))
            return made

        return await self.shelves.do(work)

    async def encode(self, owner: str, data: bytes, use: Use) -> Encoded:
        """Write a picture anew, whose files somebody else keeps.

        Raises NotAPicture, PictureTooLarge.
        """
        return await self.shelves.do(lambda: encode(owner, data, use))

    async def make_sure(self, made: Encoded) -> None:
        """Keep files once more that went between being kept and having a row."""
        await self.shelves.make_sure(made.name, _files(made))

    def path(self, name: str, size: int) -> Path:
        """Say where a file is."""
        return self.shelves.path(name, _ending(size))


def _files(made: Encoded) -> dict[str, bytes]:
    return {_ending(size): data for size, data in made.files.items()}


def _ending(size: int) -> str:
    return f"{size}.webp"
