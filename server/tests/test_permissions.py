"""Every route and every person: who is let, who is refused and with which word.

Each row is one request at a table where everybody has their place; a cell says what that person is
answered. A route that is missing from the table fails the last test.
"""
# ruff: noqa: E501 - a row is a line

import asyncio
from dataclasses import dataclass
from typing import Any

import pytest
from fastapi import FastAPI
from httpx import Response

from convivium.accounts.joining import Admitted
from convivium.accounts.service import sign_up
from convivium.accounts.waiting import in_line
from convivium.core.ids import new_id
from tests.admin.jobs import fail_for_good
from tests.company import Company
from tests.conftest import PASSWORD, Browser
from tests.pictures.samples import drawn
from tests.table import OFFER, SDP
from tests.voice_notes.samples import spoken

# In this order in every row. "reader" and "writer" are the co-host's tokens without `host`;
# "stranger" hosts another space and is not here, no more than "moderator" and "admin". "suspended"
# shows a cookie from before, which is worth nothing any more, "waiting" one which is so not yet.
PEOPLE = (
    "host", "co_host", "speaker", "listener", "guest", "nobody", "removed", "stranger",
    "reader", "writer", "moderator", "admin", "suspended", "waiting",
)  # fmt: skip

HO, OH, AF, NI = "hosts_only", "only_host", "ask_first", "not_in_space"
NR, NY = "no_request", "not_yours"
SS, SO = "stage_shares", "staff_only"
NP, NC = "not_your_post", "conversation_not_found"
FR = "follow_request_not_found"
PN = "picture_not_found"
NI_LEFT, NO_CODE = "too_many_invitations", "sign_up_invitation_not_found"
NS, MS, OO = "not_signed_in", "missing_scope", "only_oneself"
TOKEN = "not_a_session"  # noqa: S105 - the code of a refusal


@dataclass(frozen=True)
class Row:
    """One request, and what each person is answered: a status, or the code of a refusal."""

    method: str
    path: str
    body: object
    answers: tuple[int | str, ...]

    @property
    def key(self) -> str:
        """Name it shortly: `~` is the space, and a role or word of the body tells twins apart."""
        about = self.body if isinstance(self.body, dict) else {}
        said = [str(about["role"])] if "role" in about else [w for w in about if w == "music"]
        path = self.path.partition("?")[0]
        if path.startswith(SPACE):
            path = "~" + path.removeprefix(SPACE)
        return " ".join([self.method, path, *said])

    @property
    def route(self) -> str:
        """Write the request as its route: people are `{user}` where the route says so."""
        words = self.path.partition("?")[0].split("/")
        of_people = words[1] == "spaces" and OF_PEOPLE & set(words)
        named = [
            "{user}" if word.startswith("@") or (word == "me" and of_people) else word
            for word in (MESSAGE_WORDS.get(word, word) for word in words)
        ]
        return f"{self.method} {'/'.join(named)}"

    def answer(self, person: str) -> int | str:
        """Tell what a person is answered where everybody has their place."""
        return self.answers[PEOPLE.index(person)]


def row(method: str, path: str, *answers: int | str, body: object = None) -> Row:
    """Make a row of what everybody is answered, but for two: of both nobody is there yet, or still.

    "suspended" asks with a session that has ended whether all of it has; "waiting" sees that they
    wait, and can do so no more.
    """
    nobody = answers[PEOPLE.index("nobody")]
    suspended = 204 if (method, path) == ("DELETE", "/sessions/current") else nobody
    waiting = 204 if (method, path) == ("DELETE", "/sign-up") else suspended
    return Row(method, path, body, (*answers, suspended, waiting))


NEW = {"title": "Another table"}
SPEAKER = {"role": "speaker"}
CO_HOST = {"role": "co_host"}
WHY = {"words": "hateful"}
# Its keys are those of RFC 8291, appendix A.
BROWSER = {
    "endpoint": "https://push.example/browser",
    "keys": {
        "p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
        "auth": "BTBZMqHH6r4Tts7J_aSIgg",
    },
}
REPORT = {"user": "@other", "reason": "spam"}
SPACE = "/spaces/{space_id}"
TO_ABSENT = {"to": "@absent", "text": "hello"}
# A conversation of two others, and a message in it; and one of whoever asks.
OF_OTHERS, OWN = "/messages/{conversation}", "/messages/{own}"
MESSAGE_WORDS = {
    "{conversation}": "{user}",
    "{own}": "{user}",
    "{message}": "{number}",
    "{own_message}": "{number}",
}
# Where `me` and `@name` stand for one parameter of the route.
OF_PEOPLE = {"stage", "mutes", "invitations", "removals"}

# fmt: off
TABLE = [
    #                                           host  co_h  spkr  list  guest     nobody removed     strngr reader writer modr admin
    row("GET", "/me",                           200,  200,  200,  200,  200,      NS,    200,        200,   200,   MS, 200, 200),
    row("DELETE", "/me",                        204,  204,  204,  204,  "guest",  NS,    204,        204,   MS,    TOKEN, 204, "last_admin"),
    row("GET", "/me/export",                    200,  200,  200,  200,  "guest",  NS,    200,        200,   TOKEN, MS, 200, 200),
    row("PATCH", "/me",                         200,  200,  200,  200,  200,      NS,    200,        200,   MS,    200, 200, 200, body={"listed": True}),
    row("DELETE", "/sessions/current",          204,  204,  204,  204,  204,      NS,    204,        204,   MS,    TOKEN, 204, 204),
    row("PUT", "/sessions/current",             204,  204,  204,  204,  "guest",  NS,    204,        204,   MS,    TOKEN, 204, 204, body={"password": PASSWORD}),
    row("DELETE", "/sessions/{session_id}",     *["session_not_found"] * 4, "guest", NS, "session_not_found",  "session_not_found", MS, TOKEN, "session_not_found", "session_not_found"),
    row("DELETE", "/sessions",                  204,  204,  204,  204,  "guest",  NS,    204,        204,   MS,    TOKEN, 204, 204),
    row("GET", "/me/sign-ins",                  200,  200,  200,  200,  "guest",  NS,    200,        200,   TOKEN, MS, 200, 200),
    row("PUT", "/me/password",                  204,  204,  204,  204,  "guest",  NS,    204,        204,   MS,    TOKEN, 204, 204, body={"old": PASSWORD, "new": PASSWORD}),
    row("POST", "/accounts/passkey/options",    *[200] * 12, body={"name": "newcomer"}),
    row("POST", "/sessions/passkey/options",    *[200] * 12),
    row("POST", "/sessions/passkey",            *[422] * 12, body={}),
    row("POST", "/sessions/recovery",           *[422] * 12, body={}),
    row("GET", "/sign-in/ways",                 *[200] * 12),
    row("GET", "/sign-in/oidc/{provider_id}",   *[303] * 12),
    row("POST", "/sign-in/oidc/{provider_id}",  *["provider_unknown"] * 12, body={"state": "guessed"}),
    row("POST", "/me/visits/{provider_id}", *["provider_unknown"] * 4, "guest", NS, "provider_unknown", "provider_unknown", MS, TOKEN, "provider_unknown", "provider_unknown", body={"purpose": "link"}),
    row("DELETE", "/me/identities/{identity_id}", *["identity_not_found"] * 4, "guest", NS, "identity_not_found", "identity_not_found", MS, TOKEN, "identity_not_found", "identity_not_found"),
    row("POST", "/password-resets",             *["no_mail"] * 12, body={"address": "me@example.org"}),
    row("POST", "/sessions/letter",             *["reset_over"] * 12, body={"token": "guessed", "password": PASSWORD}),
    row("POST", "/me/recovery-codes",           201,  201,  201,  201,  "guest",  NS,    201,        201,   MS,    TOKEN, 201, 201),
    row("POST", "/passkeys",                    *[422] * 12, body={}),
    row("POST", "/passkeys/options", *[200] * 4, "guest", NS, 200, 200, MS, TOKEN, 200, 200),
    row("PATCH", "/passkeys/{passkey_id}", *["passkey_not_found"] * 4, "guest", NS, "passkey_not_found", "passkey_not_found", MS, TOKEN, "passkey_not_found", "passkey_not_found", body={"name": "Phone"}),
    row("DELETE", "/passkeys/{passkey_id}", *["passkey_not_found"] * 4, "guest", NS, "passkey_not_found", "passkey_not_found", MS, TOKEN, "passkey_not_found", "passkey_not_found"),
    row("DELETE", "/me/password", *["last_way"] * 4, "guest", NS, "last_way", "last_way", MS, TOKEN, "last_way", "last_way"),
    row("POST", "/tokens", *[201] * 4, "guest", NS, 201, 201, MS, TOKEN, 201, 201, body={"name": "Bot", "scopes": ["read"]}),
    row("GET", "/tokens", *[200] * 4, "guest", NS, 200, 200, TOKEN, MS, 200, 200),
    row("DELETE", "/tokens/{token_id}", *["token_not_found"] * 4, "guest", NS, "token_not_found", "token_not_found", MS, TOKEN, "token_not_found", "token_not_found"),
    row("POST", "/accounts",                    422,  422,  422,  422,  422,      422,   422,        422,   422,   422, 422, 422, body={}),
    row("POST", "/sessions",                    422,  422,  422,  422,  422,      422,   422,        422,   422,   422, 422, 422, body={}),
    row("GET", "/people?ids=x",                 200,  200,  200,  200,  "guest",  NS,    200,        200,   200,   MS, 200, 200),
    row("GET", "/people/@other",                200,  200,  200,  200,  200,      200,   200,        200,   200,   MS, 200, 200),
    row("GET", "/people/me/blocks",             200,  200,  200,  200,  "guest",  NS,    200,        200,   200,   MS, 200, 200),
    row("GET", "/people/me/mutes",              200,  200,  200,  200,  "guest",  NS,    200,        200,   200,   MS, 200, 200),
    *(
        row(method, f"/people/@other/{word}",   204,  204,  204,  204,  "guest",  NS,    204,        204,   MS,    204, 204, 204)
        for word in ("follow", "block", "mute")
        for method in ("PUT", "DELETE")
    ),
    row("PUT", "/people/@other/bell", *["bell_without_follow"] * 4, "guest", NS, "bell_without_follow", "bell_without_follow", MS, "bell_without_follow", "bell_without_follow", "bell_without_follow"),
    row("DELETE", "/people/@other/bell",        204,  204,  204,  204,  "guest",  NS,    204,        204,   MS,    204, 204, 204),
    row("GET", "/people/me/follow-requests",    200,  200,  200,  200,  "guest",  NS,    200,        200,   200,   MS, 200, 200),
    *(
        row(method, "/people/me/follow-requests/@other", FR, FR, FR, FR, "guest", NS,    FR,         FR,    MS,    FR, FR, FR)
        for method in ("PUT", "DELETE")
    ),
    row("GET", "/me/events",                    200,  200,  200,  200,  "guest",  NS,    200,        200,   200,   MS, 200, 200),
    row("GET", "/me/notification-settings",     200,  200,  200,  200,  "guest",  NS,    200,        200,   200,   MS, 200, 200),
    row("PATCH", "/me/notification-settings",   200,  200,  200,  200,  "guest",  NS,    200,        200,   MS,    200, 200, 200, body={"zone": "Europe/Berlin"}),
    row("GET", "/me/push",                      200,  200,  200,  200,  "guest",  NS,    200,        200,   200,   MS, 200, 200),
    row("POST", "/me/push",                     201,  201,  201,  201,  "guest",  NS,    201,        201,   MS,    TOKEN, 201, 201, body=BROWSER),
    row("DELETE", "/me/push/{subscription_id}", *["push_not_found"] * 4, "guest", NS, "push_not_found", "push_not_found", MS, "push_not_found", "push_not_found", "push_not_found"),
    row("GET", "/me/email",                     200,  200,  200,  200,  "guest",  NS,    200,        200,   200,   MS, 200, 200),
    row("PUT", "/me/email", *["no_mail"] * 4, "guest", NS, "no_mail", "no_mail", MS, "no_mail", "no_mail", "no_mail", body={"address": "me@example.org"}),
    row("DELETE", "/me/email",                  204,  204,  204,  204,  "guest",  NS,    204,        204,   MS,    204, 204, 204),
    row("POST", "/email-confirmations",         *["link_unknown"] * 12, body={"token": "guessed"}),
    row("POST", "/unsubscribe/{key}",           *["link_unknown"] * 12),
    row("GET", "/unsubscribe/{key}",            *[303] * 12),
    row("POST", "/me/push/test",                200,  200,  200,  200,  "guest",  NS,    200,        200,   MS,    200, 200, 200),
    row("GET", "/notifications",                200,  200,  200,  200,  "guest",  NS,    200,        200,   200,   MS, 200, 200),
    row("PUT", "/notifications/read",           *["notification_not_found"] * 4, "guest", NS, "notification_not_found", "notification_not_found", MS, "notification_not_found", "notification_not_found", "notification_not_found", body={"up_to": "0"}),
    row("POST", "/posts",                       201,  201,  201,  201,  "guest",     NS,    201,        201,   MS,    201, 201, 201, body={"text": "hello"}),
    row("GET", "/posts?tag=dinner",             200,  200,  200,  200,  200,      200,   200,        200,   200,   MS, 200, 200),
    row("GET", "/people/@other/posts",          200,  200,  200,  200,  200,      200,   200,        200,   200,   MS, 200, 200),
    *(
        row("GET", f"/posts/{{post_id}}{part}", 200,  200,  200,  200,  200,      200,   200,        200,   200,   MS, 200, 200)
        for part in ("", "/thread", "/history", "/likes", "/reposts")
    ),
    row("PATCH", "/posts/{post_id}",            200,  NP,   NP,   NP,   "guest",  NS,    NP,         NP,    MS,    NP, NP, NP, body={"text": "other"}),
    row("DELETE", "/posts/{post_id}",           204,  NP,   NP,   NP,   "guest",  NS,    NP,         NP,    MS,    NP, NP, NP),
    *(
        row(method, f"/posts/{{post_id}}/{word}", 204, 204, 204,  204,  "guest",  NS,    204,        204,   MS,    204, 204, 204)
        for word in ("like", "repost")
        for method in ("PUT", "DELETE")
    ),
    row("GET", "/explore",                      200,  200,  200,  200,  200,      200,   200,        200,   200,   MS, 200, 200),
    row("GET", "/search?q=dinner",              200,  200,  200,  200,  200,      200,   200,        200,   200,   MS, 200, 200),
    row("PUT", "/me/picture",                   422,  422,  422,  422,  "guest",  NS,    422,        422,   MS,    422, 422, 422),
    row("DELETE", "/me/picture",                200,  200,  200,  200,  "guest",  NS,    200,        200,   MS,    200, 200, 200),
    row("POST", "/pictures",                    422,  422,  422,  422,  "guest",  NS,    422,        422,   MS,    422, 422, 422),
    row("POST", "/voice-notes",                 422,  422,  422,  422,  "guest",  NS,    422,        422,   MS,    422, 422, 422),
    row("GET", "/voice-notes/{voice_note_id}/{format}", 200,  200,  200,  200,  200,      200,   200,        200,   200,   MS, 200, 200),
    row("GET", "/pictures/{picture_id}/{size}", 200,  200,  200,  200,  200,      200,   200,        200,   200,   MS, 200, 200),
    row("POST", "/link-cards",                  200,  200,  200,  200,  "guest",  NS,    200,        200,   MS,    200, 200, 200, body={"link": "x"}),
    row("GET", "/link-cards/pictures/{name}",   PN,   PN,   PN,   PN,   PN,       PN,    PN,         PN,    PN,    MS, PN, PN),
    row("GET", "/faces/{name}/{size}",          200,  200,  200,  200,  200,      200,   200,        200,   200,   MS, 200, 200),
    row("GET", "/timeline",                     200,  200,  200,  200,  "guest",  NS,    200,        200,   200,   MS, 200, 200),
    row("POST", "/messages",                    201,  201,  201,  201,  "guest",  NS,    201,        201,   MS,    201, 201, 201, body=TO_ABSENT),
    row("GET", "/messages",                     200,  200,  200,  200,  "guest",  NS,    200,        200,   200,   MS, 200, 200),
    row("GET", "/messages/@absent",             200,  200,  200,  200,  "guest",  NS,    200,        200,   200,   MS, 200, 200),
    *(
        row(method, OWN + path,                 code, code, code, code, "guest",  NS,    code,       code,  MS,    code, code, code, body=body)
        for method, path, code, body in (
            ("PATCH", "", 200, NEW),
            ("DELETE", "", 204, None),
            ("PUT", "/read", 204, {"up_to": 1}),
            ("POST", "/accept", 200, None),
            ("POST", "/members", 200, {"people": ["@absent"]}),
            ("DELETE", "/{own_message}", 204, None),
        )
    ),
    *(
        row(method, OF_OTHERS + path,           NC,   NC,   NC,   NC,   "guest",  NS,    NC,         NC,    NC if method == "GET" else MS, MS if method == "GET" else NC, NC, NC, body=body)
        for method, path, body in (
            ("GET", "", None),
            ("PATCH", "", NEW),
            ("DELETE", "", None),
            ("PUT", "/read", {"up_to": 1}),
            ("POST", "/accept", None),
            ("POST", "/members", {"people": ["@absent"]}),
            ("DELETE", "/{message}", None),
        )
    ),
    row("GET", "/spaces",                       200,  200,  200,  200,  200,      200,   200,        200,   200,   MS, 200, 200),
    row("POST", "/spaces",                      201,  201,  201,  201,  MS,       NS,    201,        201,   MS,    MS, 201, 201, body=NEW),
    row("GET", SPACE,                           200,  200,  200,  200,  200,      200,   200,        200,   200,   MS, 200, 200),
    row("PATCH", SPACE,                         200,  200,  HO,   HO,   MS,       NS,    HO,         HO,    MS,    MS, HO, HO, body=NEW),
    row("PATCH", SPACE,                         200,  200,  HO,   HO,   MS,       NS,    HO,         HO,    MS,    MS, HO, HO, body={"music": True}),
    row("POST", SPACE + "/start",               200,  200,  HO,   HO,   MS,       NS,    HO,         HO,    MS,    MS, HO, HO),
    row("POST", SPACE + "/end",                 200,  200,  HO,   HO,   MS,       NS,    HO,         HO,    MS,    MS, HO, HO),
    row("POST", SPACE + "/cancel",              "not_scheduled", "not_scheduled", HO, HO, MS, NS, HO,        HO,    MS,    MS, HO, HO),
    row("PUT", SPACE + "/reminders/me",         *["not_scheduled"] * 4, "guest", NS, "removed",              "not_scheduled", MS, "not_scheduled", "not_scheduled", "not_scheduled"),
    row("DELETE", SPACE + "/reminders/me",      204,  204,  204,  204,  204,      NS,    204,        204,   MS,    204, 204, 204),
    row("GET", SPACE + "/calendar.ics",         200,  200,  200,  200,  200,      200,   200,        200,   200,   MS, 200, 200),
    row("PUT", SPACE + "/invitations/@absent",  204,  204,  HO,   HO,   MS,       NS,    HO,         HO,    MS,    MS, HO, HO, body=SPEAKER),
    row("PUT", SPACE + "/invitations/@helper",  204,  OH,   HO,   HO,   MS,       NS,    HO,         HO,    MS,    MS, HO, HO, body=CO_HOST),
    row("DELETE", SPACE + "/invitations/@absent", 204, 204, HO,   HO,   MS,       NS,    HO,         HO,    MS,    MS, HO, HO),
    row("DELETE", SPACE + "/invitations/me",    204,  204,  204,  204,  204,      NS,    204,        204,   MS,    204, 204, 204),
    row("POST", SPACE + "/invitations",         *["link_void"] * 8, MS, "link_void", "link_void", "link_void", body={"token": "guessed"}),
    row("POST", SPACE + "/invitation-links",    201,  201,  HO,   HO,   MS,       NS,    HO,         HO,    MS,    MS, HO, HO, body=SPEAKER),
    row("POST", SPACE + "/invitation-links",    201,  OH,   HO,   HO,   MS,       NS,    HO,         HO,    MS,    MS, HO, HO, body=CO_HOST),
    row("GET", SPACE + "/invitations",          200,  200,  HO,   HO,   MS,       NS,    HO,         HO,    MS,    MS, HO, HO),
    row("GET", SPACE + "/invitation-links",     200,  200,  HO,   HO,   MS,       NS,    HO,         HO,    MS,    MS, HO, HO),
    row("DELETE", SPACE + "/invitation-links/{link_id}", 204, 204, HO, HO, MS,    NS,    HO,         HO,    MS,    MS, HO, HO),
    row("PUT", SPACE + "/host/@other",          204,  OH,   HO,   HO,   MS,       NS,    HO,         HO,    MS,    MS, HO, HO),
    row("GET", SPACE + "/events",               200,  200,  200,  200,  200,      200,   "removed",  200,   200,   MS, 200, 200),
    row("POST", SPACE + "/call",                201,  201,  201,  201,  201,      201,   "removed",  201,   201,   MS, 201, 201, body=OFFER),
    row("GET", SPACE + "/calls/me",             200,  200,  200,  200,  200,      NS,    200,        200,   200,   MS, 200, 200),
    row("GET", SPACE + "/listeners",            200,  200,  200,  200,  "guest",  NS,    "removed",  200,   200,   MS, 200, 200),
    row("POST", SPACE + "/reactions",           202,  202,  202,  202,  202,      NI,    NI,         NI,    202,   MS, NI, NI, body={"emoji": "👏"}),
    row("POST", SPACE + "/chat",                201,  201,  201,  201,  "guest",  NS,    "removed",  201,   MS,    201, 201, 201, body={"text": "hello"}),
    row("GET", SPACE + "/chat",                 200,  200,  200,  200,  200,      200,   "removed",  200,   200,   MS, 200, 200),
    row("PUT", SPACE + "/chat",                 200,  200,  HO,   HO,   MS,       NS,    HO,         HO,    MS,    MS, HO, HO, body={"slow_seconds": 5}),
    row("DELETE", SPACE + "/chat/{number}",     204,  204,  NY,   NY,   NY,       NS,    NY,         NY,    MS,    204, 204, 204),
    row("POST", SPACE + "/shared",              201,  201,  201,  SS,   SS,       NS,    "removed",  SS,    MS,    201, SS, SS, body={"text": "a thing"}),
    row("GET", SPACE + "/shared",               200,  200,  200,  200,  200,      200,   "removed",  200,   200,   MS, 200, 200),
    row("DELETE", SPACE + "/shared/{item_id}",  204,  204,  NY,   NY,   NY,       NS,    NY,         NY,    MS,    204, 204, 204),
    row("PUT", SPACE + "/shared/{item_id}/pin", 204,  204,  HO,   HO,   MS,       NS,    HO,         HO,    MS,    MS, HO, HO),
    row("DELETE", SPACE + "/shared/{item_id}/pin", 204, 204, HO,  HO,   MS,       NS,    HO,         HO,    MS,    MS, HO, HO),
    row("PATCH", "/calls/{call_id}",            *["call_not_found"] * 10, "call_not_found", "call_not_found"),
    row("DELETE", "/calls/{call_id}",           *["call_not_found"] * 10, "call_not_found", "call_not_found"),
    row("POST", SPACE + "/requests",            "already_seated", "already_seated", "already_seated", 201, "guest", NS, "removed", 201, MS, "already_seated", 201, 201),
    row("DELETE", SPACE + "/requests/me",       204,  204,  204,  204,  204,      NS,    204,        204,   MS,    204, 204, 204),
    row("POST", SPACE + "/requests/@asker/accept",  200, 200, HO, HO,   MS,       NS,    HO,         HO,    MS,    MS, HO, HO),
    row("POST", SPACE + "/requests/@asker/decline", 204, 204, HO, HO,   MS,       NS,    HO,         HO,    MS,    MS, HO, HO),
    row("POST", SPACE + "/requests/@asker/later",   204, 204, HO, HO,   MS,       NS,    HO,         HO,    MS,    MS, HO, HO),
    row("PUT", SPACE + "/requests/@asker/place",    204, 204, HO, HO,   MS,       NS,    HO,         HO,    MS,    MS, HO, HO, body={"before": None}),
    row("PUT", SPACE + "/requests/me/ready",    NR,   NR,   NR,   NR,   MS,       NS,    NR,         NR,    MS,    MS, NR, NR),
    row("DELETE", SPACE + "/requests/me/ready", NR,   NR,   NR,   NR,   NR,       NS,    NR,         NR,    MS,    NR, NR, NR),
    row("PUT", SPACE + "/queue",                200,  200,  HO,   HO,   MS,       NS,    HO,         HO,    MS,    MS, HO, HO, body={"policy": "first_timers"}),
    row("POST", SPACE + "/queue/next",          200,  200,  HO,   HO,   MS,       NS,    HO,         HO,    MS,    MS, HO, HO),
    row("POST", SPACE + "/stage/@other/turn",   "not_timed", "not_timed", HO, HO, MS, NS, HO,        HO,    MS,    MS, HO, HO, body={"seconds": 30}),
    row("PUT", SPACE + "/stage/@asker",         200,  200,  HO,   HO,   MS,       NS,    HO,         HO,    MS,    MS, HO, HO, body=SPEAKER),
    row("PUT", SPACE + "/stage/@absent",        202,  202,  HO,   HO,   MS,       NS,    HO,         HO,    MS,    MS, HO, HO, body=SPEAKER),
    row("PUT", SPACE + "/stage/@asker",         200,  OH,   HO,   HO,   MS,       NS,    HO,         HO,    MS,    MS, HO, HO, body=CO_HOST),
    row("PUT", SPACE + "/stage/me",             200,  200,  200,  AF,   "guest",  NS,    "removed",  AF,    MS,    200, AF, AF, body=SPEAKER),
    row("DELETE", SPACE + "/stage/@other",      204,  204,  HO,   HO,   MS,       NS,    HO,         HO,    MS,    MS, HO, HO),
    row("DELETE", SPACE + "/stage/@helper",     204,  OH,   HO,   HO,   MS,       NS,    HO,         HO,    MS,    MS, HO, HO),
    row("DELETE", SPACE + "/stage/@host",       "host_stays", "host_stays", HO, HO, MS, NS, HO,      HO,    MS,    MS, HO, HO),
    row("DELETE", SPACE + "/stage/me",          "host_stays", 204, 204, 204, 204, NS,    204,        204,   MS,    204, 204, 204),
    row("PUT", SPACE + "/mutes/@other",         204,  204,  HO,   HO,   MS,       NS,    HO,         HO,    MS,    MS, 204, 204),
    row("PUT", SPACE + "/mutes/@host",          204,  "host_stays", HO, HO, MS,     NS,    HO,         HO,    MS,    MS, "host_stays", "host_stays"),
    row("PUT", SPACE + "/mutes/me",             204,  204,  204,  "no_seat", "no_seat", NS, "no_seat", "no_seat", MS, 204, "no_seat", "no_seat"),
    row("DELETE", SPACE + "/mutes/@other",      OO,   OO,   OO,   OO,   MS,       NS,    OO,         OO,    MS,    MS, OO, OO),
    row("DELETE", SPACE + "/mutes/me",          204,  204,  204,  "no_seat", MS,  NS,    "no_seat",  "no_seat", MS, MS, "no_seat", "no_seat"),
    row("PUT", SPACE + "/mutes",                204,  204,  HO,   HO,   MS,       NS,    HO,         HO,    MS,    MS, HO, HO),
    row("PUT", SPACE + "/removals/@other",      204,  204,  HO,   HO,   MS,       NS,    HO,         HO,    MS,    MS, 204, 204),
    row("PUT", SPACE + "/removals/@helper",     204,  OH,   HO,   HO,   MS,       NS,    HO,         HO,    MS,    MS, 204, 204),
    row("PUT", SPACE + "/removals/@host",       "host_stays", "host_stays", HO, HO, MS, NS, HO,      HO,    MS,    MS, "host_stays", "host_stays"),
    row("GET", SPACE + "/removals",             200,  200,  HO,   HO,   MS,       NS,    HO,         HO,    MS,    MS, HO, HO),
    row("DELETE", SPACE + "/removals/@other",   204,  204,  HO,   HO,   MS,       NS,    HO,         HO,    MS,    MS, HO, HO),
    row("POST", SPACE + "/clearings",           201,  201,  HO,   HO,   MS,       NS,    HO,         HO,    MS,    MS, HO, HO, body={"seconds": 60}),
    row("POST", "/reports",                     201,  201,  201,  201,  201,      NS,    201,        201,   MS,    201, 201, 201, body=REPORT),
    row("POST", "/appeals",                     *[422] * 12, body={}),
    row("GET", "/moderation/cases",             SO,   SO,   SO,   SO,   MS,       NS,    SO,         SO,    MS,    MS, 200, 200),
    row("GET", "/moderation/cases/{case}",      SO,   SO,   SO,   SO,   MS,       NS,    SO,         SO,    MS,    MS, 200, 200),
    row("POST", "/moderation/cases/{case}/dismiss", SO, SO, SO,   SO,   MS,       NS,    SO,         SO,    MS,    MS, 204, 204),
    row("GET", "/moderation/people/@other",     SO,   SO,   SO,   SO,   MS,       NS,    SO,         SO,    MS,    MS, 200, 200),
    row("POST", "/moderation/people/@other/warnings", SO, SO, SO, SO,   MS,       NS,    SO,         SO,    MS,    MS, 204, 204, body=WHY),
    row("PUT", "/moderation/people/@other/suspension", SO, SO, SO, SO,  MS,       NS,    SO,         SO,    MS,    MS, 204, 204, body=WHY | {"until": None}),
    row("PUT", "/moderation/people/@admin/suspension", SO, SO, SO, SO,  MS,       NS,    SO,         SO,    MS,    MS, "moderates_staff", "not_oneself", body=WHY | {"until": None}),
    row("DELETE", "/moderation/people/@other/suspension", SO, SO, SO, SO, MS,     NS,    SO,         SO,    MS,    MS, 204, 204),
    row("PUT", "/moderation/people/@other/badge", SO, SO, SO, SO,       MS,       NS,    SO,         SO,    MS,    MS, 204, 204, body={"badge": "team"}),
    row("DELETE", "/moderation/people/@other/badge", SO, SO, SO, SO,    MS,       NS,    SO,         SO,    MS,    MS, 204, 204),
    row("DELETE", "/moderation/people/@other/picture", SO, SO, SO, SO,  MS,       NS,    SO,         SO,    MS,    MS, 204, 204),
    row("GET", "/moderation/suspensions",       SO,   SO,   SO,   SO,   MS,       NS,    SO,         SO,    MS,    MS, 200, 200),
    row("POST", "/moderation/spaces/{space_id}/end", SO, SO, SO,  SO,   MS,       NS,    SO,         SO,    MS,    MS, 204, 204, body=WHY),
    row("PATCH", "/moderation/spaces/{space_id}", SO, SO,   SO,   SO,   MS,       NS,    SO,         SO,    MS,    MS, 204, 204, body=WHY | NEW),
    row("POST", "/moderation/posts/{post_id}/take-away", SO, SO, SO, SO, MS,     NS,    SO,         SO,    MS,    MS, 204, 204, body=WHY),
    *(
        row(method, "/moderation/spaces/{space_id}/featured", SO, SO, SO, SO, MS, NS, SO,            SO,    MS,    MS, 204, 204)
        for method in ("PUT", "DELETE")
    ),
    row("GET", "/sign-up",                      *[200] * 12),
    row("DELETE", "/sign-up",                   *[NS] * 12),
    row("GET", "/me/invitations",               200,  200,  200,  200,  "guest",  NS,    200,        200,   200,   MS, 200, 200),
    row("POST", "/me/invitations", *[NI_LEFT] * 4, "guest", NS, NI_LEFT, NI_LEFT, MS, NI_LEFT, NI_LEFT, NI_LEFT),
    row("DELETE", "/me/invitations/{invitation}", *[NO_CODE] * 4, "guest", NS, NO_CODE, NO_CODE, MS, NO_CODE, NO_CODE, NO_CODE),
    *(
        row(method, f"/admin/{path}",           SO,   SO,   SO,   SO,   MS,       NS,    SO,         SO,    MS,    MS, SO, answer, body=body)
        for method, path, answer, body in (
            ("GET", "people", 200, None),
            ("GET", "people/@other", 200, None),
            ("PUT", "people/@other/role", 204, {"role": "moderator"}),
            ("PUT", "people/@admin/role", "not_oneself", {"role": "member"}),
            ("DELETE", "people/@other/sessions", 204, None),
            ("POST", "people/@other/way-back", 201, None),
            ("GET", "invitations", 200, None),
            ("POST", "invitations", 201, {}),
            ("DELETE", "invitations/{invitation}", NO_CODE, None),
            ("GET", "invitations/{invitation}/people", 200, None),
        )
    ),
    row("GET", "/moderation/waiting",           SO,   SO,   SO,   SO,   MS,       NS,    SO,         SO,    MS,    MS, 200, 200),
    *(
        row("POST", f"/moderation/waiting/{{person_id}}/{act}", SO, SO, SO, SO, MS, NS,  SO,         SO,    MS,    MS, 204, 204)
        for act in ("let-in", "turn-away")
    ),
    row("GET", "/moderation/log",               SO,   SO,   SO,   SO,   MS,       NS,    SO,         SO,    MS,    MS, SO, 200),
    row("GET", "/admin/overview",               SO,   SO,   SO,   SO,   MS,       NS,    SO,         SO,    MS,    MS, SO, 200),
    row("GET", "/admin/jobs",                   SO,   SO,   SO,   SO,   MS,       NS,    SO,         SO,    MS,    MS, SO, 200),
    row("POST", "/admin/jobs/{job}/retry",      SO,   SO,   SO,   SO,   MS,       NS,    SO,         SO,    MS,    MS, SO, 204),
    row("DELETE", "/admin/jobs/{job}",          SO,   SO,   SO,   SO,   MS,       NS,    SO,         SO,    MS,    MS, SO, 204),
    row("GET", "/instance",                     *[200] * 12),
    row("GET", "/logo/{name}/{size}",           *["logo_not_found"] * 12),
    row("GET", "/admin/branding",               SO,   SO,   SO,   SO,   MS,       NS,    SO,         SO,    MS,    MS, SO, 200),
    row("PUT", "/admin/branding",               SO,   SO,   SO,   SO,   MS,       NS,    SO,         SO,    MS,    MS, SO, 200, body={"name": "Longtable"}),
    row("DELETE", "/admin/branding",            SO,   SO,   SO,   SO,   MS,       NS,    SO,         SO,    MS,    MS, SO, 204),
    row("POST", "/admin/branding/check",        SO,   SO,   SO,   SO,   MS,       NS,    SO,         SO,    MS,    MS, SO, 200, body={}),
    row("PUT", "/admin/branding/logo",          SO,   SO,   SO,   SO,   MS,       NS,    SO,         SO,    MS,    MS, SO, 422),
    row("DELETE", "/admin/branding/logo",       SO,   SO,   SO,   SO,   MS,       NS,    SO,         SO,    MS,    MS, SO, 200),
    row("GET", SPACE + "/log",                  200,  200,  HO,   HO,   MS,       NS,    HO,         HO,    MS,    MS, 200, 200),
    row("DELETE", SPACE + "/clearings/{clearing_id}", 204, 204, HO, HO, MS,       NS,    HO,         HO,    MS,    MS, HO, HO),
]
# fmt: on

# Open to everybody, whoever they are.
OPEN = {"GET /healthz", "GET /readyz", "GET /version"}


async def ask(company: Company, person: str, row: Row, where: str = "right") -> int | str:
    """Send one request as one person; gives the status, or the code of a refusal.

    where: about which of the company's spaces.
    """
    path = row.path.replace("{space_id}", company.spaces[where])
    path = path.replace("/calls/{call_id}", company.call)
    path = await lay(company, path)
    path = await lay_messages(company, path, person)
    how: dict[str, Any] = {"json": row.body} if row.body is not None else {}
    if row.body is OFFER:
        how = {"content": OFFER, "headers": SDP}
    elif row.method == "PATCH" and "calls" in row.path:
        how = {"headers": {"Content-Type": "application/trickle-ice-sdpfrag"}}
    if path.endswith("/events"):
        answer = await ask_for_stream(company, company.browsers[person], path)
    else:
        answer = await company.browsers[person].ask(row.method, path, **how)
    if answer.is_success or answer.is_redirect or answer.status_code == 422:
        return answer.status_code
    code: str = answer.json()["code"]
    return code


async def lay(company: Company, path: str) -> str:
    """Put on the table what a request is about, each time anew."""
    table = company.table
    for word, about, name in (("{number}", "chat", "number"), ("{item_id}", "shared", "id")):
        if word in path:
            laid = await table.host.do("POST", f"{table.path}/{about}", {"text": "of the host"})
            path = path.replace(word, str(laid[name]))
    if "{post_id}" in path:
        written = await table.host.do("POST", "/posts", {"text": "of the host"})
        path = path.replace("{post_id}", written["id"])
    if "{picture_id}" in path:
        sent = (await table.host.ask("POST", "/pictures", content=drawn())).json()["id"]
        await table.host.do("POST", "/posts", {"pictures": [{"id": sent}]})
        path = path.replace("{picture_id}/{size}", f"{sent}/640")
    if "{voice_note_id}" in path:
        sent = (await table.host.ask("POST", "/voice-notes", content=spoken())).json()["id"]
        await table.host.do("POST", "/posts", {"voice": sent})
        path = path.replace("{voice_note_id}/{format}", f"{sent}/ogg")
    if "{name}/{size}" in path:
        worn = await table.host.ask("PUT", "/me/picture", content=drawn())
        path = path.replace("{name}/{size}", f"{worn.json()['picture']}/64")
    if "{name}" in path:
        path = path.replace("{name}", "0" * 32)
    if "{invitation}" in path:
        path = path.replace("{invitation}", "4711")
    if "{person_id}" in path:
        path = path.replace("{person_id}", await wait(company))
    if "{case}" in path:
        path = path.replace("{case}", await open_case(company))
    if "{job}" in path:
        path = path.replace("{job}", await fail_for_good(table.instance, "bell"))
    return path


async def lay_messages(company: Company, path: str, person: str) -> str:
    """Put down a conversation between others, or one of somebody who may have any."""
    browsers = company.browsers
    if "{conversation}" in path:
        among = {"to": ["@patient", "@helper"], "text": "psst"}
        made = await browsers["asker"].do("POST", "/messages", among)
        path = path.replace("{message}", str(made["number"]))
        path = path.replace("{conversation}", made["conversation"])
    if "{own}" in path:
        writer = company.writer_of(person)
        group = {"to": ["@asker", "@patient"], "text": "hello"}
        made = await writer.do("POST", "/messages", group) if writer else {}
        path = path.replace("{own_message}", str(made.get("number", 1)))
        path = path.replace("{own}", str(made.get("conversation", "x")))
    return path


async def wait(company: Company) -> str:
    """Give the id of somebody who waits, of a new one when nobody does."""
    instance = company.table.instance
    async with instance.transactions.begin() as tx:
        line = await in_line(tx.session, after=0, limit=1)
        if line:
            return line[0][0].id
        name = f"newcomer_{new_id()[:8].lower().replace('-', '_')}"
        admitted = Admitted(waits=True)
        return (await sign_up(tx, name=name, password_hash=None, admitted=admitted)).id


async def open_case(company: Company) -> str:
    """Give the id of a case that is open, of a new one when there is none."""
    moderator = company.browsers["moderator"]
    while not (found := (await moderator.do("GET", "/moderation/cases"))["cases"]):
        await company.browsers["asker"].do("POST", "/reports", REPORT)
    return str(found[0]["id"])


async def ask_for_stream(
    company: Company, browser: Browser, path: str, headers: dict[str, str] | None = None
) -> Response:
    """Ask for a stream, and let the server say goodbye as soon as it is open: it has no end."""
    asking = asyncio.create_task(browser.ask("GET", path, headers=headers))
    while not asking.done():
        company.table.instance.say_goodbye()
        await asyncio.sleep(0.001)
    return await asking


@pytest.mark.parametrize("row", TABLE, ids=lambda r: f"{r.method} {r.path} {r.body or ''}")
async def test_who_may_do_what(company: Company, row: Row) -> None:
    """Each person is answered as the table says; a refusal changes nothing for the next."""
    expected = dict(zip(PEOPLE, row.answers, strict=True))
    # Those who are refused first: afterwards things are not what they were.
    order = sorted(PEOPLE, key=lambda person: isinstance(expected[person], int))

    answered = {person: await ask(company, person, row) for person in order}

    assert answered == expected


def test_every_route_is_in_the_table(app: FastAPI) -> None:
    """A new route needs a row, or to be open on purpose."""
    tabled = {row.route for row in TABLE}

    assert routes_of(app) - OPEN == tabled


def routes_of(app: FastAPI) -> set[str]:
    """List every route of the API, as "METHOD /path"."""
    return {
        f"{method.upper()} {path.removeprefix('/api/v1')}"
        for path, methods in app.openapi()["paths"].items()
        for method in methods
    }
