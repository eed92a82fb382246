"""Who moderates the instance, and whom: asked before every act of theirs."""

from convivium.accounts.models import Person
from convivium.core.actor import STAFF, Actor
from convivium.core.errors import Forbidden


class StaffOnly(Forbidden):
    """This is for moderators and administrators."""

    code = "staff_only"
    title = "This is for moderators"
    detail = "The moderators and administrators of this server can do this."


class ModeratesStaff(Forbidden):
    """A moderator wants to moderate another one."""

    code = "moderates_staff"
    title = "Only an administrator can do this"
    detail = "This person moderates here too. Ask an administrator."


class StaffKeepTheirOwn(Forbidden):
    """Somebody wants a way into the account of another one of the staff."""

    code = "staff_keep_their_own"
    title = "Nobody gets into the account of staff"
    detail = "Make them a member first, which is written down, and give them the code then."


class NotOneself(Forbidden):
    """Somebody wants to moderate themselves."""

    code = "not_oneself"
    title = "Nobody does this to themselves"
    detail = "Ask another moderator or an administrator."


def check_staff(actor: Actor) -> None:
    """Let moderators and administrators through. Raises StaffOnly."""
    if not actor.moderates:
        raise StaffOnly


def check_admin(actor: Actor) -> None:
    """Let administrators through. Raises StaffOnly."""
    if actor.role != "admin":
        raise StaffOnly("The administrators of this server can do this.")


def check_reach(actor: Actor, person: Person) -> None:
    """Let staff moderate others. Raises NotOneself, and ModeratesStaff about others of them."""
    if actor.id == person.id:
        raise NotOneself
    if person.role in STAFF and actor.role != "admin":
        raise ModeratesStaff
