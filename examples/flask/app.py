"""The intranet of the example: /HR and /IT, which never see anybody who did not come through the gate."""

import os

import jwt
from flask import Flask, abort, g, request

# Where people reach the application: the gate's address, which signs as this and for this.
GATE = os.environ["GATE"]
# It keeps the keys for five minutes, and fetches them again when it meets one that it does not know.
KEYS = jwt.PyJWKClient(f"{GATE}/.access/jwks.json", lifespan=300)

app = Flask(__name__, static_url_path="/assets", static_folder="public")


@app.before_request
def through_the_gate():
    """Refuses what the gate has not signed, and remembers who asks."""
    if request.endpoint == "static":
        return
    token = request.headers.get("X-Access-Jwt", "")
    try:
        key = KEYS.get_signing_key_from_jwt(token)
        g.caller = jwt.decode(
            token,
            key,
            algorithms=["ES256"],
            issuer=GATE,
            audience=GATE,
            options={"require": ["exp", "iss", "aud", "sub"]},
        )
    except jwt.PyJWTError:
        abort(403, "Not through the gate.")


@app.get("/")
@app.get("/HR")
@app.get("/IT")
def page():
    return {"page": request.path, "email": g.caller.get("email"), "groups": g.caller["groups"]}


if __name__ == "__main__":
    app.run("127.0.0.1", int(os.environ.get("PORT", "3000")))
