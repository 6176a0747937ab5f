#!/usr/bin/env python3
"""Writes c14n.json: documents made from seeds, and what libxml2 makes of them. Needs libxml2.so.2."""
import ctypes as c
import json
import pathlib
import random

X = c.CDLL("libxml2.so.2")
for name in ("xmlReadMemory", "xmlXPathNewContext", "xmlXPathEvalExpression"):
    getattr(X, name).restype = c.c_void_p

NAMESPACES = ["urn:one", "urn:two", "http://x.example/?a=b;c", "urn:Two"]
PREFIXES = ["", "a", "b", "B", "xs"]
LOCALS = ["p", "q", "P", "\u00e9"]
VALUES = ["", "x", "a\tb", "a\r\nb\rc", "&#9;&#10;&#13;", "&lt;&amp;>", "&quot;'", "\U0001f600", "e\u0301"]
TEXTS = ["text", " ", "\r\n\r\t", "a&amp;b", "]]&gt;&lt;", "&#13;&#xA;", "\"'\u0085\u2028"]
LISTS = [[], [], ["xs"], ["#default"], ["a", "b", "#default"], ["absent", "B"]]


def element(r, scope, depth, count):
    count[0] += 1
    own = {}
    for _ in range(r.randrange(4)):
        prefix = r.choice(PREFIXES)
        own[prefix] = "" if prefix == "" and r.random() < 0.3 else r.choice(NAMESPACES)
    scope = {**scope, **own}

    def name():
        prefix, local = r.choice(PREFIXES), r.choice(LOCALS)
        return (f"{prefix}:{local}", (scope[prefix], local)) if prefix and prefix in scope else (local, ("", local))

    tag = name()[0]
    attributes = [(f"xmlns:{p}" if p else "xmlns", u) for p, u in own.items()]
    seen = set()
    for _ in range(r.randrange(5)):
        written, expanded = name()
        if expanded not in seen:
            seen.add(expanded)
            attributes.append((written, r.choice(VALUES)))
    if r.random() < 0.2:
        attributes.append(("xml:lang", "en"))
    r.shuffle(attributes)
    text = lambda: "".join(r.choice(TEXTS) for _ in range(r.randrange(3)))
    inner = text()
    for _ in range(r.randrange(4) if depth < 4 else 0):
        inner += element(r, scope, depth + 1, count) + text()
    head = tag + "".join(f'{r.choice([" ", chr(10)])}{n}="{v}"' for n, v in attributes)
    return f"<{head}>{inner}</{tag}>"


def canonical(xml, apex, without, prefixes):
    data = xml.encode()
    doc = X.xmlReadMemory(data, len(data), None, None, 0)
    context = X.xmlXPathNewContext(c.c_void_p(doc))
    up = "ancestor-or-self::node()"
    inside = lambda place: f"count({up} | (//*)[{place + 1}]) = count({up})"
    path = f"(//node() | //@* | //namespace::*)[{inside(apex)}]"
    if without is not None:
        path += f"[not({inside(without)})]"
    found = X.xmlXPathEvalExpression(path.encode(), c.c_void_p(context))
    nodes = c.cast(found + 8, c.POINTER(c.c_void_p))[0]
    out = c.c_char_p()
    listed = (c.c_char_p * (len(prefixes) + 1))(*[p.encode() for p in prefixes], None)
    length = X.xmlC14NDocDumpMemory(c.c_void_p(doc), c.c_void_p(nodes), 1, listed, 0, c.byref(out))
    assert length > 0, xml
    return c.string_at(out, length).decode()


def main():
    cases = []
    for seed in range(300):
        r = random.Random(seed)
        count = [0]
        xml = element(r, {}, 0, count)
        if count[0] > 12:
            continue
        apex = r.choice([0, r.randrange(count[0])])
        without = r.randrange(1, count[0]) if count[0] > 1 and r.random() < 0.4 else None
        if without is not None and without <= apex:
            without = None
        prefixes = r.choice(LISTS)
        cases.append(dict(xml=xml, apex=apex, without=without, prefixes=prefixes,
                          canonical=canonical(xml, apex, without, prefixes)))
    lines = ",\n".join(json.dumps(case) for case in cases)
    pathlib.Path(__file__).with_suffix(".json").write_text(f"[\n{lines}\n]\n")
    print(len(cases))


if __name__ == "__main__":
    main()
