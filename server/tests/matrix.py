"""Who may do what, as data: actions, and for each role whether it is theirs.

The actions are few and told in the words of people. Each names the requests by which it is done,
as `test_permissions.py` has them in its table: what each of those is answered, word for word, is
said there and only there. What is not built yet stands here too, with what it waits for.
"""
# ruff: noqa: E501 - an action is a line

from dataclasses import dataclass

# In this order in every action: moderator of the instance, host, co-host, speaker, listener with an
# account, guest, blocked by the host, removed from this space, suspended. A moderator here has not
# come in: what they may do as a person like anybody else, they may, such as ask to speak. Where only
# their office lets them in they look and listen, are named and written down, and do nothing else of
# it (docs/decisions/0026, moderation/test_staff.py): to speak as staff is nobody's. No credential of
# somebody who is suspended is worth anything: they are answered as somebody unknown is. So is whoever
# waits to be let in, of whom therefore nothing stands here.
ROLES = ("Ad", "H", "C", "S", "L", "An", "Bl", "Ki", "Su")

# Y: may. n: may not. c: may, unless a setting is off (test_matrix.py says which).
# -: there is nothing to do for this role, whatever it is answered.
Cell = str


@dataclass(frozen=True)
class Action:
    """Something people do, the cell of each role, and the requests and messages that do it.

    after: those of the requests that are still answered once the space is over.
    waits_for: why there is none yet.
    """

    name: str
    cells: dict[str, Cell]
    by: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    waits_for: str = ""


def action(name: str, cells: str, *by: str, after: str = "", waits_for: str = "") -> Action:
    """Write an action; after: `*` for all of its requests, or some of them with commas between."""
    row = dict(zip(ROLES, cells.split(), strict=True))
    stays = by if after == "*" else tuple(part for part in after.split(", ") if part)
    return Action(name, row, by, stays, waits_for)


IN_CONVERSATION = (
    ("PATCH", ""),
    ("DELETE", ""),
    ("PUT", "/read"),
    ("POST", "/accept"),
    ("POST", "/members"),
)

# fmt: off
MATRIX = [
    #                                             Ad H  C  S  L  An Bl Ki Su
    action("see the card",                       "Y  Y  Y  Y  Y  Y  n  Y  n", "GET ~", "GET ~/calendar.ics", after="*"),
    action("join",                               "Y  Y  Y  Y  Y  c  n  n  n", "POST ~/call"),
    action("follow what happens",                "Y  Y  Y  Y  Y  c  n  n  n", "GET ~/events", "GET ~/chat", "GET ~/shared", after="*"),
    action("know of one's other devices",        "Y  Y  Y  Y  Y  Y  n  Y  n", "GET ~/calls/me", after="*"),
    action("change somebody else's call",        "n  n  n  n  n  n  n  n  n", "PATCH /calls/{call_id}", "DELETE /calls/{call_id}"),
    action("listen over HLS",                    "Y  Y  Y  Y  Y  c  n  n  n", waits_for="there is no HLS"),
    action("hear a replay",                      "Y  Y  Y  Y  c  c  n  n  n", waits_for="nothing is recorded"),
    action("be heard",                           "n  Y  Y  Y  n  n  n  n  n", "DELETE ~/mutes/me"),
    action("mute oneself",                       "-  Y  Y  Y  -  -  -  -  -", "PUT ~/mutes/me"),
    action("mute another",                       "Y  Y  Y  n  n  n  n  n  n", "PUT ~/mutes/@other"),
    action("mute everybody",                     "n  Y  Y  n  n  n  n  n  n", "PUT ~/mutes"),
    action("mute the host",                      "n  Y  n  n  n  n  n  n  n", "PUT ~/mutes/@host"),
    action("unmute another",                     "n  n  n  n  n  n  n  n  n", "DELETE ~/mutes/@other"),
    action("ask to speak",                       "Y  -  -  -  Y  n  n  n  n", "POST ~/requests"),
    action("be ready without having asked",      "n  n  n  n  n  n  n  n  n", "PUT ~/requests/me/ready", "DELETE ~/requests/me/ready"),
    action("take a seat one was not offered",    "n  -  -  -  n  n  n  n  n", "PUT ~/stage/me speaker"),
    action("give back what is one's own",        "-  -  -  -  -  -  n  -  -", "DELETE ~/requests/me", "DELETE ~/stage/me", "DELETE ~/invitations/me", "DELETE ~/reminders/me", after="DELETE ~/requests/me, DELETE ~/invitations/me, DELETE ~/reminders/me"),
    action("let up, invite, move back",          "n  Y  Y  n  n  n  n  n  n", "POST ~/requests/@asker/accept", "POST ~/requests/@asker/decline", "POST ~/requests/@asker/later", "PUT ~/requests/@asker/place", "PUT ~/stage/@asker speaker", "PUT ~/stage/@absent speaker", "DELETE ~/stage/@other", "PUT ~/invitations/@absent speaker", "DELETE ~/invitations/@absent", "GET ~/invitations", after="DELETE ~/invitations/@absent, GET ~/invitations"),
    action("give out links that invite",         "n  Y  Y  n  n  n  n  n  n", "POST ~/invitation-links speaker", "GET ~/invitation-links", "DELETE ~/invitation-links/{link_id}", after="GET ~/invitation-links, DELETE ~/invitation-links/{link_id}"),
    action("come by a guessed link",             "n  n  n  n  n  n  n  n  n", "POST ~/invitations"),
    action("say how turns are given",            "n  Y  Y  n  n  n  n  n  n", "PUT ~/queue", "POST ~/queue/next", "POST ~/stage/@other/turn"),
    action("make or unmake a co-host",           "n  Y  n  n  n  n  n  n  n", "PUT ~/stage/@asker co_host", "DELETE ~/stage/@helper", "PUT ~/invitations/@helper co_host", "POST ~/invitation-links co_host"),
    action("hand the space over",                "n  Y  n  n  n  n  n  n  n", "PUT ~/host/@other"),
    action("remove a listener or speaker",       "Y  Y  Y  n  n  n  n  n  n", "PUT ~/removals/@other"),
    action("clear a raid",                       "n  Y  Y  n  n  n  n  n  n", "POST ~/clearings"),
    action("let somebody back in",               "n  Y  Y  n  n  n  n  n  n", "GET ~/removals", "DELETE ~/removals/@other", "DELETE ~/clearings/{clearing_id}", after="GET ~/removals"),
    action("remove a co-host",                   "Y  Y  n  n  n  n  n  n  n", "PUT ~/removals/@helper"),
    action("send the host away",                 "n  n  n  n  n  n  n  n  n", "PUT ~/removals/@host", "DELETE ~/stage/@host"),
    action("start",                              "n  Y  Y  n  n  n  n  n  n", "POST ~/start"),
    action("end",                                "n  Y  Y  n  n  n  n  n  n", "POST ~/end", after="*"),
    action("record",                             "n  Y  c  n  n  n  n  n  n", waits_for="nothing is recorded"),
    action("edit or publish a recording",        "n  Y  c  n  n  n  n  n  n", waits_for="nothing is recorded"),
    action("delete a recording",                 "Y  Y  n  n  n  n  n  n  n", waits_for="nothing is recorded"),
    action("say what a space is about",          "n  Y  Y  n  n  n  n  n  n", "PATCH ~", "PATCH ~ music", after="*"),
    action("pin a thing",                        "n  Y  Y  n  n  n  n  n  n", "PUT ~/shared/{item_id}/pin", "DELETE ~/shared/{item_id}/pin"),
    action("write in the chat",                  "c  Y  Y  Y  c  n  n  n  n", "POST ~/chat"),
    action("say who writes in the chat",         "n  Y  Y  n  n  n  n  n  n", "PUT ~/chat"),
    action("put a thing on the table",           "n  Y  Y  Y  n  n  n  n  n", "POST ~/shared"),
    action("take away what another wrote",       "Y  Y  Y  n  n  n  n  n  n", "DELETE ~/chat/{number}", "DELETE ~/shared/{item_id}"),
    action("react",                              "n  Y  Y  Y  Y  c  n  n  n", "POST ~/reactions", "message reaction"),
    action("write captions",                     "n  Y  c  n  n  n  n  n  n", waits_for="there are no captions"),
    action("read who listens",                   "Y  Y  Y  Y  Y  n  n  n  n", "GET ~/listeners", after="*"),
    action("buy a ticket",                       "-  -  -  -  Y  n  n  n  n", waits_for="no tickets are sold"),
    action("see orders, give money back",        "Y  Y  n  n  n  n  n  n  n", waits_for="no tickets are sold"),
    action("send sound from other programs",     "n  Y  n  n  n  n  n  n  n", waits_for="there are no keys for it"),
    action("read the log of a space",            "Y  Y  Y  n  n  n  n  n  n", "GET ~/log", after="*"),
    action("cancel, or name another time",       "n  Y  -  n  n  n  n  n  n", "POST ~/cancel"),
    action("be reminded",                        "Y  Y  Y  Y  Y  n  n  n  n", "PUT ~/reminders/me"),
    action("report",                             "Y  Y  Y  Y  Y  Y  Y  Y  n", "POST /reports"),
    action("appeal",                             "-  -  -  -  -  -  -  -  Y", "POST /appeals"),
    action("read posts",                         "Y  Y  Y  Y  Y  Y  -  Y  n", "GET /posts", "GET /people/@other/posts", *(f"GET /posts/{{post_id}}{part}" for part in ("", "/thread", "/history", "/likes", "/reposts")), "GET /pictures/{picture_id}/{size}", "GET /voice-notes/{voice_note_id}/{format}"),
    action("see the face of others",             "Y  Y  Y  Y  Y  Y  Y  Y  Y", "GET /faces/{name}/{size}"),
    action("see what is behind a link",          "Y  Y  Y  Y  Y  n  -  Y  n", "POST /link-cards"),
    action("see the picture of a link",          "-  -  -  -  -  -  -  -  -", "GET /link-cards/pictures/{name}"),
    action("write, like and pass on posts",      "Y  Y  Y  Y  Y  n  -  Y  n", "POST /posts", *(f"{m} /posts/{{post_id}}/{w}" for m in ("PUT", "DELETE") for w in ("like", "repost"))),
    action("change another's post",              "n  -  n  n  n  n  n  n  n", "PATCH /posts/{post_id}", "DELETE /posts/{post_id}"),
    action("read another's messages",            "n  n  n  n  n  n  n  n  n", *(f"{what} /messages/{{conversation}}{rest}" for what, rest in IN_CONVERSATION), "GET /messages/{conversation}", "DELETE /messages/{conversation}/{message}"),
    action("take along or delete one's account", "Y  Y  Y  Y  Y  -  Y  Y  Y", waits_for="there is no such route"),
    action("see to what was reported",           "Y  n  n  n  n  n  n  n  n", "GET /moderation/cases", "GET /moderation/cases/{case}", "POST /moderation/cases/{case}/dismiss"),
    action("warn or suspend somebody",           "Y  n  n  n  n  n  n  n  n", "GET /moderation/people/@other", "POST /moderation/people/@other/warnings", "PUT /moderation/people/@other/suspension", "DELETE /moderation/people/@other/suspension", "GET /moderation/suspensions"),
    action("give or take a badge",               "Y  n  n  n  n  n  n  n  n", "PUT /moderation/people/@other/badge", "DELETE /moderation/people/@other/badge"),
    action("take another's picture away",        "Y  n  n  n  n  n  n  n  n", "DELETE /moderation/people/@other/picture"),
    action("end or rename any space",            "Y  n  n  n  n  n  n  n  n", "POST /moderation/spaces/{space_id}/end", "PATCH /moderation/spaces/{space_id}"),
    action("take away what others wrote",        "Y  n  n  n  n  n  n  n  n", "POST /moderation/posts/{post_id}/take-away"),
    action("put a space before everybody",       "Y  n  n  n  n  n  n  n  n", "PUT /moderation/spaces/{space_id}/featured", "DELETE /moderation/spaces/{space_id}/featured"),
    action("moderate those who moderate",        "n  n  n  n  n  n  n  n  n", "PUT /moderation/people/@admin/suspension"),
    action("let in who waits",                   "Y  n  n  n  n  n  n  n  n", "GET /moderation/waiting", "POST /moderation/waiting/{person_id}/let-in", "POST /moderation/waiting/{person_id}/turn-away"),
    action("look after accounts",                "n  n  n  n  n  n  n  n  n", "GET /admin/people", "GET /admin/people/@other", "PUT /admin/people/@other/role moderator", "DELETE /admin/people/@other/sessions", "POST /admin/people/@other/way-back"),
    action("change one's own role",              "n  n  n  n  n  n  n  n  n", "PUT /admin/people/@admin/role member"),
    action("invite people to sign up",           "n  n  n  n  n  n  n  n  n", "GET /admin/invitations", "POST /admin/invitations", "DELETE /admin/invitations/{invitation}", "GET /admin/invitations/{invitation}/people"),
    action("read the log of the instance",       "n  n  n  n  n  n  n  n  n", "GET /moderation/log"),
    action("look after the instance",            "n  n  n  n  n  n  n  n  n", "GET /admin/overview", "GET /admin/branding", "PUT /admin/branding", "DELETE /admin/branding", "POST /admin/branding/check", "PUT /admin/branding/logo", "DELETE /admin/branding/logo", "GET /admin/jobs", "POST /admin/jobs/{job}/retry", "DELETE /admin/jobs/{job}"),
]
# fmt: on

# About no space, and about nobody's but one's own things.
ABOUT_ONESELF = {
    "GET /me",
    "PATCH /me",
    "GET /me/events",
    "DELETE /sessions/current",
    "PUT /sessions/current",
    "DELETE /sessions/{session_id}",
    "DELETE /sessions",
    "DELETE /me",
    "GET /me/export",
    "GET /me/sign-ins",
    "PUT /me/password",
    "DELETE /me/password",
    "POST /accounts/passkey/options",
    "POST /sessions/passkey/options",
    "POST /sessions/passkey",
    "POST /sessions/recovery",
    "POST /me/recovery-codes",
    "GET /sign-in/ways",
    "GET /sign-in/oidc/{provider_id}",
    "POST /sign-in/oidc/{provider_id}",
    "POST /me/visits/{provider_id}",
    "DELETE /me/identities/{identity_id}",
    "POST /password-resets",
    "POST /sessions/letter",
    "POST /passkeys/options",
    "POST /passkeys",
    "PATCH /passkeys/{passkey_id}",
    "DELETE /passkeys/{passkey_id}",
    "POST /tokens",
    "GET /tokens",
    "DELETE /tokens/{token_id}",
    "POST /accounts",
    "GET /sign-up",
    "DELETE /sign-up",
    "GET /me/invitations",
    "POST /me/invitations",
    "DELETE /me/invitations/{invitation}",
    "POST /sessions",
    "GET /people",
    "GET /people/@other",
    "GET /people/me/blocks",
    "GET /people/me/mutes",
    "GET /people/me/follow-requests",
    "PUT /people/me/follow-requests/@other",
    "DELETE /people/me/follow-requests/@other",
    *(
        f"{m} /people/@other/{w}"
        for m in ("PUT", "DELETE")
        for w in ("follow", "block", "mute", "bell")
    ),
    "POST /messages",
    "GET /messages",
    "GET /messages/@absent",
    *(f"{what} /messages/{{own}}{rest}" for what, rest in IN_CONVERSATION),
    "DELETE /messages/{own}/{own_message}",
    "GET /me/notification-settings",
    "PATCH /me/notification-settings",
    "GET /me/push",
    "POST /me/push",
    "DELETE /me/push/{subscription_id}",
    "POST /me/push/test",
    "GET /me/email",
    "PUT /me/email",
    "DELETE /me/email",
    "POST /email-confirmations",
    "POST /unsubscribe/{key}",
    "GET /unsubscribe/{key}",
    "GET /notifications",
    "PUT /notifications/read",
    "GET /spaces",
    "POST /spaces",
    "GET /timeline",
    "GET /explore",
    "GET /instance",
    "GET /logo/{name}/{size}",
    "GET /search",
    "PUT /me/picture",
    "DELETE /me/picture",
    "POST /pictures",
    "POST /voice-notes",
}
