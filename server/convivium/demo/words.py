"""What is said and written in the demo, beside what its voices say: data, and nothing that acts."""

from convivium.moderation.models import Reason
from convivium.spaces.service import Words

WELCOME = Words(
    title="Welcome to the table",
    description="Four synthesised voices, talking in turns so that there is something to hear."
    " No real person speaks here. It goes away with: convivium demo remove",
    topics=["Welcome"],
    languages=["en"],
)
# Who writes, and what; the chat is in slow mode.
LINES = (
    ("juno", "Welcome! Write here whenever you like."),
    ("bo", "I am only a voice from a file, but I read along."),
    ("kai", "Robots at a table. This is the silliest thing I have heard all week."),
    ("kai", "Sanna, nobody wants to hear about your plate."),
    ("tamsin", "What you write reaches everybody at the table, also those who come later."),
)
SLOW_SECONDS = 10
# Who puts it there, words and link; the first is pinned.
SHARED: tuple[tuple[str, str, str | None], ...] = (
    ("juno", "Tap a face to see who it is", None),
    ("ravi", "How these voices are packed", "https://www.rfc-editor.org/rfc/rfc6716"),
)

LATER = Words(
    title="A table for tomorrow",
    description="A space for later, to try the bell and the calendar with. Nobody will start it:"
    " an hour after its time it is cancelled.",
    languages=["en"],
)

DIALECTS = Words(
    title="Sing your dialect",
    description="A fast lane: one stranger follows another, a line each, and who asks is next"
    " before long. Synthesised voices, until you come up.",
    topics=["Dialects"],
    languages=["en"],
)
TURN_SECONDS = 30
# What they ask with, by name.
NOTES = {
    "morag": "Eleven words for rain",
    "desmond": "A saying from the sea",
    "gladys": "How we say hello",
    "sal": "Fast talking",
    "perry": "",
}

KITCHEN = Words(
    title="The kitchen, for friends",
    description="Only people whom the host follows come in, each with their name, and take a free"
    " chair without asking. She follows whoever signs up.",
    languages=["en"],
    listen_policy="followed",
    speak_policy="followed",
    requests="followed",
    anonymous_listening=False,
)
KITCHEN_PEOPLE = (("odile", "Odile"), ("pim", "Pim"))

LAST_NIGHT = Words(
    title="Last night at the table",
    description="What is left of a space that has ended: who was on the stage, and what was"
    " written, since the host keeps it.",
    languages=["en"],
)
LAST_STAGE = ("juno", "tamsin", "ravi")
LAST_LINES = (
    ("tamsin", "The extra plate was not empty for long."),
    ("ravi", "Good night, and thank you all."),
)

# The moderation of the demo: who moderates, and who gave reason to.
MODERATOR = ("wren", "Wren")
TROUBLE = ("vex", "Vex")
WARNED = "You wrote to three people after they had asked you to stop. Please stop."
THREAT = "He wrote that he would find out where I live."
SUSPENDED = "You went on after a warning."
SUSPENDED_DAYS = 7
APPEAL = "I did not know that they had blocked me. I will leave them alone."
# About whom or which space, who says it, why, and in which words; these cases are open.
PERSON_REPORTS: tuple[tuple[str, str, Reason, str], ...] = (
    ("kai", "bo", "harassment", "Makes fun of whoever writes, one after the other."),
    ("kai", "sanna", "harassment", "He writes to me, not about what is talked of."),
)
SPACE_REPORT: tuple[str, Reason, str] = (
    "gladys",
    "spam",
    "The same space again, every single day.",
)
