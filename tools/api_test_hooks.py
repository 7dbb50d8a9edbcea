"""What the API tester must know of this API; see tools/api_test.py.

- How a caller logs in. What ends a session or changes the password is asked by a member of its own.
- What "accepted" means here. The tester's own rule takes every 400 for a refusal of the request; here
  a like that is there already is 400 as well, and says so in `errorCode`.
"""

import datetime
import json
import os
import sys
import threading
from urllib.parse import parse_qs, urlsplit

import schemathesis

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from running_server import log_in, sign_up  # noqa: E402

BASE = os.environ["DAILYFEED_API"]
ENDS_SESSIONS = {
    ("POST", "/api/authentication/logout"), ("POST", "/api/authentication/logout-all"),
    ("DELETE", "/api/authentication/deactivate"), ("PUT", "/api/members/password"),
    ("DELETE", "/api/authentication/sessions/{sid}")}
# What is asked with a refresh cookie, which the tester does not have.
BY_COOKIE = {"/api/authentication/refresh", "/api/token/refresh"}
TEXT_SEARCH = {"/api/search/posts", "/api/search/comments", "/api/search/comments/advanced"}
TERMS_MAX = 32
# Refusals that depend on what there is, and not on the form of the request.
OF_THE_STATE = {403, 404, 409, 422, 429}

lock = threading.Lock()
members = 0


def new_member():
    """The token of a member whom nobody else uses."""
    global members
    with lock:
        members += 1
        name = f"tester_{members}"
    sign_up(BASE, name)
    return log_in(BASE, f"{name}@example.com")


shared = new_member()


@schemathesis.auth(refresh_interval=None)
class Caller:
    def get(self, case, _):
        own = (case.operation.method.upper(), case.operation.path) in ENDS_SESSIONS
        return new_member() if own else shared

    def set(self, case, data, _):
        case.headers["Authorization"] = f"Bearer {data}"


def texts_of(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from texts_of(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts_of(inner)


def said(response):
    """The query and the body, as they were sent."""
    query = parse_qs(urlsplit(response.request.url).query, keep_blank_values=True)
    try:
        body = json.loads(response.request.body or "null")
    except ValueError:
        body = None
    return query, body


def is_beyond_the_document(case, response):
    """Whether the request breaks a rule for which OpenAPI has no words. Each stands in the
    description of its field."""
    query, body = said(response)
    # Lengths are counted in UTF-16 units, in which such characters are two.
    if any(character > "\uffff" for text in [*texts_of(query), *texts_of(body)]
           for character in text):
        return True
    # A day before today.
    born = isinstance(body, dict) and body.get("birthDate")
    if born and born >= str(datetime.date.today() - datetime.timedelta(days=1)):
        return True
    # One of two parameters; and `q` has a grammar.
    if case.operation.path in TEXT_SEARCH:
        keyword = "".join(query.get("keyword", [""])[:1]).strip()
        return not keyword or bool("".join(query.get("q", [""])[:1]).strip())
    return len("".join(query.get("q", [""])).split()) > TERMS_MAX


@schemathesis.check
def what_the_document_allows_is_accepted(_, response, case):
    if case.meta is None or not case.meta.generation.mode.is_positive:
        return
    status = response.status_code
    if status < 400 or status in OF_THE_STATE or status >= 500:  # of 5xx there is a check
        return
    if status == 401 and case.operation.path in BY_COOKIE:
        return
    code = response.json()["errorCode"]
    if status == 400 and (code != "INVALID_REQUEST" or is_beyond_the_document(case, response)):
        return
    raise AssertionError(f"the document allows what is refused with {status} {code}")
