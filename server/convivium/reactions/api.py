"""The route of reactions, for those without a data channel."""

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from convivium.core.web import API, Who, given, need_read
from convivium.reactions.rules import Emoji
from convivium.reactions.service import Reactions

router = APIRouter(prefix=f"{API}/spaces/{{space_id}}", tags=["reactions"])

GivenReactions = Annotated[Reactions, Depends(given(Reactions))]


class ReactionBody(BaseModel):
    """One reaction."""

    emoji: Emoji


@router.post("/reactions", status_code=202)
async def react(space_id: str, body: ReactionBody, actor: Who, reactions: GivenReactions) -> None:
    """React to what is heard; counted, and told to everybody as a sum within half a second.

    Of those on the stage it is told who it was.
    """
    need_read(actor)
    await reactions.react(actor, space_id, body.emoji)
