"""How several of the same become one; pure."""

# So many of those who caused something are kept by id; the others are only counted.
KEPT_PEOPLE = 100


def joined(people: list[str], count: int, by: str) -> tuple[list[str], int]:
    """Put one more person in front of those who did the same; nobody counts twice."""
    if not by:
        return people, count
    is_new = by not in people
    others = [person for person in people if person != by]
    return [by, *others][:KEPT_PEOPLE], count + is_new
