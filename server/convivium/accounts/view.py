"""People as others see them, and as they see themselves."""

from typing_extensions import TypedDict

from convivium.accounts.models import Person
from convivium.core.actor import Actor, Kind, Role


class PersonView(TypedDict):
    """Somebody, as everybody may see them."""

    id: str
    name: str | None
    display_name: str


class MeView(PersonView):
    """Oneself."""

    kind: Kind
    role: Role | None
    listed: bool
    protected: bool


def person_view(person: Person | Actor) -> PersonView:
    """Show somebody to others."""
    return {"id": person.id, "name": person.name, "display_name": person.display_name}


def me_view(person: Person | Actor) -> MeView:
    """Show somebody to themselves."""
    return {
        "kind": person.kind,
        "id": person.id,
        "name": person.name,
        "display_name": person.display_name,
        "role": person.role,
        "listed": person.listed,
        "protected": person.protected,
    }
