"""Credentials never leave, and nothing else is touched."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from streamwatchlib import redact
from streamwatchlib.model import (
    Body,
    Choice,
    Event,
    Llm,
    Measures,
    Part,
    Record,
    Request,
    Response,
    Stream,
    Timing,
    ToolCall,
    Verdict,
)

from .keys import SHAPED, SHAPELESS
from .report.records import STREAMING
from .wire.framing import seconds

OPAQUE = "q7Rt2LmNp4Vw8Kd1" + "Zx93Hs"
KEY = "sk" + "-proj-4f9aB7c2D8e1F6a3"


def record(request: Request, **parts: object) -> Record:
    verdict = Verdict("not-applicable", None, "certain", None, (), "No stream.", Measures())
    whole = Record(
        "id", "2026-01-01T00:00:00.000000Z", "complete", None, request, None, Timing(), None, None, None, verdict
    )
    return replace(whole, **parts)  # type: ignore[arg-type]


def request(*headers: tuple[str, str], url: str = "http://host/", body: Body | None = None, **parts: object) -> Request:
    whole = Request("POST", url, "HTTP/1.1", headers, body or Body("empty"))
    return replace(whole, **parts)  # type: ignore[arg-type]


# --- headers ---


@pytest.mark.parametrize(
    ("name", "value", "masked"),
    [
        ("Authorization", f"Bearer {KEY}", "Bearer ***"),
        ("authorization", "Basic YXBpX2tleTp4eHg=", "Basic ***"),
        ("Authorization", "AWS4-HMAC-SHA256 Credential=AKIAXXXX/2026, Signature=abc", "AWS4-HMAC-SHA256 ***"),
        ("Authorization", "Token abc", "Token ***"),
        ("Authorization", "abc def", "***"),
        ("Authorization", KEY, "***"),
        ("Proxy-Authorization", "Negotiate abc==", "Negotiate ***"),
        ("X-Forwarded-Authorization", "Bearer x", "Bearer ***"),
        ("Cookie", "a=b; c=d", "***"),
        ("Set-Cookie", "a=b; Path=/", "***"),
        ("x-api-key", "k", "***"),
        ("api-key", "k", "***"),
        ("apikey", "k", "***"),
        ("x-goog-api-key", "k", "***"),
        ("X-DashScope-Api-Key", "k", "***"),
        ("Ocp-Apim-Subscription-Key", "k", "***"),
        ("x-amz-security-token", "k", "***"),
        ("X-Auth-Token", "k", "***"),
        ("CF-Access-Client-Secret", "k", "***"),
        ("X-Hub-Signature", "k", "***"),
        ("AccessKey", "k", "***"),
        ("authtoken", "k", "***"),
        ("DPoP", "eyJx.y.z", "***"),
        ("X-Session", "k", "***"),
        ("Authentication", "Bearer x", "Bearer ***"),
        ("Authorization", "DPoP abc", "DPoP ***"),
        (
            "Sec-WebSocket-Protocol",
            f"realtime, openai-insecure-api-key.{OPAQUE}",
            "realtime, openai-insecure-api-key.***",
        ),
        ("Sec-WebSocket-Protocol", f"v1.chat, {OPAQUE}", "v1.chat, ***"),
        ("Authorization", "", ""),
        ("Referer", "https://u:p@host/x?api_key=1&q=2", "https://***@host/x?api_key=***&q=2"),
        ("X-Debug", f"sent {KEY}", "sent ***"),
        ("Refresh", "0;url=/p?token=abc", "0;url=/p?token=***"),
        ("Location", "/callback#access_token=abc&state=x", "/callback#access_token=***&state=x"),
    ],
)
def test_headers_that_hold_credentials_are_masked(name: str, value: str, masked: str) -> None:
    assert redact.headers(((name, value),)) == ((name, masked),)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("x-ratelimit-remaining-tokens", "149984"),
        ("x-ratelimit-limit-tokens", "150000"),
        ("openai-processing-ms", "37"),
        ("X-DashScope-SSE", "enable"),
        ("Idempotency-Key", "stainless-python-retry-1"),
        ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ("anthropic-version", "2023-06-01"),
        ("Content-Type", "multipart/form-data; boundary=x"),
        ("WWW-Authenticate", 'Bearer realm="x"'),
        ("Access-Control-Allow-Credentials", "true"),
        ("fireworks-server-time-to-first-token", "7.328"),
        ("x-time-per-token", "33"),
        ("x-litellm-cache-key", "4b9a0c1e2f3d4c5b"),
        ("cf-aig-cache-key", "x"),
        ("Keyword", "x"),
        ("Monkey", "x"),
        ("X-Session-Affinity", "x"),
        ("Sec-WebSocket-Protocol", "graphql-transport-ws, openai-beta.realtime-v1"),
        ("Location", "https://host/path?q=1"),
        ("Location", "/path;v=1?q=1#token"),
    ],
)
def test_other_headers_come_through(name: str, value: str) -> None:
    assert redact.headers(((name, value),)) == ((name, value),)


# --- URLs ---


@pytest.mark.parametrize(
    ("url", "masked"),
    [
        ("https://user:pa@ss@host:80/p", "https://***@host:80/p"),
        ("https://host/v1beta/models/m:generate?key=AIzaX&alt=sse", "https://host/v1beta/models/m:generate?key=***&alt=sse"),
        ("/p?api_key=1&api-key=2&apikey=3&API%5FKEY=4", "/p?api_key=***&api-key=***&apikey=***&API%5FKEY=***"),
        ("/p?access_token=1&token=2&sig=3&signature=4", "/p?access_token=***&token=***&sig=***&signature=***"),
        ("/p?X-Amz-Signature=1&X-Amz-Credential=2&X-Amz-Security-Token=3&X-Amz-Date=4",
         "/p?X-Amz-Signature=***&X-Amz-Credential=***&X-Amz-Security-Token=***&X-Amz-Date=4"),
        (f"/p?q={KEY}", "/p?q=***"),
        (f"/bot/{KEY}/x", "/bot/***/x"),
        ("/p?password=x#frag", "/p?password=***#frag"),
        ("/p?a=1#access_token=abc&state=x", "/p?a=1#access_token=***&state=x"),
        ("/p#access_token=abc&state=x", "/p#access_token=***&state=x"),
        ("/p?user[password]=abc&filter[name]=x", "/p?user[password]=***&filter[name]=x"),
        ("/p?next=https%3A%2F%2Fh%2F%3Ftoken%3Dabc&q=%2F%3Fa%3Db", "/p?next=***&q=%2F%3Fa%3Db"),
        ("/p;a=1;api_key=abc;b=2?c=d", "/p;a=1;api_key=***;b=2?c=d"),
        ("/p?r=https%253A%252F%252Fh%252F%253Ftoken%253Dabc", "/p?r=***"),
        ("/p?next=https%3A%2F%2Fu%3Apass-word%40h%2F&r=https%253A%252F%252Fu%253Apass-word%2540h", "/p?next=***&r=***"),
        (f"/p?upload_token={OPAQUE}&credentials={OPAQUE}&q=1", "/p?upload_token=***&credentials=***&q=1"),
        (f"/callback?code={OPAQUE}&state=x", "/callback?code=***&state=x"),
        (f"/upload?upload_id={OPAQUE}&upload_protocol=resumable", "/upload?upload_id=***&upload_protocol=resumable"),
    ],
)  # fmt: skip
def test_credentials_in_urls_are_masked(url: str, masked: str) -> None:
    assert redact.url(url) == masked


@pytest.mark.parametrize(
    "url",
    [
        "http://host/p?q=1&r=a+b&r=%20&max_tokens=5&next_page_token=x",
        "http://[::1",
        "http://host/@user?x=a@b",
        "/p?",
        "",
        "/p?key&token=",
        "/p?keyword=1&tokens=2&design=3",
        f"/p?next_page_token={OPAQUE}&code=model_not_found&code=404&upload_id=3",
        "http://host/p?a=1?b=2#c?x=d",
    ],
)
def test_other_urls_come_through(url: str) -> None:
    assert redact.url(url) == url


# --- texts ---


@pytest.mark.parametrize("key", SHAPED.values(), ids=SHAPED)
@pytest.mark.parametrize(
    "around",
    [
        "{}",
        "key provided: {}.",
        '{{"a":"{}"}}',
        "x\\n{}\\n",
        "\\u003c{}\\u003e",
        "https%3A%2F%2Fhost%2F%3Fq%3D{}",
        "q%253D{}",
        "\x1b[33m{}\x1b[0m",
        "\\u001b[01;31m\\u001b[K{}\\u001b[m",
    ],
)
def test_keys_of_known_shapes_are_masked_wherever_they_stand(key: str, around: str) -> None:
    assert redact.text(around.format(key)) == around.format("***")


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("Authorization: Bearer abcdefghijklmnopqrstuvwx==", "Authorization: Bearer ***"),
        ("-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\n-----", "-----BEGIN PRIVATE KEY-----***-----"),
        ('{"api_key": "abc", "b": 1}', '{"api_key": "***", "b": 1}'),
        ('{"apiKey":"a\\"b\\\\","x":"y"}', '{"apiKey":"***","x":"y"}'),
        ('{"OPENAI_API_KEY" : "abc"}', '{"OPENAI_API_KEY" : "***"}'),
        ('{"client_secret":"a","password":"b","refresh_token":"c"}',
         '{"client_secret":"***","password":"***","refresh_token":"***"}'),
        ('{"secretAccessKey":"a","accessKeyId":"b","sessionToken":"c"}',
         '{"secretAccessKey":"***","accessKeyId":"***","sessionToken":"***"}'),
        ('{"arguments":"{\\"password\\": \\"hunter2\\", \\"user\\": \\"x\\"}"}',
         '{"arguments":"{\\"password\\": \\"***\\", \\"user\\": \\"x\\"}"}'),
        ("{'api_key': 'abc', 'b': \"c\"}", "{'api_key': '***', 'b': \"c\"}"),
        ("<Credentials><SecretAccessKey>a/b+c</SecretAccessKey><Expires>1</Expires></Credentials>",
         "<Credentials><SecretAccessKey>***</SecretAccessKey><Expires>1</Expires></Credentials>"),
        ("see https://host/image.png?se=2026&sig=a%2Fb&sp=r, or https://u:pass-word@host/",
         "see https://host/image.png?se=2026&sig=***&sp=r, or https://u:***@host/"),
        ('{"url":"https://host/?a=b\\u0026api_key=abc\\u0026c=d"}', '{"url":"https://host/?a=b\\u0026api_key=***\\u0026c=d"}'),
        ("api_key=abc&model=x", "api_key=***&model=x"),
        ("A=1\nDB_PASSWORD=hunter2 # x\nB_PASSWORD='a b'\n", "A=1\nDB_PASSWORD=*** # x\nB_PASSWORD='***'\n"),
        ('{"content": "A=1\\nDB_PASSWORD=\\"hunter2\\"\\nB=2"}', '{"content": "A=1\\nDB_PASSWORD=\\"***\\"\\nB=2"}'),
        ("$ export APP_SECRET=abc && run", "$ export APP_SECRET=*** && run"),
        ("<a href='/?page=2&amp;key=abc&amp;q=3'>", "<a href='/?page=2&amp;key=***&amp;q=3'>"),
        ("AccountEndpoint=https://host/;AccountKey=abc==;Database=d", "AccountEndpoint=https://host/;AccountKey=***;Database=d"),
        ('{"url":"/callback#access_token=abc&state=x"}', '{"url":"/callback#access_token=***&state=x"}'),
        ('{"mcp_servers":[{"authorization_token":"abc"}]}', '{"mcp_servers":[{"authorization_token":"***"}]}'),
        ('{"app_secret":"abc","Proxy-Authorization":"x y"}', '{"app_secret":"***","Proxy-Authorization":"***"}'),
        ("realtime, openai-insecure-api-key.0123456789abcdef, x", "realtime, openai-insecure-api-key.***, x"),
        ("Authorization: Basic dTpw", "Authorization: Basic ***"),
        ("SignedHeaders=host, Signature=" + "0f" * 32, "SignedHeaders=host, Signature=***"),
        ('{"token": "0123456789abcdefghij"}', '{"token": "***"}'),
        ('{"authentication": {"type": "api_key", "key": "0123456789abcdefghijABCDEFGHIJ01"}}',
         '{"authentication": {"type": "api_key", "key": "***"}}'),
        ('{"url":"https://h/?u=https%3A%2F%2Fi%2F%3Fse%3D1%26sig%3Da%252Fb%26sp%3Dr&q=1"}',
         '{"url":"https://h/?u=https%3A%2F%2Fi%2F%3Fse%3D1%26sig%3D***%26sp%3Dr&q=1"}'),
        ("u=https%253a%252f%252fi%253fkey%253dabc%2526q%253d1", "u=https%253a%252f%252fi%253fkey%253d***%2526q%253d1"),
        ("token=a%26b&c=d", "token=***&c=d"),
        ('"https://h/?a\\u003db\\u0026sig\\u003dabc\\u0026c\\u003dd"', '"https://h/?a=b\\u0026sig=***\\u0026c=d"'),
        ('{"a": {"api_key": "abc', '{"a": {"api_key": "***'),
        ('{"a": {"api_key": "abc\\', '{"a": {"api_key": "***\\'),
        ('{"arguments":"{\\"api_key\\": \\"abc","b":1}', '{"arguments":"{\\"api_key\\": \\"***","b":1}'),
        ('"{\\"api_key\\": \\"ab\\\\/c\\\\u0026d\\", \\"b\\": 1}"', '"{\\"api_key\\": \\"***\\", \\"b\\": 1}"'),
        ('"{\\\\\\"api_key\\\\\\":\\\\\\"abc\\\\\\"}"', '"{\\\\\\"api_key\\\\\\":\\\\\\"***\\\\\\"}"'),
    ],
)  # fmt: skip
def test_fields_and_headers_in_texts_are_masked(text: str, masked: str) -> None:
    assert redact.text(text) == masked


@pytest.mark.parametrize(
    "around",
    [
        "api_key: {}",
        "kind: Secret\ndata:\n  password: {}\n",
        'OPENAI_API_KEY = "{}"',
        '[section]\nsecret = "{}"\n',
        'client = Client(api_key="{}")',
        "os.environ['API_KEY'] = '{}'",
        'password := "{}"',
        "run --api-key {} --port 1",
        "('password', '{}')",
        "- name: API_TOKEN\n  value: {}\n",
        "- Name: API_TOKEN\n  Value: {}\n",
        '{{"name":"OPENAI_API_KEY","value":"{}"}}',
        'curl -H \\"X-Api-Key: {}\\"',
        "Authorization: DPoP {}",
        '{{"masterKey":"{}"}}',
        '{{"credential":"{}"}}',
        '"api\\u005fkey": "{}"',
        "-----BEGIN PGP PRIVATE KEY BLOCK-----\n\n{}lQOYBGRkR0kB\n-----END",
        '{{"Authorization": ["Bearer {}"]}}',
        '{{"api_keys": ["first-1234", "{}"], "n": 1}}',
        '"{{\\"passwords\\": [\\"{}\\"]}}"',
        "curl -su x --user admin:{} https://host/",
        "curl -u 'admin:{}' https://host/",
        '"command": "curl --proxy-user \\"a:{}\\" -x host"',
        "curl --cookie 'sid={}; a=b' https://host/",
        "curl -s -b 'sid={}; a=b' https://host/",
        "curl -b sid={} https://host/",
        '{{"Helicone-Auth": "Bearer {}"}}',
        '{{"cf-aig-authorization": "{}"}}',
        "machine host\n  login me\n  password {}\n",
        '"machine host\\nlogin me\\npassword {}\\n"',
        "git clone https://{}@host/repository.git",
        '{{"grant_type": "device_code", "device_code": "{}"}}',
        "grant_type=authorization_code&code_verifier={}",
        "client_assertion_type=jwt-bearer&client_assertion={}",
        "grant_type=authorization_code&code={}&redirect_uri=x",
        "PUT https://host/upload?upload_id={}&upload_protocol=resumable",
        '"{{\\"auth\\": \\"{}\\"}}"',
        '{{"X-Amz-Signature": "{}"}}',
        '{{"access_tokens": ["{}"]}}',
        '"{{\\"access_tokens\\":[\\"{}\\"]}}"',
        "login?user=me&pass={}",
        "https://hooks.slack.com/services/T0/{}",
        "curl https://{}:@host/",
        '{{"url": "postgres:\\/\\/me:{}@host\\/db"}}',
        '"{{\\"url\\": \\"https:\\\\\\/\\\\\\/{}@host\\"}}"',
        '{{"virtual_key": "{}"}}',
        '{{"token": "tid={0};exp=1764350000;sku=seat;proxy-ep=proxy.host;8kp=1:{0}", "refresh_in": 1500}}',
        "API key: {}",
        "- **Access token:** `{}`",
        "MISTRAL_KEY={}",
        "export FAL_KEY=3f2504e0:{}",
        "SEARCH_KEY = '{}'",
        '{{"AZURE_OPENAI_KEY": "{}"}}',
        "mongodb+srv://me:p@{}@db/x",
        "https://discord.com/api/webhooks/1234567890/{0}{0}",
        "https://api.telegram.org/bot1234567890:AA{0}{0}/sendMessage",
        '{{"passphrase": "{}"}}',
        '{{"jwt": "{}"}}',
        '"{{\\"access_token\\": \\"{}\\"}}"',
        "{{'access_token': '{}'}}",
        "<SessionToken>{}</SessionToken>",
        "token = {}",
        "deploy --token {} --now",
        '{{"auth": "{}"}}',
        "{{'auth': '{}'}}",
        'connect(host, auth="{}")',
        "u=https%3A%2F%2Fh%2F%3Fauth%3D{}",
        "u=https%3A%2F%2Fh%2F%3Ftoken%3D{}",
        "u=https%3A%2F%2Fh%2F%3Fsignature%3D{}",
        '{{"pwd": "{}"}}',
        "GET /callback?code={}&state=x",
        "https://host/image.png?signature={}",
        '{{"x-amz-signature": "{}"}}',
        '{{"access_tokens":["{}"]}}',
        '"{{\\"access_tokens\\": [\\"{}\\"]}}"',
        '{{"Cookie": "sid={}"}}',
        '{{"code_verifier": "{}"}}',
        '{{"client_assertion": "{}"}}',
        "curl --user=me:{} https://host/",
        '"machine host login me\\npassword\\t{}\\n"',
    ],
)
def test_what_files_programs_and_commands_call_a_credential_is_masked(around: str) -> None:
    masked = redact.text(around.format(OPAQUE))
    assert OPAQUE not in masked
    assert "***" in masked


@pytest.mark.parametrize(
    "line", ["aws_secret_access_key = {}", "aws_secret_access_key={}", "secret_key: {}", "Secret access key: {}"]
)
def test_base64_with_slashes_is_no_path(line: str) -> None:
    """Of AWS's secrets most have a slash or two: that and letters make a path as well."""
    assert redact.text(line.format("aBcDeFgHiJkLm/N7OPQRS/tUvWxYzABCDEFGHIJK")) == line.format("***")


@pytest.mark.parametrize("header", ["Cookie: ", "set-cookie: "])
def test_cookies_in_texts_are_masked(header: str) -> None:
    assert redact.text(f"> {header}sid={OPAQUE}; a=b\n< ok") == f"> {header}***\n< ok"


@pytest.mark.parametrize(
    "text",
    [
        'password = input("Password: ")',
        'api_key = os.environ["OPENAI_API_KEY"]',
        "api_key: ${OPENAI_API_KEY}",
        "API_KEY=your-api-key",
        '"api_key": "YOUR_API_KEY"',
        '"password": "<password>", "again": "{{ vault_password }}"',
        "export OPENAI_API_KEY=sk-...",
        "password: string",
        "token: str | None = None",
        "max_tokens: 4096, session: 3f2504e0-4f89-11d3-9a0c-0305e82c3301",
        "key: user_profile_2",
        "secret = settings.SECRET_KEY_V2",
        "password: secrets.token_urlsafe(32)",
        f"next_page_token: {OPAQUE}",
        f"tool_call_id: call_{OPAQUE}",
        "The secret: practice every day. Cookie: chocolate.",
        "Passwort: bitte eingeben, 密码：请输入",
        'HEADERS = ("authorization", "x-amz-date")',
        "secret: config/prod/openai_keys2/main, api_key: settings.prod/keys2",
        "S3_KEY=uploads/2026/01/a-long-name.png, PUBLIC_KEY=0123456789abcdef0123456789abcdef",
        f"PROMPT_CACHE_KEY={OPAQUE}",
        "API key: see section 4 of the second part",
    ],
)
def test_programs_and_instructions_come_through(text: str) -> None:
    assert redact.text(text) == text


def test_an_echo_in_escapes_of_json_is_known() -> None:
    spelt = "".join(f"\\u{ord(sign):04x}" if sign.isalnum() else sign for sign in "no-shape-12345")
    assert redact.text(f"refused: {spelt}", frozenset({"no-shape-12345"})) == "refused: ***"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "The key to success is patience; the token is a word, the secret a story.",
        '{"max_tokens": 12, "completion_tokens": 5, "usage": {"total_tokens": 17}}',
        '{"token": "Hello", "logprob": -0.1, "bytes": [72]}',
        '{"tokens": ["Hello", "2026-11-27"], "stop_tokens": ["<|eot_id1|>"], "code": "rate_limit_exceeded_tier_2"}',
        '{"key": "value", "keyword": "x", "monkey": "y", "next_page_token": "z"}',
        '{"Key": "uploads/2026/01/report-0123456789abcdef.pdf", "key": "user_0123456789abcdef_settings"}',
        '{"required": ["api_key"], "properties": {"password": {"type": "string"}}}',
        '{"api_key": null, "password": ""}'.replace('""', "0"),
        "Bearer authentication is required. Bearer tokens expire.",
        "task-sk-learn and sk-learn-estimators-pipeline and risk-averse-behaviour-2024",
        "sk-short1",
        "AIza is a prefix, hf_ too, and ghp_ as well",
        "AKIAIOSFODNN7EXAMPLEwhichgoeson",
        "eyJub3QiOiJhIGp3dCJ9",
        "chatcmpl-9aBcDeFgHiJkLmNoPqRsTuVwXyZ012",
        "msg_01XFDUDYJgAACzvnptvVoYEL toolu_01A09q90qw90lq917835lq9 req_011CSHoEeqs5C35K2UUqR7Fy",
        "call_abc123def456ghi789jkl012 resp_0123456789abcdef0123456789abcdef",
        "每日一句: the secret of getting ahead is getting started",
        "-----BEGIN PUBLIC KEY----- abcdefghijklmnopqrstuvwxyzabcdefghijkl",
        '{"token": " antidisestablishmentarianism", "auth": "none", "logprobs": [{"token": "supercalifragilistic"}]}',
        "Is 'key': 'value' a pair? It's 'max_tokens': '5'. <key>x</key> <p>the secret</p>",
        "https://host:8080/a@b ratio 16://9: x@y.z and http://example.com/?page=2&sort=asc#token",
        'print("key"); d = {"k": "v"}; x = d["api"]["key"]',
        '\nAPI_KEY=environ["KEY"]\nAPI_KEY=getenv("KEY")\n    password=given,\nDB_PASSWORD=\nNEXT=1\nMAX_TOKENS=5',
        "for(;i<n;i++){var e=a[i];key=e.name;token=e.next();auth=null}",
        '{"password": ["This field is required.", "At least 8 letters1"], "api_keys": ["name", "${K1}"], "key": []}',
        "docker run -u 1000:1000 app; curl -u user:pass --user $USER1:$PASS1 -u <user>:<pass1> --cookie jar1.txt",
        "Choose login and password carefully: login me password required",
        "git clone ssh://git@host/a https://user@host/ https://host/@name-with-digits-2026-11-27@x",
    ],
)
def test_ordinary_text_comes_through(text: str) -> None:
    assert redact.text(text) == text


def test_given_credentials_are_masked_the_longest_first() -> None:
    secrets = frozenset({"wxyz-1234", "abcd-wxyz-1234-efgh"})
    assert redact.text("echo abcd-wxyz-1234-efgh and wxyz-1234", secrets) == "echo *** and ***"


@pytest.mark.parametrize("secret", ["", "short-1", "ollama", "anything", "EMPTY", "lm-studio", "not-needed"])
def test_what_is_no_secret_is_not_looked_for(secret: str) -> None:
    assert redact.text(f"the model {secret} says", frozenset({secret})) == f"the model {secret} says"


def test_masked_json_is_still_json() -> None:
    value = {"api_key": 'a"b\\c', "nested": json.dumps({"password": "x", "n": [1, "é"]}), "text": "plain"}
    masked = json.loads(redact.text(json.dumps(value)))
    assert masked["api_key"] == "***"
    assert json.loads(masked["nested"]) == {"password": "***", "n": [1, "é"]}
    assert masked["text"] == "plain"


def test_a_mask_makes_no_key_of_what_was_too_short_for_one() -> None:
    masked = redact.text('PRIVATE KEY-----xarg": "{\\"password\\": \\"p\\"}"-----')
    assert redact.text(masked) == masked


@settings(deadline=None)
@given(st.text(st.sampled_from('"\\: key_token{}sk-1AIzaBearer ')), st.frozensets(st.text(max_size=12)))
def test_no_text_raises_and_masking_again_changes_nothing(text: str, secrets: frozenset[str]) -> None:
    once = redact.text(text, secrets)
    assert redact.text(once) == redact.text(redact.text(once))


@pytest.mark.parametrize(
    "one",
    [
        '"api_key": ',
        '"api_key": "',
        '\\"key\\": \\"\\\\',
        '\\"',
        '"',
        "\\",
        "\nA_KEY=",
        "\nAPI_KEY=x(",
        "sk-",
        "eyJ",
        "Bearer ",
        '{"key":"x"},',
        "key sk-a-b-c-",
        "%26key%3Da",
        "key%2525",
        "://a:b@",
    ],
    ids=repr,
)
def test_work_is_linear_in_the_text(one: str) -> None:
    """Eight times the text is about eight times the work: 32 is allowed, quadratic would be 64."""
    text = one * (40_000 // len(one))
    most = 4 * 8 * max(seconds(lambda: redact.text(text)), 0.001)
    assert seconds(lambda: redact.text(text * 8), most) < most


@pytest.mark.parametrize(
    ("before", "one", "behind"), [("", "\\", "u0041"), ("api_key ", "-", ""), ("api_key ", "a--", "")], ids=repr
)
def test_work_is_linear_in_a_run_of_the_same(before: str, one: str, behind: str) -> None:
    def masking(length: int, enough: float = 0.0) -> float:
        text = before + one * (length // len(one)) + behind
        return seconds(lambda: redact.text(text), enough)

    most = 4 * 8 * max(masking(20_000), 0.001)
    assert masking(160_000, most) < most


# --- records ---


def everywhere(secret: str) -> Record:
    """A record with the same credential in every place that may hold a text."""
    echo = f"echo {secret} end"
    body = Body("json", content=json.dumps({"message": echo}), notes=(echo,))
    call = ToolCall("1", "f", json.dumps({"a": echo}))
    llm = Llm(
        "openai",
        "chat.completions",
        text=echo,
        reasoning=echo,
        refusal=echo,
        tool_calls=(call,),
        choices=(Choice(0, echo, echo, (call,), "stop", echo),),
        error={"message": echo, "details": [echo, 1]},
        notes=(echo,),
    )
    part = Part("a", None, None, (("X", echo),), 1)
    return record(
        request(("Authorization", f"Bearer {secret}"), ("X-Echo", echo), url=f"http://host/?q={secret}",
                body=Body("multipart", parts=(part,)), query=(("q", secret),)),
        error=echo,
        response=Response(401, "HTTP/1.1", (("X-Echo", echo),), body),
        stream=Stream("sse", arrivals=None),
        events=(Event(0.1, 0, "message", None, echo, False, None), Event(0.2, 0, "message", None, None, False, None)),
        llm=llm,
        verdict=Verdict("not-applicable", None, "certain", None, (), echo, Measures()),
    )  # fmt: skip


@pytest.mark.parametrize("secret", [KEY, "0123456789abcdef-no-known-shape", "p4ssw0rd"])
def test_the_requests_own_credential_is_masked_wherever_it_is_echoed(secret: str) -> None:
    masked = redact.record(everywhere(secret))
    assert secret not in repr(masked)
    assert masked.request.headers[0] == ("Authorization", "Bearer ***")
    assert masked.llm is not None
    assert masked.llm.text == "echo *** end"
    assert masked.events is not None
    assert [event.data for event in masked.events] == ["echo *** end", None]


def test_without_credentials_a_record_comes_through_unchanged() -> None:
    whole = everywhere("nothing")
    plain = replace(whole, request=replace(whole.request, headers=(("Accept", "*/*"),)))
    assert redact.record(plain) == plain


def test_a_record_of_nothing_comes_through() -> None:
    bare = record(request())
    assert redact.record(bare) == bare


@pytest.mark.parametrize(
    ("given", "secret"),
    [
        (request(("Cookie", "session=0123456789abcdef; theme=dark")), "0123456789abcdef"),
        (request(("Authorization", "Basic " + base64.b64encode(b"user:pass-w0rd-1").decode())), "pass-w0rd-1"),
        (request(("X-Api-Key", "abcd-efgh-1234")), "abcd-efgh-1234"),
        (request(("Referer", "https://u:abcd%2D1234%2Dz@host/")), "abcd-1234-z"),
        (request(("Referer", "https://host/?api_key=abcd%2D1234%2Dz")), "abcd-1234-z"),
        (request(body=Body("text", content="api_key=abcd%2D1234%2Dz")), "abcd-1234-z"),
        (request(body=Body("text", content="/?u=%2F%3Fapi_key%3Dabcd%252D1234%252Dz")), "abcd-1234-z"),
        (request(body=Body("text", content="/?u=%252F%253Fapi_key%253Dabcd%25252D1234%25252Dz")), "abcd-1234-z"),
        (request(body=Body("text", content=f"curl -u me:{OPAQUE} https://host/")), OPAQUE),
        (request(url="http://host/?key=abcd-1234-x", query=(("key", "abcd-1234-x"), ("q", "1"))), "abcd-1234-x"),
        (request(body=Body("form", fields=(("client_secret", "abcd-1234-y"), ("q", None)))), "abcd-1234-y"),
        (request(url="http://host/", query=(("u", "http://h/?token=abcd-1234-q"),)), "abcd-1234-q"),
        (request(url="http://host/p;api_key=abcd-1234-p"), "abcd-1234-p"),
        (request(("Authorization", f"JWT {OPAQUE}")), OPAQUE),
        (request(("Authorization", f"Bearer\t{OPAQUE}")), OPAQUE),
        (request(("Authorization", f'Token token="{OPAQUE}"')), OPAQUE),
        (request(("Authorization", f"Bearer abcd-1234-z, Bearer {OPAQUE}")), OPAQUE),
        (request(("Authorization", "Basic " + base64.b64encode(f"{OPAQUE}:x-oauth-basic".encode()).decode())), OPAQUE),
        (request(("Authorization", "Basic dTpwYXNzLXcwcmQtMTI")), "pass-w0rd-12"),
        (request(("Authorization", "Basic " + base64.b64encode(b"abcd-1234-u:").decode())), "abcd-1234-u"),
        (request(("Cookie", f'a=b; s="{OPAQUE}"')), OPAQUE),
        (request(("Cookie", "a=" + quote(json.dumps({"access_token": OPAQUE})))), OPAQUE),
        (request(body=Body("json", content=json.dumps({"headers": {"Authorization": f"Bearer {OPAQUE}"}}))), OPAQUE),
    ],
)
def test_credentials_are_known_from_everywhere_they_may_stand(given: Request, secret: str) -> None:
    masked = redact.record(record(given, error=f"echo {secret}"))
    assert masked.error == "echo ***"
    assert secret not in repr(masked)


def test_headers_of_parts_are_headers() -> None:
    own = (("X-Api-Key", "abcd-1234-x"), ("Cookie", f"s={OPAQUE}"), ("Authorization", "Basic dTpw"), ("X", "y"))
    body = Body("multipart", parts=(Part("a", None, None, own, 1),))
    masked = redact.record(record(request(body=body), error=f"abcd-1234-x {OPAQUE}"))
    assert masked.error == "*** ***"
    assert masked.request.body.parts is not None
    assert masked.request.body.parts[0].headers == (
        ("X-Api-Key", "***"),
        ("Cookie", "***"),
        ("Authorization", "Basic ***"),
        ("X", "y"),
    )


def test_fields_of_forms_and_queries_are_masked_by_name() -> None:
    fields = (("api_key", "x"), ("token", "y"), ("q", "z"), ("q", None))
    masked = redact.record(record(request(body=Body("form", fields=fields), query=(("sig", "x"), ("q", "y")))))
    assert masked.request.body.fields == (("api_key", "***"), ("token", "***"), ("q", "z"), ("q", None))
    assert masked.request.query == (("sig", "***"), ("q", "y"))


@pytest.mark.parametrize("secret", [*SHAPELESS.values(), "a'b<c>&d+e/f=1"], ids=[*SHAPELESS, "signs"])
@pytest.mark.parametrize(
    "spelt",
    [
        str,
        lambda text: quote(text, safe=""),
        lambda text: quote(quote(text, safe=""), safe=""),
        quote,
        lambda text: re.sub("%..", lambda sign: sign[0].lower(), quote(text, safe="")),
        json.dumps,
        lambda text: json.dumps(text).replace("/", "\\/"),
        lambda text: re.sub("[&'+<>]", lambda sign: f"\\u{ord(sign[0]):04X}", json.dumps(text)),
        lambda text: re.sub("[&<>]", lambda sign: f"\\u{ord(sign[0]):04x}", json.dumps(text)),
        lambda text: re.sub("[&'<=>]", lambda sign: f"\\u{ord(sign[0]):04x}", json.dumps(text)),
    ],
    ids=["plain", "URL", "URL in a URL", "URL with slashes", "URL of .NET", "JSON", "PHP", ".NET", "Go", "Gson"],
)
def test_an_echo_is_known_however_it_is_spelt(secret: str, spelt: Callable[[str], str]) -> None:
    given = record(request(("X-Api-Key", secret)), error=f"no such key: {spelt(secret)}")
    assert (redact.record(given).error or "").replace('"', "") == "no such key: ***"


def test_a_cookie_that_is_set_and_a_key_in_the_body_are_known_too() -> None:
    response = Response(200, "HTTP/1.1", (("Set-Cookie", f"id={OPAQUE}; Path=/"),), Body("empty"))
    body = Body("json", content='{"api_key": "abcd-1234-efgh"}')
    masked = redact.record(record(request(body=body), response=response, error=f"{OPAQUE}, abcd-1234-efgh"))
    assert masked.error == "***, ***"


def test_the_names_of_fields_and_events_are_searched_too() -> None:
    event = Event(0.1, 0, f"event {KEY}", f"id.{KEY}", None, False, f"what is {KEY}")
    masked = redact.record(record(request(query=((KEY, None), ("a", "b"))), events=(event, event._replace(id=None))))
    assert KEY not in repr(masked)
    assert masked.request.query == (("***", None), ("a", "b"))


def test_many_credentials_are_masked_where_they_stand_and_not_all_looked_for() -> None:
    fields = tuple(("key", f"secret-{i:06}") for i in range(20_000))
    given = record(request(body=Body("form", fields=fields)), error="word " * 100_000)
    masked = list[Record]()
    took = seconds(lambda: masked.append(redact.record(given)), 3)
    assert took < 3, "each would be one more search of every text: minutes"
    assert "secret-" not in repr(masked)


@pytest.mark.parametrize("value", ["Basic !!!", "Basic /w==", "Basic", "Basic YQ"])
def test_broken_basic_credentials_are_masked_like_any(value: str) -> None:
    assert "Basic" in redact.record(record(request(("Authorization", value)))).request.headers[0][1] or value == "Basic"


@pytest.mark.parametrize(
    "kept", ["gpt-4o-mini-2024-07-18", "/v1/chat/completions", "Asia/Shanghai", "2026-11-27T10:00:00Z", "us-east-1"]
)
def test_what_a_site_keeps_in_cookies_besides_is_not_looked_for(kept: str) -> None:
    cookies = (("Cookie", f"session={OPAQUE}; last={kept}"), ("Cookie", f"last={quote(kept, safe='')}"))
    masked = redact.record(record(request(*cookies), error=f"{kept} {OPAQUE}"))
    assert masked.error == f"{kept} ***"
    assert [value for _, value in masked.request.headers] == ["***", "***"]


def test_a_user_who_gives_a_password_is_not_looked_for() -> None:
    masked = redact.record(
        record(request(("Authorization", "Basic " + base64.b64encode(b"team-2026:x").decode())), error="team-2026")
    )
    assert masked.error == "team-2026"


def test_what_a_request_says_besides_is_not_looked_for() -> None:
    body = Body("json", content=json.dumps({"model": "qwen3-max-2026", "api_key": OPAQUE}))
    assert redact.record(record(request(body=body), error=f"qwen3-max-2026 {OPAQUE}")).error == "qwen3-max-2026 ***"


def test_idempotency_keys_are_not_looked_for() -> None:
    masked = redact.record(record(request(("Idempotency-Key", "retry-1234-x")), error="retry-1234-x"))
    assert masked.error == "retry-1234-x"


def test_whose_calls_an_answer_says_are_counted_is_not_looked_for() -> None:
    """Azure has the model's name there; of a request the same field may be what opens a limit."""
    field = ("x-ratelimit-key", "gpt-5.2-chat")
    response = Response(200, "HTTP/1.1", (field,), Body("empty"))
    answered = redact.record(record(request(), response=response, error="gpt-5.2-chat"))
    assert answered.error == "gpt-5.2-chat"
    assert answered.response
    assert answered.response.headers == (("x-ratelimit-key", "***"),)
    assert redact.record(record(request(field), error="gpt-5.2-chat")).error == "***"


@pytest.mark.parametrize("where", ["both", "body", "event", "later event"])
def test_a_credential_is_masked_whether_body_and_events_say_the_same_or_not(where: str) -> None:
    """What stands in the body's text is not searched again in the events."""
    secret = "sk-proj-0123456789abcdefghij"
    words = [f'{{"word": "w{i}"}}' for i in range(9)]
    told = [*words, f'{{"word": "{secret}"}}', *words]
    body = told if where in ("both", "body") else [*words, *words]
    events = told if where != "body" else [*words, *words]
    if where == "later event":
        events = [*words, "x" * 500, *events]
    shown = tuple(Event(0.1, 0, "message", None, data, True, None) for data in events)
    text = "".join(f"data: {data}\n\n" for data in body)
    plain = replace(STREAMING, events=shown)
    assert plain.response is not None
    plain = replace(plain, response=replace(plain.response, body=replace(plain.response.body, content=text)))
    masked = redact.record(plain)
    assert secret not in repr(masked)
    assert repr(masked).count("***") == repr(plain).count("***") + repr(plain).count(secret)
