"""Settings: where they come from, which wins, and how a wrong one is told."""

import json
from pathlib import Path

import pytest

from convivium.core.config import Settings, WrongSetting, read_settings


def test_the_order_of_sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Command line over environment over file named by it over config.toml over default."""
    (tmp_path / "config.toml").write_text(
        'host = "10.0.0.1"\nport = 1\nudp_port = 2\nmax_queue = 3\n'
    )
    (tmp_path / "udp").write_text("5\n")
    monkeypatch.setenv("CONVIVIUM_PORT", "4")
    monkeypatch.setenv("CONVIVIUM_UDP_PORT_FILE", str(tmp_path / "udp"))

    settings = read_settings(data=tmp_path, host="127.0.0.1")

    assert settings.host == "127.0.0.1"
    assert settings.port == 4
    assert settings.udp_port == 5
    assert settings.max_queue == 3
    assert settings.max_speakers == 10


def test_lists_are_written_with_commas(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Addresses in the environment are one line."""
    monkeypatch.setenv("CONVIVIUM_UDP_ADVERTISE", "192.0.2.1, 2001:db8::1")

    assert read_settings(data=tmp_path).udp_advertise == ("192.0.2.1", "2001:db8::1")


def test_a_packet_time_comes_from_file_or_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """It is one of four numbers, or left to the audience."""
    assert read_settings(data=tmp_path).packet_time_ms is None
    (tmp_path / "config.toml").write_text("packet_time_ms = 60\n")
    assert read_settings(data=tmp_path).packet_time_ms == 60
    monkeypatch.setenv("CONVIVIUM_PACKET_TIME_MS", "120")
    assert read_settings(data=tmp_path).packet_time_ms == 120


PASSWORD_IN_FRONT = "postgresql://ama:secret@db.example:5432/convivium"  # noqa: S105 - of nobody


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        (PASSWORD_IN_FRONT, "postgresql://ama:***@db.example:5432/convivium"),
        ("postgres:///convivium?host=/run&user=ama", "postgres:///convivium?host=/run&user=ama"),
        (
            "postgresql://ama@db.example/convivium?sslmode=require&password=secret",
            "postgresql://ama@db.example/convivium?sslmode=require&password=***",
        ),
    ],
)
def test_the_password_of_a_database_is_shown_nowhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str, shown: str
) -> None:
    """It comes from a file as every secret may, and `config show` hides it."""
    (tmp_path / "url").write_text(f"{url}\n")
    monkeypatch.setenv("CONVIVIUM_DATABASE_URL_FILE", str(tmp_path / "url"))

    settings = read_settings(data=tmp_path)

    assert settings.database_url is not None
    assert settings.database_url.get_secret_value() == url
    assert settings.model_dump(mode="json")["database_url"] == shown
    assert "secret" not in repr(settings)


@pytest.mark.parametrize(
    "url",
    [
        "sqlite:///secret",
        "mysql://ama:secret@x/y",
        "postgresql://secret",
        "postgresql://x:secret/y",
    ],
)
def test_a_wrong_address_of_a_database(tmp_path: Path, url: str) -> None:
    """It is named, with how to say it, and nothing of it is repeated."""
    with pytest.raises(WrongSetting) as refused:
        read_settings(data=tmp_path, database_url=url)

    assert str(refused.value).startswith("database_url: ")
    assert "secret" not in str(refused.value)
    assert refused.value.exit_code == 2


def test_no_address_is_a_file_in_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONVIVIUM_DATABASE_URL", "")

    assert read_settings(data=tmp_path).database_url is None


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ("port = 70000", "port"),
        ("max_heard = 16", "max_heard"),
        ("packet_time_ms = 30", "packet_time_ms"),
        ('udp_advertise = ["nowhere"]', "udp_advertise"),
        ("colour = 3", "colour"),
        ("port = ", "settings"),
    ],
)
def test_a_wrong_setting_is_named(tmp_path: Path, wrong: str, named: str) -> None:
    """The start stops with a sentence that says which setting it is."""
    (tmp_path / "config.toml").write_text(wrong)

    with pytest.raises(WrongSetting, match=named):
        read_settings(data=tmp_path)


def test_settings_stay_as_they_are() -> None:
    """Nobody changes them once they are read."""
    with pytest.raises(ValueError, match="frozen"):
        Settings().port = 3  # type: ignore[misc] # that is what is tested


@pytest.mark.parametrize(
    ("said", "site"),
    [
        ("https://table.example", "https://table.example"),
        ("https://Table.example:8443/", "https://table.example:8443"),
        ("http://localhost:8080", "http://localhost:8080"),
        ("https://[2001:db8::1]", "https://[2001:db8::1]"),
    ],
)
def test_where_people_find_this_server(said: str, site: str) -> None:
    """Scheme, host and port, as they stand before every path."""
    assert Settings(public_url=said).public_url == site


@pytest.mark.parametrize(
    "said",
    [
        "",
        "table.example",
        "http://table.example",
        "https://",
        "https://table.example/spaces",
        "https://ama@table.example",
        "https://table.example?x",
        "https://table.example\r\nX: y",
    ],
)
def test_where_nobody_is_found(said: str) -> None:
    """Anything else is refused in a sentence."""
    with pytest.raises(ValueError, match="say it as https://host"):
        Settings(public_url=said)


LIBRARY: dict[str, str | None] = {
    "id": "library",
    "label": "Library",
    "issuer": "https://id.example.org/realm",
    "client_id": "convivium",
    "client_secret": "a secret",
}


def test_providers_are_json_in_the_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Or in a file that it names; their secrets may be in files of their own, and are not shown."""
    secret = tmp_path / "secret"
    secret.write_text("another\n")
    church = LIBRARY | {"id": "church", "issuer": "https://church.example"}
    del church["client_secret"]
    said = json.dumps([LIBRARY, church | {"client_secret_file": str(secret), "scopes": ["email"]}])
    monkeypatch.setenv("CONVIVIUM_OIDC", said)
    first, second = read_settings(data=tmp_path).oidc
    assert (first.secret, second.secret) == ("a secret", "another")
    assert (first.scopes, second.scopes) == (("openid", "profile"), ("openid", "email"))
    assert "a secret" not in repr(first)
    assert read_settings(data=tmp_path).issuers == {
        "https://id.example.org/realm",
        "https://church.example",
    }

    monkeypatch.delenv("CONVIVIUM_OIDC")
    (tmp_path / "oidc").write_text(said)
    monkeypatch.setenv("CONVIVIUM_OIDC_FILE", str(tmp_path / "oidc"))
    assert len(read_settings(data=tmp_path).oidc) == 2


@pytest.mark.parametrize(
    "said",
    [
        "a secret",
        [LIBRARY, LIBRARY],
        [LIBRARY, LIBRARY | {"id": "other"}],
        [LIBRARY | {"id": "A library"}],
        [LIBRARY | {"issuer": "http://id.example.org"}],
        [LIBRARY | {"issuer": "http://127.0.0.1:8000"}],
        [LIBRARY | {"issuer": "https://id.example.org/?a=b"}],
        [LIBRARY | {"issuer": "https://user:word@id.example.org"}],
        [LIBRARY | {"issuer": "id.example.org"}],
        [LIBRARY | {"client_secret": None, "client_secret_file": "/nowhere/at/all"}],
        [LIBRARY | {"unknown": "word"}],
    ],
)
def test_a_wrong_provider_stops_the_start(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, said: object
) -> None:
    """With a sentence, in which no secret is."""
    monkeypatch.setenv("CONVIVIUM_OIDC", said if isinstance(said, str) else json.dumps(said))
    with pytest.raises(WrongSetting) as wrong:
        read_settings(data=tmp_path)
    assert "a secret" not in str(wrong.value)
