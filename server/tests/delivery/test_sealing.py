"""What is sealed is what the standard says, and nobody else opens it."""

from datetime import UTC, datetime

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec

from convivium.delivery.sealing import is_point, new_key, public_of, seal, signed
from tests.delivery.endpoint import CURVE, Taken, decode, encode, key_from, opened, point_of

# RFC 8291, appendix A.
TEXT = b"When I grow up, I want to be a watermelon"
SENDER = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"
READER = "q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94"
READER_POINT = (
    "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
)
AUTH = decode("BTBZMqHH6r4Tts7J_aSIgg")
SALT = decode("DGv6ra1nlYgDCS1FRnbzlw")
SEALED = (
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWA"
    "mS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxs"
    "j_Qulcy4a-fN"
)


def test_the_example_of_the_standard() -> None:
    """Sealed as there to the last byte, and opened again."""
    sealed = seal(TEXT, decode(READER_POINT), AUTH, key=key_from(SENDER), salt=SALT)

    assert encode(sealed) == SEALED
    assert opened(sealed, key_from(READER), AUTH) == TEXT


def test_each_message_is_sealed_anew() -> None:
    """With another key and another salt; another browser opens nothing."""
    once, again = (seal(TEXT, decode(READER_POINT), AUTH) for _ in range(2))

    assert once[:16] != again[:16]
    assert once[21:86] != again[21:86]
    with pytest.raises(InvalidTag):
        opened(once, ec.generate_private_key(CURVE), AUTH)
    with pytest.raises(InvalidTag):
        opened(once, key_from(READER), b"another secret !")


def test_the_signature_says_who_to_whom_and_until_when() -> None:
    """For half a day: services take a day at most."""
    private, now = new_key(), datetime(2026, 1, 1, tzinfo=UTC)
    said = signed(private, "https://push.example", "mailto:a@b.example", now)
    claims = Taken("/", {"authorization": said}, b"").claims

    assert claims == {
        "aud": "https://push.example",
        "exp": int(now.timestamp()) + 12 * 3600,
        "sub": "mailto:a@b.example",
        "k": public_of(private),
    }


def test_points() -> None:
    """What is not on the curve, or not whole, is none."""
    good = point_of(ec.generate_private_key(CURVE))
    bad = (b"", good[:-1], b"\x04" + b"\x01" * 64, b"\x02" + good[1:33], b"\x00")

    assert is_point(good)
    assert not any(map(is_point, bad))
