"""Being told by mail: where somebody has shown that it is theirs, once, and as it is written."""

import re
import socket
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import select

from convivium.accounts.emails import plain_address
from convivium.accounts.models import EmailClaim
from convivium.app import Instance
from convivium.core.clock import ManualClock
from convivium.core.config import Settings
from convivium.core.jobs import ATTEMPTS, Due, Job
from convivium.core.transaction import Transactions
from convivium.delivery.letters import Letter, message
from convivium.delivery.mailer import Mailer
from convivium.delivery.models import Delivery
from convivium.delivery.service import CONFIRM, ConfirmErrand, MailErrand
from tests.conftest import Browser
from tests.databases import Beginning
from tests.delivery.postbox import NAME, Postbox, make_certificate, postbox
from tests.delivery.postbox import PASSWORD as POST_PASSWORD
from tests.delivery.time import Pass

AMA = "ama@example.org"
SENDER = "Convivium <hello@table.example>"
SITE = "https://table.example"
MAIL_S = 5 * 60


def mail_by(box: Postbox) -> dict[str, Any]:
    """Say in settings that letters go there."""
    return {
        "smtp_host": "127.0.0.1",
        "smtp_port": box.port,
        "smtp_tls": "none",
        "mail_from": SENDER,
        "public_url": SITE,
    }


@pytest.fixture
def settings(data_folder: Path, empty_database: Beginning, box: Postbox) -> Settings:
    return empty_database.settings(data_folder, **mail_by(box))


def part(letter: EmailMessage, kind: str) -> str:
    found: Any = letter.get_body((kind,))
    return str(found.get_content())


def token_in(letter: EmailMessage) -> str:
    found = re.search(rf"{SITE}/confirm-email#([A-Za-z0-9_-]+)", part(letter, "plain"))
    assert found, "the letter has a link"
    return found[1]


async def confirmed(browser: Browser, box: Postbox, pass_s: Pass, address: str = AMA) -> None:
    """Let somebody have an address, and forget the letter by which they showed it."""
    await browser.do("PUT", "/me/email", {"address": address})
    await pass_s(0)
    await browser.do("POST", "/email-confirmations", {"token": token_in(box.came[-1])})
    box.came.clear()
    box.to.clear()


async def invited(ben: Browser, title: str = "Bread") -> str:
    """Let Ben invite Ama, which is written to everybody by mail."""
    space = await ben.do("POST", "/spaces", {"title": title})
    await ben.do("PUT", f"/spaces/{space['id']}/invitations/@ama", {"role": "speaker"})
    return f"/spaces/{space['id']}"


async def states(instance: Instance) -> list[str]:
    async with instance.database.read() as session:
        return list(await session.scalars(select(Delivery.state).order_by(Delivery.told_at)))


async def left(instance: Instance) -> int:
    async with instance.database.read() as session:
        return len((await session.scalars(select(Job.number))).all())


# Whose address it is


async def test_an_address_counts_once_the_link_was_followed(
    ama: Browser, box: Postbox, pass_s: Pass
) -> None:
    """In any browser, signed in or not; the link works once."""
    answer = await ama.do("PUT", "/me/email", {"address": f" {AMA} "})
    assert answer == {"sends": True, "address": None, "waiting": AMA}
    await pass_s(0)
    [letter] = box.came
    assert (letter["To"], letter["From"], box.to) == (AMA, SENDER, [[AMA]])
    token = token_in(letter)
    assert token in part(letter, "html")
    assert letter["List-Unsubscribe"] is None
    await ama.do("POST", "/email-confirmations", {"token": token})
    assert await ama.do("GET", "/me/email") == {"sends": True, "address": AMA, "waiting": None}

    refused = await ama.refused("POST", "/email-confirmations", {"token": token})
    assert refused == (404, "link_unknown")


async def test_letters_lead_home(ama: Browser, ben: Browser, box: Postbox, pass_s: Pass) -> None:
    """Whatever whoever asks for them calls this server."""
    ama.http.headers["Host"] = "evil.example"
    await ama.do("PUT", "/me/email", {"address": AMA})
    await pass_s(0)
    await ama.do("POST", "/email-confirmations", {"token": token_in(box.came[0])})
    await invited(ben)
    await pass_s(MAIL_S)

    assert len(box.came) == 2
    for letter in box.came:
        assert "evil.example" not in letter.as_string()
        assert SITE in part(letter, "html")


async def test_the_link_is_good_for_a_day(
    instance: Instance, ama: Browser, box: Postbox, pass_s: Pass, clock: ManualClock
) -> None:
    """Then it is forgotten, with the address."""
    await ama.do("PUT", "/me/email", {"address": AMA})
    await pass_s(0)
    clock.advance(24 * 3600)
    body = {"token": token_in(box.came[0])}
    assert await ama.refused("POST", "/email-confirmations", body) == (404, "link_unknown")
    await instance.forget_old()
    async with instance.database.read() as session:
        assert (await session.scalars(select(EmailClaim))).all() == []


async def test_the_link_of_a_former_claim_is_void(ama: Browser, box: Postbox, pass_s: Pass) -> None:
    """Whoever mistyped their address cannot be shown to be somebody else later."""
    for address in ("amma@example.org", AMA):
        await ama.do("PUT", "/me/email", {"address": address})
        await pass_s(0)
    first, second = map(token_in, box.came)
    assert await ama.refused("POST", "/email-confirmations", {"token": first}) == (
        404,
        "link_unknown",
    )
    await ama.do("POST", "/email-confirmations", {"token": second})
    assert (await ama.do("GET", "/me/email"))["address"] == AMA


async def test_the_secret_is_kept_nowhere(
    instance: Instance, ama: Browser, box: Postbox, pass_s: Pass
) -> None:
    """Only its hash."""
    await ama.do("PUT", "/me/email", {"address": AMA})
    await pass_s(0)
    async with instance.database.read() as session:
        [claim] = (await session.scalars(select(EmailClaim))).all()
    assert token_in(box.came[0]) not in (claim.secret_hash or "")


async def test_several_accounts_may_have_one_address(
    ama: Browser, ben: Browser, box: Postbox, pass_s: Pass
) -> None:
    """So nobody learns from the answer whether somebody has it."""
    await confirmed(ama, box, pass_s)
    answer = await ben.do("PUT", "/me/email", {"address": AMA})

    assert answer == {"sends": True, "address": None, "waiting": AMA}


async def test_it_takes_a_sign_in_of_late(ama: Browser, clock: ManualClock) -> None:
    """A browser left open is not enough to have letters go elsewhere."""
    clock.advance(601)
    assert await ama.refused("PUT", "/me/email", {"address": AMA}) == (403, "sign_in_again")


async def test_nobody_is_flooded_with_letters(
    ama: Browser, ben: Browser, box: Postbox, pass_s: Pass
) -> None:
    """Neither by one person, nor by many who name the same address."""
    for browser in (ama, ama, ben):
        await browser.do("PUT", "/me/email", {"address": AMA})
        await pass_s(0)
    assert await ben.refused("PUT", "/me/email", {"address": AMA}) == (429, "slow_down")
    assert len(box.came) == 3


@pytest.mark.parametrize(
    "address",
    [
        "",
        "ama",
        "ama@",
        "@example.org",
        "ama@example",
        "ama@127.0.0.1",
        "ama@example.org\r\nBcc: all@example.org",
        "ama@example.org, ben@example.org",
        "ama <ama@example.org>",
        "a ma@example.org",
        ".ama@example.org",
        "ama@-example.org",
        "a" * 65 + "@example.org",
        "ama@" + "a." * 150 + "org",
    ],
)
async def test_what_is_no_address(ama: Browser, address: str, box: Postbox) -> None:
    """Is refused before anything is kept, and nobody is written to."""
    assert await ama.refused("PUT", "/me/email", {"address": address}) == (422, "invalid")
    assert box.came == []


def test_addresses_in_other_letters() -> None:
    """Travel as what they are."""
    assert plain_address("ama@bücher.example") == "ama@xn--bcher-kva.example"
    assert plain_address("Ama+table@Example.ORG") == "Ama+table@example.org"


# Letters


async def test_one_is_told_by_mail(
    instance: Instance, ama: Browser, ben: Browser, box: Postbox, pass_s: Pass
) -> None:
    """In plain text and in HTML, a few minutes later, with a way to have no more of them."""
    await confirmed(ama, box, pass_s)
    path = await invited(ben)
    await pass_s(MAIL_S - 1)
    assert box.came == []
    await pass_s(1)

    [letter] = box.came
    assert letter["Subject"] == "Ben invites you to the stage"
    for kind in ("plain", "html"):
        assert f"{SITE}{path}" in part(letter, kind)
        assert "Bread" in part(letter, kind)
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert await states(instance) == ["sent"]
    for _ in range(3):
        await pass_s(3600)
    assert len(box.came) == 1
    assert await left(instance) == 0


async def test_nobody_is_written_to_without_an_address(
    instance: Instance, ama: Browser, ben: Browser, box: Postbox, pass_s: Pass
) -> None:
    """Nor at one that nobody has shown to be theirs, nor at one that was taken away."""
    await ama.do("PUT", "/me/email", {"address": AMA})
    await pass_s(0)
    await invited(ben)
    await pass_s(MAIL_S)
    await ama.do("POST", "/email-confirmations", {"token": token_in(box.came.pop())})
    await invited(ben)
    await ama.do("DELETE", "/me/email")
    await pass_s(MAIL_S)

    assert box.came == []
    assert await states(instance) == ["dropped"]


async def test_who_looks_first_needs_no_letter(
    ama: Browser, ben: Browser, box: Postbox, pass_s: Pass
) -> None:
    """What was read in the app is not written."""
    await confirmed(ama, box, pass_s)
    await invited(ben)
    [item] = (await ama.do("GET", "/notifications"))["items"]
    await ama.do("PUT", "/notifications/read", {"up_to": item["id"]})
    await pass_s(MAIL_S)

    assert box.came == []


@pytest.mark.parametrize("where", ["answers", "answers_to_rcpt"])
@pytest.mark.parametrize(("answer", "tries"), [("451 Later", 2), ("550 Nobody", 1)])
async def test_what_servers_refuse(
    instance: Instance,
    ama: Browser,
    ben: Browser,
    box: Postbox,
    pass_s: Pass,
    where: str,
    answer: str,
    tries: int,
) -> None:
    """For now it is tried again; for good it is not."""
    await confirmed(ama, box, pass_s)
    getattr(box, where).append(answer)
    await invited(ben)
    await pass_s(MAIL_S)
    await pass_s(3600)

    assert len(box.came) == tries - 1
    assert await states(instance) == ["sent" if tries > 1 else "failed"]


async def test_a_server_that_is_away_is_tried_again(
    instance: Instance, ama: Browser, ben: Browser, box: Postbox, pass_s: Pass
) -> None:
    """Nothing was said yet, so nothing is said twice; after eight tries it is given up."""
    await confirmed(ama, box, pass_s)
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        away = instance.settings.model_copy(update={"smtp_port": nobody.getsockname()[1]})
        there, instance.mailer._settings = instance.mailer._settings, away
        await invited(ben)
        await pass_s(MAIL_S)
        assert await states(instance) == ["waiting"]
    instance.mailer._settings = there
    await pass_s(60)

    assert len(box.came) == 1
    assert await states(instance) == ["sent"]


async def test_a_letter_that_was_out_goes_no_more(
    instance: Instance, ama: Browser, ben: Browser, box: Postbox, pass_s: Pass
) -> None:
    """Whoever was killed while it was on its way does not know; a second letter is worse."""
    await confirmed(ama, box, pass_s)
    await invited(ben)
    async with instance.transactions.begin() as tx:
        [job] = (await tx.session.scalars(select(Job).where(Job.kind == "mail"))).all()
        errand = MailErrand(instance.transactions, instance.mailer)
        assert await errand.pack(tx, Due(job.number, job.kind, job.key, {}, 1)) is not None
    for _ in range(ATTEMPTS):
        await pass_s(3600)

    assert box.came == []
    assert await states(instance) == ["unsure"]


async def test_the_letter_with_the_link_goes_once_too(
    instance: Instance, ama: Browser, box: Postbox, pass_s: Pass
) -> None:
    """But one that was refused for now goes again, with another link."""
    box.answers = ["451 Later"]
    await ama.do("PUT", "/me/email", {"address": AMA})
    await pass_s(0)
    await pass_s(60)
    assert len(box.came) == 1
    async with instance.transactions.begin() as tx:
        errand = ConfirmErrand(instance.transactions, instance.mailer)
        assert await errand.pack(tx, Due(0, CONFIRM, ama.id, {}, 2)) is None
    await ama.do("POST", "/email-confirmations", {"token": token_in(box.came[0])})


@pytest.mark.parametrize(
    "title",
    [
        "Bread\r\nBcc: all@example.org",
        "Bread\nX: y",
        "<script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "=?utf-8?q?=0ABcc:_a=40b?=",
        "Ñandú ünd 🍞" * 20,
    ],
)
def test_what_people_write_stays_words(title: str) -> None:
    """In a header one line, in HTML text; nothing is added, nothing runs."""
    letter = Letter(AMA, title, title, "Open it", 'https://x.example/?a=1&b="2"', title)
    written = message(letter, SENDER, ManualClock().now())
    raw = written.as_bytes()
    head = raw.partition(b"\r\n\r\n")[0].decode()
    names = [
        line.partition(":")[0] for line in head.split("\r\n") if not line.startswith((" ", "\t"))
    ]

    assert sorted(names) == sorted(
        ["From", "To", "Subject", "Date", "Auto-Submitted", "MIME-Version", "Content-Type"]
    )
    page = part(written, "html")
    assert "<script" not in page
    assert "<img" not in page
    assert 'href="https://x.example/?a=1&amp;b=&quot;2&quot;"' in page


# No more letters


async def test_one_click(ama: Browser, ben: Browser, box: Postbox, pass_s: Pass) -> None:
    """A mail program posts to the address in the header, without a cookie: that kind ends."""
    await confirmed(ama, box, pass_s)
    await invited(ben)
    await pass_s(MAIL_S)
    link = str(box.came[0]["List-Unsubscribe"]).strip("<>")
    assert link.startswith(f"{SITE}/api/v1/unsubscribe/")
    program = Browser(ben.http._transport.app)  # type: ignore[attr-defined]
    program.http.headers.pop("Sec-Fetch-Site")
    looked = await program.http.get(link)
    assert looked.status_code == 303
    assert looked.headers["location"] == link.removeprefix(f"{SITE}/api/v1")
    settings = await ama.do("GET", "/me/notification-settings")
    assert settings["kinds"]["invitations"]["mail"] is True
    posted = await program.http.post(link, data={"List-Unsubscribe": "One-Click"})
    await program.http.aclose()
    assert posted.status_code == 204
    settings = await ama.do("GET", "/me/notification-settings")
    assert settings["kinds"]["invitations"] == {"app": True, "push": True, "mail": False}
    assert settings["kinds"]["changes"]["mail"] is True
    await invited(ben)
    await pass_s(MAIL_S)

    assert len(box.came) == 1


async def test_what_waits_is_not_wanted_any_more(
    instance: Instance, ama: Browser, ben: Browser, box: Postbox, pass_s: Pass
) -> None:
    """Whoever asks for no more gets none of those that are about to leave."""
    await confirmed(ama, box, pass_s)
    await invited(ben)
    await ama.do("PATCH", "/me/notification-settings", {"kinds": {"invitations": {"mail": False}}})
    await pass_s(MAIL_S)

    assert box.came == []
    assert await states(instance) == ["dropped"]


async def test_no_more_mail_at_all(ama: Browser, box: Postbox, pass_s: Pass, ben: Browser) -> None:
    """Without a kind it is all of them."""
    await confirmed(ama, box, pass_s)
    await invited(ben)
    await pass_s(MAIL_S)
    link = str(box.came[0]["List-Unsubscribe"]).strip("<>").partition("?")[0]
    await ben.do("POST", link.removeprefix(f"{SITE}/api/v1"))
    kinds = (await ama.do("GET", "/me/notification-settings"))["kinds"]

    assert not any(ways["mail"] for ways in kinds.values())
    assert await ben.refused("POST", "/unsubscribe/guessed") == (404, "link_unknown")


async def test_guessing_keeps_nobody_from_writing(
    ben: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A key is looked up by who only reads; and not for ever by one network."""
    with monkeypatch.context() as patch:
        patch.setattr(Transactions, "begin", None)
        assert await ben.refused("POST", "/unsubscribe/guessed") == (404, "link_unknown")
    for _ in range(499):
        await ben.refused("POST", "/unsubscribe/guessed")
    assert await ben.refused("POST", "/unsubscribe/guessed") == (429, "slow_down")


# The server


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    return make_certificate(tmp_path)


def sealed(box: Postbox, **words: Any) -> Mailer:  # noqa: ANN401
    return Mailer(
        Settings(
            smtp_host="127.0.0.1",
            smtp_port=box.port,
            mail_from=SENDER,
            public_url=SITE,
            smtp_user=NAME.decode(),
            smtp_password=SecretStr(POST_PASSWORD.decode()),
            **words,
        )
    )


LETTER = Letter(AMA, "Hello", "", "Open", "https://x.example", "For a test.")


async def test_starttls_and_a_password(
    certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch, clock: ManualClock
) -> None:
    """As mail servers want it; the certificate has to be one that is trusted."""
    with postbox(certificate) as box:
        assert (await sealed(box).send(LETTER, clock.now())).word == "again"
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
        assert (await sealed(box).send(LETTER, clock.now())).word == "done"
        wrong = sealed(box)
        wrong._settings = wrong._settings.model_copy(update={"smtp_password": SecretStr("no")})
        assert (await wrong.send(LETTER, clock.now())).word == "again"

    assert len(box.came) == 1


async def test_nothing_is_said_in_the_clear(box: Postbox, clock: ManualClock) -> None:
    """A server that offers no STARTTLS, or somebody between who hides it, gets no letter."""
    assert (await sealed(box).send(LETTER, clock.now())).word == "again"
    assert box.came == []


async def test_without_a_mail_server(
    data_folder: Path, empty_database: Beginning, clock: ManualClock
) -> None:
    """There is no mail, and nobody is asked."""
    mailer = Mailer(empty_database.settings(data_folder))

    assert not mailer.is_there
    assert (await mailer.send(LETTER, clock.now())).word == "never"


def test_settings_that_make_no_sense() -> None:
    """A server without a sender, and a sender that is none."""
    with pytest.raises(ValueError, match="mail_from has to say"):
        Settings(smtp_host="mail.example", public_url=SITE)
    with pytest.raises(ValueError, match="public_url has to say where letters lead"):
        Settings(smtp_host="mail.example", mail_from=SENDER)
    for wrong in ("nobody", "a@b.example\nBcc: c@d.example", ""):
        with pytest.raises(ValueError, match="hello@example"):
            Settings(mail_from=wrong)
