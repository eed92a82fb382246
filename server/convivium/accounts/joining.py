"""Who may make an account: by which door, and from which age on; who waits is let in by staff."""

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import func, select, update

from convivium.accounts.events import SignUpInvitationMade
from convivium.accounts.models import CameBy, SignUpInvitation, Waiting
from convivium.core.config import Settings
from convivium.core.errors import Conflict, Forbidden, Malformed
from convivium.core.ids import fingerprint, new_secret
from convivium.core.transaction import Transaction

# Nobody is older.
OLDEST = 150
NOTE_MAX = 300
# So many wait at once; staff who have not looked for so long let nobody in anyway.
WAITING_MAX = 1000


class SignUpClosed(Forbidden):
    """Accounts are made by the operator alone."""

    code = "sign_up_closed"
    title = "Nobody can sign up here"
    detail = (
        "Whoever runs this server makes the accounts. Ask them for one. You can listen without."
    )


class InvitationNeeded(Forbidden):
    """Accounts are for those who were invited."""

    code = "invitation_needed"
    title = "It takes an invitation to sign up here"
    detail = "Ask whoever runs this server for a code. You can listen without one."


class InvitationSpent(Forbidden):
    """The code is used up, too old, or was never given."""

    code = "invitation_spent"
    title = "This invitation does not work"
    detail = "It was used already, or is too old. Ask whoever gave it to you for another."


class BirthDateNeeded(Malformed):
    """Nobody signs up here without saying when they were born."""

    code = "birth_date_needed"
    title = "It takes your date of birth"
    detail = "Say when you were born, as year, month and day. Nobody keeps it."


class TooYoung(Forbidden):
    """One has to be older to have an account here."""

    code = "too_young"
    title = "You cannot have an account here yet"
    remembered = "too_young"

    def __init__(self, years: int) -> None:
        super().__init__(
            f"Accounts here are for people who are {years} or older. We kept nothing of what you"
            " wrote. You are welcome to listen, and to come back when you are old enough."
        )
        self.members |= {"minimum_age": years}


class ListFull(Conflict):
    """Too many wait already."""

    code = "waiting_list_full"
    title = "The waiting list is full"
    detail = "Very many people wait here already. Come back in a few days."


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody brings who wants an account.

    invitation: a code. born: the day they say they were born; it is looked at, and kept nowhere.
    was_too_young: their browser was refused for it within a day. note: a word to staff.
    """

    invitation: str | None = None
    born: date | None = None
    was_too_young: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class Admitted:
    """How somebody comes in: by an invitation of this number, or as one who waits."""

    invitation: int | None = None
    waits: bool = False
    note: str = ""


AT_ONCE = Admitted()


def check_age(minimum: int, wish: Wish, today: date) -> None:
    """Let in who is old enough; 0 for everybody. Raises BirthDateNeeded, TooYoung, Malformed."""
    if minimum == 0:
        return
    if wish.was_too_young:
        raise TooYoung(minimum)
    if wish.born is None:
        raise BirthDateNeeded
    years = _years(wish.born, today)
    if not 0 <= years <= OLDEST:
        raise Malformed("birth_date: nobody who lives was born on that day.")
    if years < minimum:
        raise TooYoung(minimum)


def _years(born: date, today: date) -> int:
    """Tell how many birthdays somebody had; who was born on 29 February has it on 1 March."""
    is_before = (today.month, today.day) < (born.month, born.day)
    return today.year - born.year - is_before


async def admit(tx: Transaction, settings: Settings, wish: Wish) -> Admitted:
    """Let somebody make an account, or wait for one; by every way to sign up.

    What it gives goes to `service.sign_up`, in the same transaction. Raises SignUpClosed,
    InvitationNeeded, InvitationSpent, ListFull, and what `check_age` raises.
    """
    if settings.sign_up == "closed":
        raise SignUpClosed
    check_age(settings.minimum_age, wish, tx.now.date())
    number = await _use(tx, wish.invitation.strip()) if wish.invitation else None
    if number is not None or settings.sign_up == "open":
        return Admitted(invitation=number)
    if wish.invitation:
        raise InvitationSpent
    if settings.sign_up == "invitation":
        raise InvitationNeeded
    first = select(Waiting.number).where(Waiting.refused_at.is_(None)).limit(WAITING_MAX)
    if await tx.session.scalar(select(func.count()).select_from(first.subquery())) == WAITING_MAX:
        raise ListFull
    return Admitted(waits=True, note=wish.note)


async def note_how(tx: Transaction, person_id: str, admitted: Admitted) -> None:
    """Write down how somebody came in."""
    if admitted.invitation is not None:
        tx.session.add(CameBy(person_id=person_id, invitation_number=admitted.invitation))
    if admitted.waits:
        tx.session.add(Waiting(person_id=person_id, since=tx.now, note=admitted.note))
    await tx.session.flush()


async def invite(
    tx: Transaction, *, uses: int, days: int, by: str | None = None, note: str = ""
) -> tuple[SignUpInvitation, str]:
    """Make a code with which so many people can sign up within so many days; it is given once."""
    secret = new_secret()
    invitation = SignUpInvitation(
        secret_hash=fingerprint(secret),
        made_by=by,
        note=note,
        uses=uses,
        uses_left=uses,
        created_at=tx.now,
        expires_at=tx.now + timedelta(days=days),
    )
    tx.session.add(invitation)
    await tx.session.flush()
    await tx.announce(SignUpInvitationMade(invitation.number, by or "", uses))
    return invitation, secret


async def _use(tx: Transaction, code: str) -> int | None:
    """Use a code once; gives the number of its invitation, None for one that does not work."""
    number: int | None = await tx.session.scalar(
        update(SignUpInvitation)
        .where(
            SignUpInvitation.secret_hash == fingerprint(code),
            SignUpInvitation.expires_at > tx.now,
            SignUpInvitation.ended_at.is_(None),
            SignUpInvitation.uses_left > 0,
        )
        .values(uses_left=SignUpInvitation.uses_left - 1)
        .returning(SignUpInvitation.number)
    )
    return number
