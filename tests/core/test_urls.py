"""URLs as they may be shown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from interexter.core.urls import cleaned


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://example.org/a/b.zip", "https://example.org/a/b.zip"),
        ("https://me:pass@example.org:8080/b.zip", "https://example.org:8080/b.zip"),
        ("https://token@example.org/b.zip", "https://example.org/b.zip"),
        ("https://me:p@ss@example.org/b.zip", "https://example.org/b.zip"),
        ("https://example.org/b.zip?token=abc", "https://example.org/b.zip?token=***"),
        ("https://example.org/b.zip?download=1&sig=a%2Fb", "https://example.org/b.zip?download=1&sig=***"),
        ("https://example.org/b.zip?id=7;key=x#part", "https://example.org/b.zip?id=7&key=***"),
        ("https://example.org/b.zip?abcdef", "https://example.org/b.zip?***"),
        ("https://example.org/b.zip#access_token=abc", "https://example.org/b.zip"),
        ("HTTPS://me:pass@example.org", "HTTPS://example.org"),
        ("http://[::1]:80/x?a", "http://[::1]:80/x?***"),
    ],
)
def test_a_url_is_shown_without_its_secrets(url: str, shown: str) -> None:
    assert cleaned(url) == shown
    assert cleaned(shown) == shown


def test_urls_in_a_text_are_found_and_the_text_stays() -> None:
    text = "url: {a: 'http://u:p@h/x?key=1', b: http://h/y?sig=2, c: http://h/z}\nsee (https://h/?k=v). mail@host"
    expected = "url: {a: 'http://h/x?key=***', b: http://h/y?sig=***, c: http://h/z}\nsee (https://h/?k=***). mail@host"
    assert cleaned(text) == expected


@given(st.from_regex(r"[A-Za-z0-9%._~+-]{8,20}", fullmatch=True), st.text(max_size=20))
def test_no_secret_is_left(secret: str, around: str) -> None:
    secret = f"S{secret}"
    for url in (
        f"https://u:{secret}@h/x",
        f"https://{secret}@h/x",
        f"http://h/x?t={secret}&v=1",
        f"http://h/x#{secret}",
    ):
        assert secret not in cleaned(f"{around} {url} {around}").replace(around, "")
