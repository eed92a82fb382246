"""Every setting of the instance: one frozen value, read once in the beginning and handed down.

Where a setting comes from, first wins: the command line, `CONVIVIUM_*` in the environment,
`CONVIVIUM_*_FILE` naming a file with the value, `config.toml` in the data folder, the default.
"""

import ipaddress
import json
import os
import re
from email.utils import parseaddr
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_serializer,
    field_validator,
    model_validator,
)
from pydantic.fields import FieldInfo
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from convivium.core.errors import StartFailed

PREFIX = "CONVIVIUM_"


SmtpTls = Literal["starttls", "tls", "none"]
SignUpMode = Literal["open", "invitation", "waiting", "closed"]
PERCENT_MAX = 100
# The group that everybody is in.
EVERYONE = "everyone"
PacketTimeMs = Literal[20, 40, 60, 120]


# Scheme and host of an address of which nothing else is said; the host also as a number.
_SITE = re.compile(r"(https?)://([a-z0-9.-]+|\[[0-9a-f:.]+\])(:[0-9]{1,5})?/?")
_LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
# A password in an address, in both places where one may stand.
_PASSWORD = re.compile(r"(?<=://)([^/?#@:]*):[^/?#@]*(?=@)|(?<=[?&])((?:ssl)?password)=[^&#]*")


def _as_number(value: object) -> object:
    """Read what the environment says, which is always text."""
    return int(value) if isinstance(value, str) and value.isdecimal() else value


def _hidden(found: re.Match[str]) -> str:
    user, word = found.groups()
    return f"{user}:***" if word is None else f"{word}=***"


class OidcProvider(BaseModel):
    """A server elsewhere that says who somebody is (OpenID Connect), as the operator named it.

    id: in addresses of ours. label: what its button says. issuer: how it calls itself, exactly.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern=r"^[a-z0-9-]{1,30}$")
    label: str = Field(min_length=1, max_length=40)
    issuer: str = Field(max_length=500)
    client_id: str = Field(min_length=1, max_length=500)
    client_secret: SecretStr | None = None
    client_secret_file: Path | None = None
    scopes: tuple[str, ...] = ("openid", "profile")

    @field_validator("issuer")
    @classmethod
    def _is_issuer(cls, value: str) -> str:
        """Take an address without query and fragment (Discovery 1.0, 3); http on the machine."""
        where = urlsplit(value)
        is_plain = value.isascii() and value.isprintable() and not (where.query or where.fragment)
        by_http = where.scheme == "http" and (where.hostname or "") in _LOOPBACK
        if not (is_plain and where.hostname and "@" not in where.netloc):
            raise ValueError("say the issuer as https://host/path")
        if where.scheme != "https" and not by_http:
            raise ValueError("an issuer is reached by https")
        return value

    @field_validator("scopes")
    @classmethod
    def _has_openid(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return value if "openid" in value else ("openid", *value)

    @property
    def secret(self) -> str | None:
        """The secret that was given, or stands in its file."""
        if self.client_secret is not None:
            return self.client_secret.get_secret_value()
        if self.client_secret_file is not None:
            return self.client_secret_file.read_text(encoding="utf-8").strip()
        return None


class WrongSetting(StartFailed):
    """A setting that cannot be used; the text says which and why."""

    exit_code = 2


class FromFiles(PydanticBaseSettingsSource):
    """`CONVIVIUM_X_FILE` names a file with the value of X: a secret is in no environment."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """Read the file that is named for this setting, if one is."""
        del field
        path = os.environ.get(f"{PREFIX}{field_name.upper()}_FILE")
        return (Path(path).read_text(encoding="utf-8").strip() if path else None), field_name, False

    def __call__(self) -> dict[str, Any]:
        """Read every file that is named."""
        values = {
            name: self.get_field_value(field, name)[0]
            for name, field in self.settings_cls.model_fields.items()
        }
        return {name: value for name, value in values.items() if value is not None}


class Settings(BaseSettings):
    """The settings of one instance."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid")

    data: Path = Field(default=Path("data"), description="Folder that holds everything kept.")
    database_url: SecretStr | None = Field(
        default=None,
        description="PostgreSQL instead of SQLite: postgresql://user:password@host/database.",
    )
    host: str = Field(default="127.0.0.1", description="Address of the page and the API.")
    port: int = Field(default=8080, ge=0, le=65535, description="TCP port; 0 takes a free one.")
    public_url: str | None = Field(
        default=None,
        description="Where people find this server: https://host[:port]. Links to it lead there.",
    )
    udp_port: int = Field(
        default=7882, ge=0, le=65535, description="UDP port of all sound; 0: free."
    )
    udp_bind: str = Field(default="0.0.0.0", description="Local address of the UDP socket.")  # noqa: S104 - sound comes from anywhere
    udp_advertise: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(), description="Addresses told to browsers; empty: the machine's own."
    )
    packet_time_ms: Annotated[PacketTimeMs | None, BeforeValidator(_as_number)] = Field(
        default=None,
        description="Listeners' packets: 20, 40, 60 or 120 ms; empty: the more people, the longer.",
    )
    trusted_proxies: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(), description="Whose X-Forwarded-For and -Proto count."
    )
    log_json: bool = Field(default=False, description="One JSON object a line instead of text.")

    max_co_hosts: int = Field(default=2, ge=0, le=13, description="Seats for co-hosts in a space.")
    max_speakers: int = Field(default=10, ge=0, le=14, description="Seats for speakers in a space.")
    max_heard: int = Field(
        default=15,
        ge=1,
        le=15,
        description="People on a stage; an RTP header lists at most 15 sources.",
    )
    max_queue: int = Field(default=100, ge=1, le=100, description="Requests to speak in one line.")
    seat_kept_s: float = Field(default=30.0, ge=1, description="Seconds a seat waits for a call.")
    hostless_s: float = Field(
        default=600.0, ge=1, description="Seconds a space waits for its host."
    )
    scheduled_days: int = Field(
        default=14, ge=1, le=366, description="Days ahead that a space can be scheduled."
    )
    max_scheduled: int = Field(
        default=10, ge=1, le=1000, description="Spaces one host can have scheduled."
    )
    max_unfinished: int = Field(
        default=50, ge=1, description="Spaces one host can have that are not over, drafts included."
    )
    unstarted_s: float = Field(
        default=3600.0, ge=60, description="Seconds a scheduled space waits to be started."
    )
    anonymous_listening: bool = Field(default=True, description="Guests may listen.")

    sign_up: SignUpMode = Field(
        default="open", description="Who can sign up: open, invitation, waiting or closed."
    )
    minimum_age: int = Field(
        default=0, ge=0, le=120, description="Years one has to be old to sign up; 0: nobody asks."
    )
    member_invitations: int = Field(
        default=0, ge=0, le=1000, description="People that each member can invite to sign up."
    )
    min_followers_to_host: int = Field(
        default=0, ge=0, description="Followers it takes to host; the historical figure is 600."
    )
    hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(), description="Names of those who may host without followers or a group."
    )
    hosting_groups: Annotated[tuple[str, ...], NoDecode] = Field(
        default=("everyone:100",),
        description="To whom hosting is given: group:percent, of which `everyone` is one.",
    )

    max_calls_per_space: int = Field(
        default=20_000, ge=1, description="Calls in one space at once."
    )
    max_calls_per_person: int = Field(
        default=8, ge=1, description="Calls of one person in a space."
    )
    joins_burst: int = Field(default=500, ge=1, description="People let in at once, all spaces.")
    joins_per_s: float = Field(
        default=500.0, gt=0, description="People let in a second after that."
    )
    close_when_busy: bool = Field(
        default=True, description="Let nobody new listen while the engine has too much to do."
    )
    calls_burst: int = Field(default=400, ge=1, description="Calls at once from one network.")
    calls_per_s: float = Field(default=40.0, gt=0, description="Calls a second after that.")
    sign_ups_burst: int = Field(default=120, ge=1, description="Sign-ups at once from one network.")
    sign_ups_per_s: float = Field(default=2.0, gt=0, description="Sign-ups a second after that.")
    acts_burst: int = Field(default=200, ge=1, description="Changes at once by one person.")
    acts_per_s: float = Field(default=20.0, gt=0, description="Changes a second after that.")
    spaces_burst: int = Field(default=100, ge=1, description="Spaces opened at once by one person.")
    spaces_per_s: float = Field(default=0.1, gt=0, description="Spaces a second after that.")
    invites_burst: int = Field(
        default=50, ge=1, description="Invitations by name at once by one person."
    )
    invites_per_s: float = Field(default=0.2, gt=0, description="Invitations a second after that.")
    reactions_burst: int = Field(default=10, ge=1, description="Reactions at once by one person.")
    reactions_per_s: float = Field(default=2.0, gt=0, description="Reactions a second after that.")
    chat_burst: int = Field(default=5, ge=1, description="Lines of chat at once by one person.")
    chat_per_s: float = Field(default=0.5, gt=0, description="Lines a second after that.")
    chat_space_burst: int = Field(
        default=20, ge=1, description="Lines of chat at once by all who listen in a space."
    )
    chat_space_per_s: float = Field(default=5.0, gt=0, description="Lines a second after that.")
    post_max: int = Field(
        default=280, ge=1, le=5000, description="Characters in a post, as people count them."
    )
    posts_burst: int = Field(default=30, ge=1, description="Posts at once by one person.")
    posts_per_s: float = Field(default=0.1, gt=0, description="Posts a second after that.")
    picture_mb: int = Field(
        default=8, ge=1, le=50, description="Megabytes of a picture that somebody sends."
    )
    pictures_max: int = Field(
        default=2000, ge=1, description="Pictures that one person can have in posts."
    )
    pictures_burst: int = Field(default=20, ge=1, description="Pictures at once by one person.")
    pictures_per_s: float = Field(default=0.05, gt=0, description="Pictures a second after that.")
    voice_note_mb: int = Field(
        default=3, ge=1, le=20, description="Megabytes of a voice note that somebody sends."
    )
    voice_notes_max: int = Field(
        default=1000, ge=1, description="Voice notes that one person can have in posts."
    )
    voice_notes_burst: int = Field(
        default=20, ge=1, description="Voice notes at once by one person."
    )
    voice_notes_per_s: float = Field(
        default=0.02, gt=0, description="Voice notes a second after that."
    )
    link_cards: bool = Field(
        default=True, description="Fetch pages that people link to, and show what they say."
    )
    link_cards_burst: int = Field(default=20, ge=1, description="Pages fetched at once for one.")
    link_cards_per_s: float = Field(default=0.05, gt=0, description="Pages a second after that.")
    link_cards_all_burst: int = Field(
        default=100, ge=1, description="Pages fetched at once for all together."
    )
    link_cards_all_per_s: float = Field(default=2.0, gt=0, description="Pages a second after that.")
    link_cards_max: int = Field(
        default=50_000, ge=1, description="Links of which it is kept what is shown of them."
    )
    message_length: int = Field(
        default=1000, ge=100, le=4000, description="Characters in one message between people."
    )
    messages_burst: int = Field(default=20, ge=1, description="Messages at once by one person.")
    messages_per_s: float = Field(default=1.0, gt=0, description="Messages a second after that.")
    message_requests_burst: int = Field(
        default=20, ge=1, description="People asked at once by one whom they do not follow."
    )
    message_requests_per_s: float = Field(
        default=0.01, gt=0, description="People asked a second after that."
    )
    searches_burst: int = Field(
        default=30,
        ge=1,
        description="Searches at once by one person; ten times as many by a network.",
    )
    searches_per_s: float = Field(default=3.0, gt=0, description="Searches a second after that.")
    alarm_newcomers: int = Field(
        default=50,
        ge=0,
        description="Newcomers within alarm_s that hosts are told of; 0: never.",
    )
    alarm_requests: int = Field(
        default=15, ge=0, description="Requests within alarm_s that hosts are told of; 0: never."
    )
    alarm_s: float = Field(default=10.0, ge=1, le=60, description="Seconds in which these count.")
    reports_kept_days: int = Field(
        default=180,
        ge=0,
        description="Days from settling a case until what was reported is forgotten; 0: never.",
    )
    smtp_host: str | None = Field(
        default=None, description="The server that takes mail; without one none is sent."
    )
    smtp_port: int = Field(default=587, ge=1, le=65535, description="Its port.")
    smtp_tls: SmtpTls = Field(
        default="starttls", description="starttls, tls (from the first byte on, port 465) or none."
    )
    smtp_user: str | None = Field(default=None, description="The name it knows this server by.")
    smtp_password: SecretStr | None = Field(default=None, description="And the password.")
    mail_from: str | None = Field(
        default=None, description="Who writes: hello@example.org, or Name <hello@example.org>."
    )
    outside_local: bool = Field(
        default=False,
        description="Push to this machine and its network, ask providers here, by http: for tests.",
    )
    oidc: Annotated[tuple[OidcProvider, ...], NoDecode] = Field(
        default=(),
        max_length=10,
        description="Providers to sign in with (OpenID Connect), as JSON; see below.",
    )
    streams_per_network: int = Field(
        default=1000, ge=1, description="Event streams from one network."
    )

    @field_validator("udp_advertise", "trusted_proxies", "hosts", "hosting_groups", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        """Take a list, or text with commas."""
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("oidc", mode="before")
    @classmethod
    def _from_json(cls, value: object) -> object:
        """Read what the environment or a file says; nothing of it is repeated: it has secrets."""
        if isinstance(value, str):
            try:
                return json.loads(value or "[]")
            except ValueError:
                raise ValueError("this is not JSON") from None
        return value

    @model_validator(mode="after")
    def _has_good_providers(self) -> Self:
        for what in ("id", "issuer"):
            said = [getattr(provider, what) for provider in self.oidc]
            if len(set(said)) < len(said):
                raise ValueError(f"oidc: two providers have the same {what}")
        for provider in self.oidc:
            if provider.issuer.startswith("http:") and not self.outside_local:
                raise ValueError(f"oidc: {provider.id} is reached by http, which is for tests only")
            try:
                _ = provider.secret
            except OSError as error:
                raise ValueError(f"oidc: the secret of {provider.id} cannot be read") from error
        return self

    @field_validator("udp_advertise")
    @classmethod
    def _are_addresses(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for address in value:
            ipaddress.ip_address(address)
        return value

    @field_validator("mail_from")
    @classmethod
    def _is_sender(cls, value: str | None) -> str | None:
        if value is not None and ("@" not in parseaddr(value)[1] or not value.isprintable()):
            raise ValueError("say it as hello@example.org or Name <hello@example.org>")
        return value

    @field_validator("public_url")
    @classmethod
    def _is_site(cls, value: str | None) -> str | None:
        """Take what stands before every path; http only on the machine itself."""
        if value is None:
            return None
        found = _SITE.fullmatch(value.lower())
        if found is None or (found[1] == "http" and found[2] not in _LOOPBACK):
            raise ValueError("say it as https://host or https://host:port, with nothing after it")
        return found[0].removesuffix("/")

    @model_validator(mode="after")
    def _can_write(self) -> Self:
        if self.smtp_host is not None and self.mail_from is None:
            raise ValueError("smtp_host is set, so mail_from has to say who writes")
        if self.smtp_host is not None and self.public_url is None:
            raise ValueError("smtp_host is set, so public_url has to say where letters lead")
        return self

    @field_validator("database_url", mode="before")
    @classmethod
    def _is_address(cls, value: object) -> object:
        """Refuse what names no database of PostgreSQL; nothing of it is repeated: it is secret."""
        if value == "":
            return None
        if isinstance(value, str):
            where = urlsplit(value)
            if where.scheme not in ("postgresql", "postgres") or len(where.path) <= 1:
                raise ValueError("say it as postgresql://user:password@host/database")
            try:
                _ = where.port
            except ValueError:
                raise ValueError("the port of the database's host is no port") from None
        return value

    @field_serializer("database_url")
    def _without_password(self, value: SecretStr | None) -> str | None:
        return None if value is None else _PASSWORD.sub(_hidden, value.get_secret_value())

    @field_validator("hosting_groups")
    @classmethod
    def _are_shares(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for part in value:
            group, _, percent = part.partition(":")
            if not group or not percent.isdecimal() or int(percent) > PERCENT_MAX:
                raise ValueError(f"'{part}' is not group:percent, like everyone:100")
        return value

    @property
    def issuers(self) -> frozenset[str]:
        """Whose word counts when somebody signs in."""
        return frozenset(provider.issuer for provider in self.oidc)

    @property
    def hosting_shares(self) -> dict[str, int]:
        """Group -> percent of it to whom hosting is given."""
        shares = (part.partition(":") for part in self.hosting_groups)
        return {group: int(percent) for group, _, percent in shares}

    @property
    def pictures_path(self) -> Path:
        """The folder of the files of pictures."""
        return self.data / "pictures"

    @property
    def voice_notes_path(self) -> Path:
        """The folder of the files of voice notes."""
        return self.data / "voice_notes"

    @property
    def database_path(self) -> Path:
        """The database file in the data folder, where no other database is named."""
        return self.data / "convivium.sqlite3"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Say the order at the head of this file."""
        del dotenv_settings, file_secret_settings
        return (
            init_settings,
            env_settings,
            FromFiles(settings_cls),
            TomlConfigSettingsSource(settings_cls),
        )


def read_settings(**given: object) -> Settings:
    """Read the settings; raises WrongSetting with a sentence about the first that is wrong.

    given: what the command line said; None stands for nothing said.
    """
    said = {name: value for name, value in given.items() if value is not None}
    data = Path(str(said.get("data") or os.environ.get(f"{PREFIX}DATA") or "data"))

    class InFolder(Settings):
        model_config = SettingsConfigDict(toml_file=data / "config.toml")

    try:
        return InFolder(**said | {"data": data})  # type: ignore[arg-type] # checked by Pydantic
    except ValidationError as error:
        first = error.errors()[0]
        raise WrongSetting(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from error
    except (OSError, ValueError) as error:
        raise WrongSetting(f"The settings cannot be read: {error}") from error
