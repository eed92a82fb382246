"""What a title and a description are, whoever writes them."""

from typing import Annotated

from pydantic import AfterValidator, Field

from convivium.core.text import Line, Paragraphs


def _has_title(title: str) -> str:
    if not title:
        raise ValueError("a space has a title")
    return title


Title = Annotated[Line, Field(max_length=70), AfterValidator(_has_title)]
Description = Annotated[Paragraphs, Field(max_length=1000)]
