"""The settings: read once, frozen, and every fault named at once."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from datetime import UTC, datetime
from pathlib import Path

import pytest

from config import (
    BadConfig,
    BigBlueButton,
    Config,
    Jitsi,
    KeyFile,
    MailboxFolder,
    MailboxServer,
    MailFolder,
    MailServer,
    SmsGateway,
    Speech,
)
from tests import pki

KEY = "k" * 32


def read(tmp_path: Path, **environ: str) -> Config:
    return Config.from_environ({"INSTANCE": str(tmp_path), "SECRET_KEY": KEY, **environ})


def faults(tmp_path: Path, **environ: str) -> list[str]:
    with pytest.raises(BadConfig) as caught:
        read(tmp_path, **environ)
    return str(caught.value).splitlines()


def test_a_key_is_all_that_has_to_be_given(tmp_path: Path) -> None:
    config = read(tmp_path)
    assert config.instance == tmp_path.resolve()
    assert config.database_url == f"sqlite:///{tmp_path.resolve() / 'diemcau.db'}"
    assert config.mail == MailFolder(tmp_path.resolve() / "outbox")
    assert (config.host, config.port, config.public_url) == ("127.0.0.1", 8000, "http://127.0.0.1:8000")
    assert not config.https and not config.testing


def test_an_empty_setting_is_the_same_as_none(tmp_path: Path) -> None:
    empty = dict.fromkeys(("DATABASE_URL", "PUBLIC_URL", "MAIL_URL", "MAIL_FROM", "PORT", "HOST"), "")
    assert read(tmp_path, **empty) == read(tmp_path)


def test_the_settings_are_frozen(tmp_path: Path) -> None:
    with pytest.raises(FrozenInstanceError):
        read(tmp_path).port = 1


@pytest.mark.parametrize("key", ["", "short", "k" * 31])
def test_a_missing_or_short_key_is_named(tmp_path: Path, key: str) -> None:
    (fault,) = faults(tmp_path, SECRET_KEY=key)
    assert fault.startswith("SECRET_KEY ")


def test_the_key_that_the_first_start_kept_is_used(tmp_path: Path) -> None:
    (tmp_path / "secret_key").write_text("kept " * 8 + "\n", encoding="ascii")
    assert read(tmp_path, SECRET_KEY="").secret_key == ("kept " * 8).strip()
    assert read(tmp_path).secret_key == KEY


def test_a_kept_key_that_is_no_text_is_named(tmp_path: Path) -> None:
    (tmp_path / "secret_key").write_bytes(b"\xff\xfe" * 40)
    (fault,) = faults(tmp_path, SECRET_KEY="")
    assert fault.startswith("SECRET_KEY ")


@pytest.mark.parametrize("port", ["0", "65536", "-1", "eight", "80.0", "٨٠", " 80", "9" * 5000])
def test_a_port_that_is_none_is_named(tmp_path: Path, port: str) -> None:
    (fault,) = [fault for fault in faults(tmp_path, PORT=port) if not fault.startswith("PUBLIC_URL")]
    assert fault.startswith("PORT ") and len(fault) < 200


@pytest.mark.parametrize(
    "address",
    [
        "hop.tinh.gov.vn",
        "ftp://hop.tinh.gov.vn",
        "https://",
        "https://hop.tinh.gov.vn/?a=1",
        "https://hop.tinh.gov.vn/#a",
        "http://[::1",
        "http://hop.tinh.gov.vn:port",
        "http://hop.tinh.gov.vn:70000",
        "http://hop tinh",
    ],
)
def test_a_public_address_that_is_none_is_named(tmp_path: Path, address: str) -> None:
    (fault,) = faults(tmp_path, PUBLIC_URL=address)
    assert fault.startswith("PUBLIC_URL ")


def test_a_public_address_is_kept_without_its_last_slash(tmp_path: Path) -> None:
    config = read(tmp_path, PUBLIC_URL="https://hop.tinh.gov.vn/")
    assert config.public_url == "https://hop.tinh.gov.vn"
    assert config.public_host == "hop.tinh.gov.vn" and config.https
    assert config.mail_from == "diemcau@hop.tinh.gov.vn"


def test_a_server_that_listens_everywhere_is_spoken_of_by_an_address_that_can_be_opened(tmp_path: Path) -> None:
    assert read(tmp_path, HOST="0.0.0.0", PORT="9000").public_url == "http://127.0.0.1:9000"


@pytest.mark.parametrize("sender", ["nobody", "a@", "@b.vn", "a b@c.vn", "a@b.vn\nBcc: x@y.vn"])
def test_a_sender_that_is_no_mail_address_is_named(tmp_path: Path, sender: str) -> None:
    (fault,) = faults(tmp_path, MAIL_FROM=sender)
    assert fault.startswith("MAIL_FROM ")


@pytest.mark.parametrize("url", ["mysql://x/y", "diemcau.db", "sqlite://", "postgres:/x"])
def test_a_database_we_do_not_speak_to_is_named(tmp_path: Path, url: str) -> None:
    (fault,) = faults(tmp_path, DATABASE_URL=url)
    assert fault.startswith("DATABASE_URL ")


@pytest.mark.parametrize("prefix", ["postgresql://", "postgres://", "postgresql+psycopg://"])
def test_every_spelling_of_postgresql_is_understood(tmp_path: Path, prefix: str) -> None:
    url = read(tmp_path, DATABASE_URL=f"{prefix}u:p@db/hop").database_url
    assert url == "postgresql+psycopg://u:p@db/hop"


@pytest.mark.parametrize(
    ("url", "meant"),
    [
        ("smtp://mail.vn", MailServer("mail.vn", 25, None, None, tls=False)),
        ("smtp://mail.vn:2525", MailServer("mail.vn", 2525, None, None, tls=False)),
        ("smtp://mail.vn:587", MailServer("mail.vn", 587, None, None, tls=True)),
        ("smtp+starttls://mail.vn:25", MailServer("mail.vn", 25, None, None, tls=True)),
        ("smtp://u%40a.vn:p%3Aw%2F@mail.vn:25", MailServer("mail.vn", 25, "u@a.vn", "p:w/", tls=False)),
    ],
)
def test_a_mail_server_is_read(tmp_path: Path, url: str, meant: MailServer) -> None:
    assert read(tmp_path, MAIL_URL=url).mail == meant


def test_a_folder_of_letters_is_read(tmp_path: Path) -> None:
    assert read(tmp_path, MAIL_URL=f"folder:{tmp_path}/thư").mail == MailFolder((tmp_path / "thư").resolve())


@pytest.mark.parametrize(
    "url",
    ["folder:", "smtp://", "smtp:mail.vn", "imap://mail.vn", "smtp://mail.vn:x", "smtp://mail.vn:99999", "smtp://[x"],
)
def test_a_mail_address_that_leads_nowhere_is_named(tmp_path: Path, url: str) -> None:
    (fault,) = faults(tmp_path, MAIL_URL=url)
    assert fault.startswith("MAIL_URL ")


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    told = faults(tmp_path, SECRET_KEY="", PORT="x", PUBLIC_URL="x", MAIL_FROM="x", MAIL_URL="x", DATABASE_URL="x")
    names = [sentence.split()[0] for sentence in told]
    assert sorted(names) == ["DATABASE_URL", "MAIL_FROM", "MAIL_URL", "PORT", "PUBLIC_URL", "SECRET_KEY"]


def test_a_password_is_never_told(tmp_path: Path) -> None:
    told = "\n".join(faults(tmp_path, MAIL_URL="smtp://u:topsecret@:x", DATABASE_URL="mysql://u:topsecret@h/d"))
    assert "topsecret" not in told


def test_calendars_are_fetched_from_the_private_networks_that_are_named_and_from_no_other(tmp_path: Path) -> None:
    assert read(tmp_path).feed_networks == ()
    named = read(tmp_path, FEED_PRIVATE_NETWORKS="10.20.0.0/16, fd00:1::/64 192.168.1.7")
    assert [str(network) for network in named.feed_networks] == ["10.20.0.0/16", "fd00:1::/64", "192.168.1.7/32"]
    assert "FEED_PRIVATE_NETWORKS" in faults(tmp_path, FEED_PRIVATE_NETWORKS="10.20.0.1/16")[0]
    assert "FEED_PRIVATE_NETWORKS" in faults(tmp_path, FEED_PRIVATE_NETWORKS="all")[0]


@pytest.mark.parametrize(
    ("url", "meant"),
    [
        ("", None),
        ("imaps://u%40a.vn:p%2Fw@mail.vn", MailboxServer("mail.vn", 993, "u@a.vn", "p/w", "INBOX", "imaps")),
        ("imap+starttls://u:p@mail.vn/INBOX", MailboxServer("mail.vn", 143, "u", "p", "INBOX", "starttls")),
        ("imap://u:p@127.0.0.1:1143/H%E1%BB%8Dp", MailboxServer("127.0.0.1", 1143, "u", "p", "Họp", "")),
    ],
)
def test_a_mailbox_is_read_from_its_address(tmp_path: Path, url: str, meant: MailboxServer | None) -> None:
    assert read(tmp_path, MAILBOX_URL=url).mailbox == meant


def test_a_folder_can_stand_for_a_mailbox(tmp_path: Path) -> None:
    assert read(tmp_path, MAILBOX_URL=f"folder:{tmp_path}/đến").mailbox == MailboxFolder((tmp_path / "đến").resolve())


@pytest.mark.parametrize("url", ["folder:", "imap://mail.vn", "pop3://u:p@mail.vn", "imaps://u:p@mail.vn:x", "imaps:"])
def test_a_mailbox_that_leads_nowhere_is_named(tmp_path: Path, url: str) -> None:
    (fault,) = faults(tmp_path, MAILBOX_URL=url)
    assert fault.startswith("MAILBOX_URL ") and "u:p" not in fault


def test_how_letters_leave_is_bounded_and_said(tmp_path: Path) -> None:
    assert (read(tmp_path).mail_rate, read(tmp_path).mail_verp) == (0, True)
    config = read(tmp_path, MAIL_RATE="120", MAIL_VERP="off")
    assert (config.mail_rate, config.mail_verp) == (120, False)
    assert faults(tmp_path, MAIL_RATE="-1")[0].startswith("MAIL_RATE ")
    assert faults(tmp_path, MAIL_VERP="maybe")[0].startswith("MAIL_VERP ")


def test_a_gateway_for_short_messages_is_optional(tmp_path: Path) -> None:
    assert read(tmp_path).sms is None
    config = read(tmp_path, SMS_URL="https://sms.vn/send", SMS_TOKEN="t", SMS_SENDER="UBND")
    assert config.sms == SmsGateway("https://sms.vn/send", "t", "UBND")
    assert faults(tmp_path, SMS_URL="sms.vn")[0].startswith("SMS_URL ")


def test_video_systems_are_those_that_are_named(tmp_path: Path) -> None:
    assert read(tmp_path).platforms == ()
    secret = "s" * 40
    found = read(
        tmp_path,
        JITSI_URL="https://meet.tinh.gov.vn/",
        JITSI_APP_ID="diemcau",
        JITSI_SECRET=secret,
        BBB_URL="https://bbb.tinh.gov.vn/bigbluebutton/api/",
        BBB_SECRET=secret,
    )
    assert found.platforms == (
        Jitsi("https://meet.tinh.gov.vn", "diemcau", secret),
        BigBlueButton("https://bbb.tinh.gov.vn/bigbluebutton", secret),
    )
    assert secret not in repr(found.platforms)


@pytest.mark.parametrize(
    ("environ", "named"),
    [
        ({"JITSI_URL": "https://meet.tinh.gov.vn"}, "JITSI_SECRET"),
        ({"JITSI_URL": "meet.tinh.gov.vn", "JITSI_APP_ID": "a", "JITSI_SECRET": "b"}, "JITSI_URL"),
        ({"BBB_URL": "https://bbb.tinh.gov.vn/bigbluebutton"}, "BBB_SECRET"),
        ({"BBB_URL": "https://[::1", "BBB_SECRET": "s"}, "BBB_URL"),
        ({"SECRET_KEY_FALLBACKS": "k" * 32}, "SECRET_KEY_FALLBACKS"),
        ({"SECRET_KEY_FALLBACKS": "short@2026-12-31"}, "SECRET_KEY_FALLBACKS"),
        ({"SECRET_KEY_FALLBACKS": "k" * 32 + "@2026-13-31"}, "SECRET_KEY_FALLBACKS"),
    ],
)
def test_a_video_system_or_an_older_key_that_cannot_be_used_is_named(
    tmp_path: Path, environ: dict[str, str], named: str
) -> None:
    (fault,) = faults(tmp_path, **environ)
    assert named in fault and "k" * 32 not in fault


def test_an_older_key_holds_until_the_end_of_its_day(tmp_path: Path) -> None:
    older = "an older key of this house, with no blank in it".replace(" ", "-")
    found = read(tmp_path, SECRET_KEY_FALLBACKS=f"{older}@2026-12-31")
    assert found.older_keys == ((older, datetime(2026, 12, 31, 17, tzinfo=UTC)),)
    assert older not in repr(found)


def test_a_speech_to_text_service_needs_an_address_and_a_model(tmp_path: Path) -> None:
    assert read(tmp_path).speech is None
    config = read(
        tmp_path, SPEECH_URL="http://asr.bo.vn/", SPEECH_MODEL="Systran/faster-whisper-large-v3", SPEECH_KEY="k"
    )
    assert "Systran" in repr(config.speech) and "key" not in repr(config.speech)
    assert config.speech == Speech("http://asr.bo.vn", "Systran/faster-whisper-large-v3", "k", "verbose_json", 3600)
    assert read(tmp_path, RECORDING_MOST_MB="500", RECORDING_DAYS="7").recording_most == 500 << 20
    (fault,) = faults(tmp_path, SPEECH_URL="http://asr.bo.vn")
    assert fault.startswith("SPEECH_URL needs SPEECH_MODEL")
    assert faults(tmp_path, SPEECH_URL="asr", SPEECH_FORMAT="mp3", RECORDING_DAYS="-1") != []


def test_a_key_that_cannot_sign_is_named_at_the_start_and_its_password_is_never_told(tmp_path: Path) -> None:
    made = pki.made(tmp_path / "keys")
    word = tmp_path / "password"
    word.write_text(f"{pki.PASSWORD}\n", encoding="utf-8")
    found = read(
        tmp_path, SIGNING_P12=str(made.seal), SIGNING_P12_PASSWORD_FILE=str(word), SIGNING_ROOTS=str(made.roots)
    )
    assert found.seal is not None and isinstance(found.seal.held, KeyFile) and found.hand is None
    assert found.seal.held.password == pki.PASSWORD and pki.PASSWORD not in repr(found)
    assert found.signing_roots == made.roots.resolve()
    for environ, named in (
        ({"SIGNING_P12": str(made.seal), "SIGNING_P12_PASSWORD": "falsch"}, "SIGNING_P12 does not open"),
        ({"SIGNING_P12": str(tmp_path / "none.p12")}, "SIGNING_P12 cannot be read"),
        ({"SIGNING_P12": str(word)}, "SIGNING_P12 does not open"),
        ({"SIGNING_P12": str(made.seal), "SIGNING_P12_PASSWORD_FILE": str(tmp_path / "none")}, "PASSWORD_FILE"),
        ({"SIGNING_PKCS11": str(word), "SIGNING_TOKEN": "Con dấu"}, "SIGNING_PIN"),
        ({"SIGNING_PKCS11": "/no.so", "SIGNING_TOKEN": "a", "SIGNING_PIN": "1"}, "SIGNING_PKCS11"),
        ({"SIGNING_PERSON_P12": str(made.person), "SIGNING_PERSON_P12_PASSWORD": pki.PASSWORD}, "SIGNING_PERSON_EMAIL"),
        ({"SIGNING_ROOTS": "/no/such/folder"}, "SIGNING_ROOTS"),
        ({"SIGNING_TSA": "tsa"}, "SIGNING_TSA"),
        ({"SOFFICE": "/no/such/soffice"}, "SOFFICE"),
    ):
        told = "\n".join(faults(tmp_path, **environ))
        assert named in told and "falsch" not in told, told
