"""Mail as people read it: the same in plain text and in HTML, in the colours of the table."""

import html
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr

from convivium.core.text import one_line
from convivium.delivery.words import Words
from convivium.notifications.kinds import Matter

INSTANCE = "Convivium"
LONGEST_SUBJECT = 150
MATTERS: Mapping[Matter, str] = {
    "invitations": "invitations",
    "stage": "your turn to speak",
    "live": "spaces that are live",
    "reminders": "your own spaces",
    "changes": "spaces that are moved or cancelled",
    "mentions": "mentions",
    "replies": "answers",
    "likes": "likes",
    "follows": "followers",
    "requests": "follow requests",
    "moderation": "what moderators tell you",
}
_PAGE = """\
<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{subject}</title></head>\
<body style="margin:0;padding:24px 12px;background:#f3eee3;color:#221a14;\
font:16px/24px 'Atkinson Hyperlegible Next',Verdana,sans-serif">\
<div style="max-width:520px;margin:0 auto;padding:28px;border:1px solid #ded3bd;\
border-radius:20px;background:#fffdf8">\
<p style="margin:0 0 20px;color:#5e5246;font-weight:bold">{instance}</p>\
<h1 style="margin:0 0 12px;font-size:22px;line-height:28px">{title}</h1>\
{body}<p style="margin:24px 0"><a href="{link}" style="display:inline-block;padding:13px 22px;\
border-radius:16px;background:#f5ae3f;color:#221a14;font-weight:bold;text-decoration:none">\
{act}</a></p>\
<p style="margin:0;color:#5e5246;font-size:13px;line-height:20px">{why}</p>{leave}\
</div></body></html>
"""


@dataclass(frozen=True, slots=True)
class Letter:
    """What one letter says; leave: where one can have no more of its kind, one-click and page."""

    to: str
    title: str
    body: str
    act: str
    link: str
    why: str
    leave: tuple[str, str] | None = None
    key: str = field(default="")


def of_notification(
    to: str, words: Words, site: str, matter: Matter, unsubscribe_key: str, key: str
) -> Letter:
    """Write what somebody is told."""
    place = f"unsubscribe/{unsubscribe_key}?kind={matter}"
    return Letter(
        to=to,
        title=words.title,
        body=words.body,
        act="Open it",
        link=site + words.path,
        why=f"You get mail about {MATTERS[matter]} at {{instance}}.",
        leave=(f"{site}/api/v1/{place}", f"{site}/{place}"),
        key=key,
    )


def to_confirm(to: str, site: str, secret: str) -> Letter:
    """Ask whether an address is theirs; the secret stays behind the #, which is sent nowhere."""
    return Letter(
        to=to,
        title="Is this your address?",
        body="Somebody wrote this address into their account. If it was you, follow the link.",
        act="Yes, it is mine",
        link=f"{site}/confirm-email#{secret}",
        why="The link works for a day. If it was not you, do nothing: nobody is written to again.",
    )


def to_reset(to: str, site: str, name: str, secret: str) -> Letter:
    """Lead to where a new password is set; the secret stays behind the #, which is sent nowhere."""
    return Letter(
        to=to,
        title="Set a new password",
        body=f"Somebody asked for a new password for @{name}. If it was you, follow the link.",
        act="Set a new password",
        link=f"{site}/new-password#{secret}",
        why="The link works once, for half an hour. If it was not you, do nothing.",
    )


def of_new_password(to: str, site: str, name: str) -> Letter:
    """Tell somebody that their password is another one now."""
    return Letter(
        to=to,
        title="Your password was changed",
        body=(
            f"The password of @{name} was set anew by the link of a letter,"
            " and every browser was signed out."
        ),
        act="Forgot the password?",
        link=f"{site}/forgot-password",
        why="If it was not you, somebody reads your mail: change that password first.",
    )


def to_try(to: str, site: str) -> Letter:
    """Show an operator that mail works."""
    return Letter(
        to=to,
        title="Mail works",
        body="Whoever runs this server has sent this to see whether it arrives.",
        act="Open the server",
        link=site,
        why="There is nothing else to do.",
    )


def message(letter: Letter, sender: str, now: datetime, instance: str = INSTANCE) -> EmailMessage:
    """Make the message; what stands in a header is one line, whatever it was."""
    letter = replace(letter, why=letter.why.replace("{instance}", instance))
    made = EmailMessage(policy=SMTP)
    made["From"] = sender
    made["To"] = letter.to
    made["Subject"] = one_line(letter.title)[:LONGEST_SUBJECT]
    made["Date"] = format_datetime(now)
    made["Auto-Submitted"] = "auto-generated"
    if letter.key:
        domain = parseaddr(sender)[1].rpartition("@")[2]
        made["Message-ID"] = f"<{letter.key}@{domain}>"
    if letter.leave:
        made["List-Unsubscribe"] = f"<{letter.leave[0]}>"
        made["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    made.set_content(_text(letter))
    made.add_alternative(_html(letter, instance), subtype="html")
    return made


def _text(letter: Letter) -> str:
    parts = [letter.title, letter.body, f"{letter.act}: {letter.link}", f"-- \n{letter.why}"]
    if letter.leave:
        parts[-1] += f"\nNo more mail of this kind: {letter.leave[1]}"
    return "\n\n".join(part for part in parts if part) + "\n"


def _html(letter: Letter, instance: str) -> str:
    leave = ""
    if letter.leave:
        there = html.escape(letter.leave[1])
        style = "margin:8px 0 0;font-size:13px;line-height:20px"
        words = "No more mail of this kind"
        leave = f'<p style="{style}"><a href="{there}" style="color:#5e5246">{words}</a></p>'
    body = html.escape(letter.body).replace("\n", "<br>")
    return _PAGE.format(
        subject=html.escape(one_line(letter.title)),
        instance=html.escape(instance),
        title=html.escape(letter.title),
        body=f'<p style="margin:0">{body}</p>' if body else "",
        link=html.escape(letter.link),
        act=html.escape(letter.act),
        why=html.escape(letter.why),
        leave=leave,
    )
