"""Accounts and items that a fuzzed call may change or destroy, made one at a time when a call is about to."""

import os
import re
import time
import uuid
from dataclasses import dataclass

import requests

API = os.environ["FUZZ_API"]
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

    def reset_token(self) -> str:
        """What a password recovery link of this account carries."""
        html = _send("POST", f"/password-recovery-html-content/{self.email}").text
        return re.search(r"reset-password\?token=([\w.-]+)", html)[1]


def create_account(superuser: bool = False) -> Account:
    email = f"fuzz-{uuid.uuid4().hex}@example.com"
    body = {"email": email, "password": PASSWORD, "is_superuser": superuser}
    return Account(_ask("POST", "/users/", json=body)["id"], email, PASSWORD)


def create_item(token: str) -> str:
    """The id of a new item that belongs to whoever has the token."""
    return _ask("POST", "/items/", token, json={"title": "an item of the fuzzer"})["id"]


def create_failed_email() -> str:
    """The id of an e-mail that the SMTP server has refused: the contract takes longer addresses than SMTP."""
    domain = ".".join(["x" * 63, "x" * 63, "x" * 63, "x" * 50])
    email = f"{uuid.uuid4().hex[:12]}@{domain}"
    _ask("POST", "/users/signup", json={"email": email, "password": PASSWORD})
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        found = _ask("GET", f"/emails/?status=failed&to={email}")["data"]
        if found:
            return found[0]["id"]
        time.sleep(0.05)
    raise TimeoutError(f"the e-mail to {email} has not failed")


def some_dead_letter() -> str | None:
    """The id of a dead letter, if there is any."""
    found = _ask("GET", "/dead-letters/?limit=1")["data"]
    return found[0]["id"] if found else None


def _ask(method: str, path: str, token: str = KEEPER_TOKEN, **content) -> dict:
    return _send(method, path, token, **content).json()


def _send(method: str, path: str, token: str = KEEPER_TOKEN, **content) -> requests.Response:
    headers = {"Authorization": f"Bearer {token}"}
    response = requests.request(method, API + path, headers=headers, timeout=30, **content)
    response.raise_for_status()
    return response
