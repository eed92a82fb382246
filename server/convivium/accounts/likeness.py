"""What a name looks like, so that nobody goes by what reads as somebody else's; pure.

After UTS 39 (4, skeletons), with the letters of the scripts that most names are in: two texts that
look the same have the same likeness, however they are spelled.
"""
# ruff: noqa: RUF001 - these are the letters it is about

import unicodedata

# What a letter of ours is taken for: of Cyrillic, Greek, Armenian, Latin beyond ours, and digits.
_TAKEN_FOR = {
    "a": "аαɑ",
    "A": "АΑ",
    "B": "ВΒ",
    "b": "ЬьƄ",
    "c": "сϲⅽ",
    "C": "СϹ",
    "d": "ԁɗ",
    "e": "еҽ",
    "E": "ЕΕ",
    "f": "ſϝ",
    "g": "ɡց",
    "h": "һհ",
    "H": "НΗ",
    "i": "іιıɩ",
    "j": "јϳ",
    "J": "Ј",
    "K": "КΚ",
    "k": "кκ",
    "l": "IІΙӀӏ1|ǀ",
    "M": "МΜ",
    "m": "м",
    "N": "Ν",
    "n": "ոп",
    "O": "ОΟՕ0",
    "o": "оοօσ",
    "p": "рρ",
    "P": "РΡ",
    "q": "ԛզ",
    "r": "гᴦ",
    "s": "ѕꜱ",
    "S": "ЅՏ",
    "T": "ТΤ",
    "t": "тτ",
    "u": "υս",
    "v": "νѵ",
    "V": "Ѵ",
    "w": "ԝωա",
    "W": "Ԝ",
    "x": "хχ",
    "X": "ХΧ",
    "y": "уγү",
    "Y": "ҮΥУ",
    "z": "ᴢ",
    "Z": "Ζ",
}
_AS_TAKEN = str.maketrans(
    {other: letter for letter, others in _TAKEN_FOR.items() for other in others}
)
# Two letters that read as one.
_JOINED = (("rn", "m"), ("vv", "w"))


def likeness(name: str) -> str:
    """Give what a name looks like; empty for one without letters and digits."""
    alike = _letters(unicodedata.normalize("NFKD", name).translate(_AS_TAKEN))
    for pair, letter in _JOINED:
        alike = alike.replace(pair, letter)
    return alike


def spelling(name: str) -> str:
    """Give how a name is spelled, whatever stands between and around its letters."""
    return _letters(unicodedata.normalize("NFKD", name))


def _letters(text: str) -> str:
    """Keep letters with their marks and digits, without the difference of small and large."""
    return "".join(c for c in text.casefold() if unicodedata.category(c)[0] in "LMN")
