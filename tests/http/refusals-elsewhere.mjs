/** Refusals that take a gate of their own to come about: code, and the file that provokes it over HTTP. */
export const elsewhere = {
  'binding-missing': 'missing.test.mjs',
  'keys-unusable': 'missing.test.mjs',
  'store-unavailable': 'faults.test.mjs',
  'ledger-unavailable': 'faults.test.mjs',
  'document-old': 'faults.test.mjs',
  'origin-unreachable': 'forwarding.test.mjs',
  'encryption-cbc-unsigned': 'encrypted.test.mjs',
  'assertion-undecipherable': 'encrypted.test.mjs',
  'too-many-sign-ins': 'encrypted.test.mjs',
  unsolicited: 'unsolicited.test.mjs',
  'revoked-ahead': 'revocation.test.mjs',
  'metadata-expired': 'refresh.test.mjs',
  'metadata-unreachable': 'refresh.test.mjs',
  'hand-over-malformed': 'hand-over.test.mjs',
  'hand-over-foreign': 'hand-over.test.mjs',
  'hand-over-unknown': 'hand-over.test.mjs',
  'hand-over-used': 'hand-over.test.mjs',
  'hand-over-mismatch': 'hand-over.test.mjs',
  'access-token-refused': 'command-line.test.mjs',
  'command-line-malformed': 'command-line.test.mjs',
  'command-line-forged': 'command-line.test.mjs',
  'command-line-code-refused': 'command-line.test.mjs',
};

/** Refusals that no request over HTTP brings about: code, and why. All have native tests. */
export const unreachable = {
  'path-not-absolute': 'the path of every URL begins with a slash; /.access/explain and the command line meet it',
  'path-has-query': 'a question mark ends the path of every URL; the command line meets it',
  'path-not-ascii': 'the runtime percent-encodes such bytes before the gate sees the URL',
  'canonical-empty': 'what is to be signed always has a root element; it is here so that nothing empty is ever verified',
  'hand-over-late': 'a minute would have to pass; tests/gate sets the clock',
  'hand-over-stale': 'it takes a sign-in that grew old between two hosts; tests/gate sets the clock',
  broken: 'it should not be possible',
};
