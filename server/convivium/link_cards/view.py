"""Link cards as people see them."""

from typing_extensions import TypedDict

from convivium.link_cards.models import LinkCard


class LinkPictureView(TypedDict):
    """The picture of a link card."""

    name: str
    width: int
    height: int


class LinkCardView(TypedDict):
    """What the page behind a link says of itself; its words are the page's, and plain text."""

    url: str
    title: str
    description: str
    site: str
    picture: LinkPictureView | None


def link_card_view(card: LinkCard | None) -> LinkCardView | None:
    """Show a card; null while there is nothing on it."""
    if card is None or not card.title:
        return None
    picture: LinkPictureView | None = None
    if card.picture is not None:
        picture = {
            "name": card.picture,
            "width": card.picture_width,
            "height": card.picture_height,
        }
    return {
        "url": card.url,
        "title": card.title,
        "description": card.description,
        "site": card.site,
        "picture": picture,
    }
