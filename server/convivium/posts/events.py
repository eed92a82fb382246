"""What posts announce."""

from dataclasses import dataclass

from convivium.core.bus import Fact


@dataclass(frozen=True, slots=True)
class PostFact(Fact):
    """Something about one post; `by` did it."""

    number: int
    by: str


@dataclass(frozen=True, slots=True)
class PostWritten(PostFact):
    """Somebody wrote something.

    answers, quotes: who wrote what this answers or quotes. mentions: who is named in it.
    is_listed: it stands in timelines.
    """

    answers: str | None
    quotes: str | None
    mentions: frozenset[str]
    is_listed: bool


@dataclass(frozen=True, slots=True)
class PostEdited(PostFact):
    """The words of a post are others.

    mentions: who is named now and was not before. dropped: who is not named any more.
    """

    mentions: frozenset[str]
    dropped: frozenset[str]


@dataclass(frozen=True, slots=True)
class PostGone(PostFact):
    """A post was taken away, and with it what people thought of it."""


@dataclass(frozen=True, slots=True)
class PostLiked(PostFact):
    """Somebody likes what `author` wrote."""

    author: str


@dataclass(frozen=True, slots=True)
class PostUnliked(PostFact):
    """Somebody does not like it any more."""


@dataclass(frozen=True, slots=True)
class PostReposted(PostFact):
    """Somebody passes on what `author` wrote."""

    author: str


@dataclass(frozen=True, slots=True)
class PostUnreposted(PostFact):
    """Somebody passes it on no more."""
