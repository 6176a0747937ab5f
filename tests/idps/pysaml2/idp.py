"""An identity provider on pysaml2: one page to sign in, and the answer in a form that posts itself.

Everything that changes is in the folder that the tests made.
"""
import functools
import html
import json
import os
import sys
import warnings
from pathlib import Path
from urllib.parse import parse_qs
from wsgiref.simple_server import WSGIRequestHandler, make_server

warnings.filterwarnings("ignore")

import saml2.entity
import saml2.metadata
from saml2 import BINDING_HTTP_POST, BINDING_HTTP_REDIRECT
from saml2.config import IdPConfig
from saml2.saml import NAMEID_FORMAT_EMAILADDRESS, NAME_FORMAT_BASIC, NameID
from saml2.server import Server

folder, base = Path(sys.argv[1]), sys.argv[2]
people = {person["id"]: person for person in json.loads((folder / "people.json").read_text())}

settings = {
    "entityid": f"{base}/metadata",
    "key_file": str(folder / "key.pem"),
    "cert_file": str(folder / "cert.pem"),
    "xmlsec_binary": os.environ["XMLSEC1"],
    "metadata": {"local": [str(folder / "sp.xml")]},
    "service": {
        "idp": {
            "endpoints": {
                "single_sign_on_service": [
                    (f"{base}/sso/redirect", BINDING_HTTP_REDIRECT),
                    (f"{base}/sso/post", BINDING_HTTP_POST),
                ]
            },
            "name_id_format": [NAMEID_FORMAT_EMAILADDRESS],
            "policy": {"default": {"name_form": NAME_FORMAT_BASIC, "lifetime": {"minutes": 5}}},
        }
    },
}
server = Server(config=IdPConfig().load(settings))
template, encrypt = saml2.entity.pre_encryption_part, server.sec.crypto.encrypt_assertion


def use(variant):
    """pysaml2 encrypts with Triple DES, and has no setting for it."""
    data, session_key = variant.get("cipher", ("http://www.w3.org/2001/04/xmlenc#tripledes-cbc", "des-192"))
    saml2.entity.pre_encryption_part = functools.partial(template, msg_enc=data)
    server.sec.crypto.encrypt_assertion = lambda text, key, template, _, *more: encrypt(
        text, key, template, session_key, *more
    )


def sign_in_page(binding, fields):
    server.parse_authn_request(fields["SAMLRequest"], binding)
    hidden = {"binding": binding, **fields}
    inputs = "".join(
        f'<input type="hidden" name="{name}" value="{html.escape(value)}">' for name, value in hidden.items()
    )
    return f'<form method="post" action="{base}/sign-in">{inputs}<input name="username"><input name="password"></form>'


def answer(fields):
    person = people[fields["username"]]
    if fields["password"] != person["id"]:
        raise PermissionError
    request = server.parse_authn_request(fields["SAMLRequest"], fields["binding"]).message
    arguments = server.response_args(request)
    arguments.pop("name_id_policy", None)
    variant = json.loads((folder / "variant.json").read_text())
    use(variant)
    response = server.create_authn_response(
        {"mail": [person["email"]], "groups": person["groups"]},
        userid=person["id"],
        name_id=NameID(format=NAMEID_FORMAT_EMAILADDRESS, text=person["email"]),
        authn={"class_ref": "urn:oasis:names:tc:SAML:2.0:ac:classes:Password", "authn_auth": base},
        sign_assertion=variant["sign_assertion"],
        sign_response=variant["sign_response"],
        encrypt_assertion=variant["encrypt"],
        # It takes SHA-1 where nobody says more.
        sign_alg=None if variant["sha1"] else "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
        digest_alg=None if variant["sha1"] else "http://www.w3.org/2001/04/xmlenc#sha256",
        **arguments,
    )
    form = server.apply_binding(
        BINDING_HTTP_POST, str(response), arguments["destination"], fields.get("RelayState", ""), response=True
    )
    return form["data"]


def application(environ, start_response):
    length = int(environ.get("CONTENT_LENGTH") or 0)
    raw = environ["wsgi.input"].read(length).decode() if length else environ["QUERY_STRING"]
    fields = {name: values[0] for name, values in parse_qs(raw).items()}
    path = environ["PATH_INFO"]
    if path == "/metadata":
        page = saml2.metadata.create_metadata_string(None, server.config).decode()
    elif path == "/sso/redirect":
        page = sign_in_page(BINDING_HTTP_REDIRECT, fields)
    elif path == "/sso/post":
        page = sign_in_page(BINDING_HTTP_POST, fields)
    elif path == "/sign-in":
        page = answer(fields)
    else:
        start_response("404 Not Found", [])
        return [b""]
    start_response("200 OK", [("content-type", "text/html; charset=utf-8")])
    return [page.encode()]


class Quiet(WSGIRequestHandler):
    def log_message(self, *_):
        pass


make_server("127.0.0.1", int(base.rsplit(":", 1)[1]), application, handler_class=Quiet).serve_forever()
