"""C's xmlsec: parses the response and verifies its signature, and checks nothing else of it."""
import base64
import json
import sys
import time

import xmlsec
from lxml import etree

setup = json.load(open(sys.argv[1]))
key = xmlsec.Key.from_memory(setup["cert"], xmlsec.KeyFormat.CERT_PEM)
parser = etree.XMLParser(resolve_entities=False, no_network=True)
ASSERTION = "{urn:oasis:names:tc:SAML:2.0:assertion}Assertion"
SIGNATURE = "{http://www.w3.org/2000/09/xmldsig#}Signature"


def check(field):
    response = etree.fromstring(base64.b64decode(field), parser)
    assertion = response.find(ASSERTION)
    context = xmlsec.SignatureContext()
    context.register_id(assertion, "ID")
    context.key = key
    context.verify(assertion.find(SIGNATURE))


for line in sys.stdin:
    file, seconds = line.split()
    field = open(file).read()
    check(field)
    count, begun = 0, time.perf_counter()
    end = begun + float(seconds)
    while time.perf_counter() < end:
        check(field)
        count += 1
    print(json.dumps({"count": count, "seconds": time.perf_counter() - begun, "outcome": "verified"}), flush=True)
