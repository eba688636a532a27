"""Accounts and items that a fuzzed call may change or destroy, made one at a time when a call is about to."""

import base64
import json
import os
import re
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass

import requests

API = os.environ["FUZZ_API"]
INBOX = os.environ["FUZZ_INBOX"]
PASSWORD = "a password of the fuzzer"
KEEPER_TOKEN = os.environ["FUZZ_KEEPER_TOKEN"]


@dataclass(frozen=True)
class Account:
    id: str
    email: str
    password: str

    def log_in(self) -> str:
        """A new session's token."""
        form = {"username": self.email, "password": self.password}
        return _ask("POST", "/login/access-token", data=form)["access_token"]

    def refresh_cookie(self) -> str:
        """The Cookie header of a browser that has just logged in."""
        body = {"username": self.email, "password": self.password}
        response = requests.post(f"{API}/sessions/", json=body, timeout=30)
        response.raise_for_status()
        return response.headers["Set-Cookie"].split(";")[0]

    def reset_token(self) -> str:
        """What a password recovery link of this account carries."""
        html = _send("POST", f"/password-recovery-html-content/{self.email}").text
        return re.search(r"reset-password\?token=([\w.-]+)", html)[1]


    def undo_token(self) -> str:
        """What the link carries that goes to the address which an admin has taken from this account."""
        _ask("PATCH", f"/users/{self.id}", json={"email": f"moved-{self.email}"})
        return _token_in(self.email, "address was changed", "undo-email-change")


def create_account(superuser: bool = False) -> Account:
    email = f"fuzz-{uuid.uuid4().hex}@example.com"
    body = {"email": email, "password": PASSWORD, "is_superuser": superuser}
    return Account(_ask("POST", "/users/", json=body)["id"], email, PASSWORD)


def session_id(token: str) -> str:
    """The session that a token belongs to."""
    payload = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))["sid"]


def create_item(token: str) -> str:
    """The id of a new item that belongs to the token's user."""
    return _ask("POST", "/items/", token, json={"title": "an item of the fuzzer"})["id"]


def create_failed_email() -> str:
    """The id of an e-mail that the SMTP server has refused: the contract takes 254 octets, the inbox one less."""
    domain = ".".join(["x" * 63, "x" * 63, "x" * 63, "x" * 49])
    email = f"{uuid.uuid4().hex[:12]}@{domain}"
    _ask("POST", "/users/signup", json={"email": email, "password": PASSWORD})
    return _wait_for(lambda: _ask("GET", f"/emails/?status=failed&to={email}")["data"])[0]["id"]


def verification_token() -> str:
    """What the link carries that verifies the address of a new account."""
    email = f"fuzz-{uuid.uuid4().hex}@example.com"
    _ask("POST", "/users/signup", json={"email": email, "password": PASSWORD})
    return _token_in(email, "Welcome", "verify-email")


def some_dead_letter() -> str | None:
    """The id of a dead letter, if there is any."""
    found = _ask("GET", "/dead-letters/?limit=1")["data"]
    return found[0]["id"] if found else None


def _token_in(email: str, subject: str, page: str) -> str:
    """What the link to a page carries, in the e-mail with a subject."""
    query = f'to:"{email}" subject:"{subject}"'
    message = _wait_for(lambda: _inbox("search", query=query)["messages"])[0]
    return re.search(rf"{page}\?token=([\w.-]+)", _inbox(f"message/{message['ID']}")["Text"])[1]


def _wait_for(look: Callable[[], list]) -> list:
    """What there is to be found, once there is something."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        found = look()
        if found:
            return found
        time.sleep(0.05)
    raise TimeoutError("the e-mail that a call needs has not come")


def _inbox(path: str, **query: str) -> dict:
    response = requests.get(f"{INBOX}/api/v1/{path}", params=query, timeout=30)
    response.raise_for_status()
    return response.json()


def _ask(method: str, path: str, token: str = KEEPER_TOKEN, **content) -> dict:
    return _send(method, path, token, **content).json()


def _send(method: str, path: str, token: str = KEEPER_TOKEN, **content) -> requests.Response:
    headers = {"Authorization": f"Bearer {token}"}
    response = requests.request(method, API + path, headers=headers, timeout=30, **content)
    response.raise_for_status()
    return response
