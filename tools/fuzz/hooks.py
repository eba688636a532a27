"""What schemathesis cannot know from the document: its calls must keep the accounts they are made with, and some must
carry a real password, token or address, which no generator guesses."""

import os
import uuid
import zlib

import schemathesis
from accounts import (
    INBOX,
    PASSWORD,
    Account,
    create_account,
    create_failed_email,
    create_item,
    session_id,
    some_dead_letter,
    verification_token,
)
from schemathesis.generation.meta import TestPhase

import calls, refusals  # noqa: E401, F401: they register a hook and a check of their own

CALLER = os.environ["FUZZ_CALLER"]
# Both empty for the anonymous caller.
SELF = os.environ["FUZZ_SELF"]
TOKEN = os.environ["FUZZ_TOKEN"]
# Empty for a stack that sends no links that verify an address.
VERIFIES = os.environ["FUZZ_VERIFIES"]
BYSTANDER = Account(*os.environ["FUZZ_BYSTANDER"].split(), PASSWORD)
# The accounts that the run stands on.
PROTECTED = {SELF, os.environ["FUZZ_KEEPER"], BYSTANDER.id}
# RFC 5321, 4.5.3.1: a local part has at most 64 octets, and a path, with its brackets and as the mail catcher counts, 256.
LOCAL_PART_MAX_LENGTH = 64
SMTP_MAX_LENGTH = 253
# The contract's, of an address in the form that SMTP is given.
EMAIL_MAX_LENGTH = 254

STREAMED_EVENT = {
    "type": "object",
    "properties": {
        "id": {"type": "string", "pattern": "^[0-9]+$"},
        "event": {"type": "string", "pattern": "^(reset|end|(user|item|password)[.][a-z-]+)$"},
        "data": {"type": "string", "pattern": "^[{].*[}]$"},
    },
    "required": ["event", "data"],
}


@schemathesis.hook
def before_load_schema(context, raw_schema):
    # RFC 6750: an OAuth2 token travels as a bearer token. The checks of authentication look at http schemes only.
    for scheme in raw_schema["components"]["securitySchemes"].values():
        if scheme["type"] == "oauth2":
            scheme.update(type="http", scheme="bearer")
    # OpenAPI 3.1 describes a stream as one text; schemathesis compares each of its events.
    for path in raw_schema["paths"].values():
        for response in path.get("get", {}).get("responses", {}).values():
            if "text/event-stream" in response.get("content", {}):
                response["content"]["text/event-stream"]["schema"] = STREAMED_EVENT


@schemathesis.hook
def before_call(context, case, kwargs):
    operation = f"{case.method.upper()} {case.path.removeprefix('/api/v1')}"
    spare_the_accounts(operation, case)
    spare_the_mail_server(operation, case)
    keep_to_octets(case)
    begin_with_an_event(operation, case)
    ask_without_a_ticket(operation, case)
    keep_a_cursor_alone(case)
    # It takes no input that could differ.
    if operation == "POST /sessions/refresh" and case.method.upper() == case.operation.method.upper():
        case.headers["Cookie"] = BYSTANDER.refresh_cookie()
    if case.meta is not None and case.meta.generation.mode.is_positive and every_second(operation, case):
        tell_the_truth(operation, case)
        set_no_condition(case)
        # In a sequence the ids are those of the calls before.
        if case.meta.phase.name != TestPhase.STATEFUL:
            name_what_exists(operation, case)


def every_second(operation, case):
    """By what the case sends, so that it is the same call when it is tried again."""
    content = repr((operation, case.path_parameters, case.query, case.body))
    return zlib.crc32(content.encode("utf-8", "replace")) % 2 == 0


def spare_the_accounts(operation, case):
    """A call that may end the session or the account of somebody the run needs acts on an account of its own."""
    match operation:
        case "POST /logout" | "DELETE /users/me" | "PATCH /users/me/password":
            if TOKEN and case.headers.get("Authorization") == f"Bearer {TOKEN}":
                account = create_account(superuser=CALLER == "superuser")
                case.headers["Authorization"] = f"Bearer {account.log_in()}"
        case "DELETE /sessions/{id}":
            if TOKEN and case.path_parameters.get("id") == session_id(TOKEN):
                case.path_parameters["id"] = "0" * 24
        case (
            "PATCH /users/{user_id}"
            | "PUT /users/{user_id}"
            | "DELETE /users/{user_id}"
            | "DELETE /users/{user_id}/sessions"
        ):
            if case.path_parameters.get("user_id") in PROTECTED:
                case.path_parameters["user_id"] = create_account().id


def spare_the_mail_server(operation, case):
    """The contract takes addresses that SMTP does not, and answers 503 with the server's reason to them, here only."""
    if operation == "POST /utils/test-email/":
        email = case.query.get("email_to")
        if isinstance(email, str) and SMTP_MAX_LENGTH < len(email):
            case.query["email_to"] = BYSTANDER.email


def keep_to_octets(case):
    """JSON Schema counts characters, 255 of them; an address of more octets than SMTP takes is a 422."""
    if isinstance(case.body, dict) and isinstance(case.body.get("email"), str):
        email = case.body["email"]
        if case.meta is not None and case.meta.generation.mode.is_positive and len(email) > EMAIL_MAX_LENGTH:
            case.body["email"] = email[: EMAIL_MAX_LENGTH - 1].rstrip("-.") + "x"


def begin_with_an_event(operation, case):
    """A stream without events ends with the patience of schemathesis; one from the beginning has the caller's own."""
    if operation != "GET /live" or case.meta is None or not case.meta.generation.mode.is_positive:
        return
    given = {name.lower() for name in [*(case.query or {}), *(case.headers or {})]}
    if not given & {"last_event_id", "last-event-id"}:
        case.query = {**(case.query or {}), "last_event_id": 0}


def ask_without_a_ticket(operation, case):
    """A ticket stands for the token: where the token is left out, the answer is a 401 without a ticket only."""
    if operation != "GET /live" or case.meta is None:
        return
    left_out = getattr(case.meta.phase.data, "parameter", None) or ""
    if left_out.lower() == "authorization" and case.query:
        case.query.pop("ticket", None)


def keep_a_cursor_alone(case):
    """A schema cannot say that a cursor stands in place of `skip`; a generated one is a 400."""
    if case.meta is not None and case.meta.generation.mode.is_positive and "cursor" in (case.query or {}):
        case.query.pop("skip", None)


def tell_the_truth(operation, case):
    match operation:
        case "POST /login/access-token" | "POST /sessions/":
            case.body.update(username=BYSTANDER.email, password=BYSTANDER.password)
        case "PATCH /users/me/password":
            case.body["current_password"] = PASSWORD
        case "POST /reset-password/":
            case.body["token"] = create_account().reset_token()
        case "POST /users/undo-email-change" if INBOX:
            case.body["token"] = create_account().undo_token()
        case "POST /users/verify-email" if INBOX and VERIFIES:
            case.body["token"] = verification_token()
        case "POST /password-recovery/{email}" | "POST /password-recovery-html-content/{email}":
            case.path_parameters["email"] = BYSTANDER.email
    # Addresses are unique, and schemathesis likes to send the same one again.
    if isinstance(case.body, dict) and isinstance(case.body.get("email"), str):
        case.body["email"] = fresh(case.body["email"])


def set_no_condition(case):
    """A generated entity tag is never the present one, so that no write would happen."""
    for name in [name for name in case.headers or {} if name.lower() in ("if-match", "if-none-match")]:
        del case.headers[name]


def name_what_exists(operation, case):
    if TOKEN and operation.endswith(" /items/{id}"):
        case.path_parameters["id"] = create_item(TOKEN)
    elif CALLER == "superuser" and operation == "POST /emails/{id}/retry":
        case.path_parameters["id"] = create_failed_email()
    elif CALLER == "superuser" and " /dead-letters/{id}" in operation:
        case.path_parameters["id"] = some_dead_letter() or case.path_parameters["id"]
    elif TOKEN and operation == "DELETE /sessions/{id}":
        account = create_account(superuser=CALLER == "superuser")
        case.headers["Authorization"] = f"Bearer {account.log_in()}"
        case.path_parameters["id"] = session_id(account.log_in())
    elif CALLER == "superuser" and operation.endswith(" /users/{user_id}/sessions"):
        case.path_parameters["user_id"] = create_account().id
    elif operation.endswith(" /users/{user_id}"):
        case.path_parameters["user_id"] = create_account().id if CALLER == "superuser" else SELF or BYSTANDER.id


def fresh(email):
    """The address with a local part that nobody has; as it is where that would make it too long."""
    local, _, domain = email.rpartition("@")
    local = uuid.uuid4().hex[:12] + local[: LOCAL_PART_MAX_LENGTH - 12].rstrip(".")
    return f"{local}@{domain}" if len(local) + len(domain) < EMAIL_MAX_LENGTH else email
