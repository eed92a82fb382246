"""What there is to tell, what of it one chooses about, and by which ways it is told."""

from typing import Literal

Kind = Literal[
    "invited",
    "brought_up",
    "handed_over",
    "starts_soon",
    "time_to_start",
    "started",
    "rescheduled",
    "cancelled",
    "followed",
    "follow_asked",
    "follow_accepted",
    "mentioned",
    "replied",
    "quoted",
    "liked",
    "reposted",
    "warned",
    "space_ended",
    "space_renamed",
    "post_taken_away",
    "suspension_lifted",
    "let_in",
    "role_given",
    "sent_out",
    "way_back_given",
    "report_seen",
]

# What one chooses about: kinds that people see as one, in the order in which they are shown.
Matter = Literal[
    "invitations",
    "stage",
    "live",
    "reminders",
    "changes",
    "mentions",
    "replies",
    "likes",
    "follows",
    "requests",
    "moderation",
]
Channel = Literal["app", "push", "mail"]
