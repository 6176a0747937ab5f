#!/usr/bin/env python3
"""Writes c14n.sha256: what libxml2 makes of the documents that
`cargo test --test xml write_documents -- --ignored --nocapture` wrote to the file it names."""
import hashlib
import json
import pathlib
import sys

from c14n import canonical

lines = pathlib.Path(sys.argv[1]).read_text(encoding="utf-8").rstrip("\n").split("\n")
cases = [json.loads(line) for line in lines]
digests = []
for case in cases:
    octets = canonical(case["xml"], case["apex"], None, case["prefixes"])
    octets = octets if isinstance(octets, bytes) else octets.encode()
    digests.append(hashlib.sha256(octets).hexdigest()[:16] + "\n")
(pathlib.Path(__file__).parent / "c14n.sha256").write_text("".join(digests))
