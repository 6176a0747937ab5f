import { createPublicKey, verify } from 'node:crypto';

/** Tokens whose signature was checked. */
const checked = new Set();
const part = (token, at) => JSON.parse(Buffer.from(token.split('.')[at], 'base64url'));

function isSigned(token, keys) {
  if (checked.has(token)) return true;
  const { alg, kid } = part(token, 0);
  const [jwk] = keys.flatMap((set) => JSON.parse(set.SIGN_KEYS).keys).filter((key) => key.kid === kid);
  if (alg !== 'ES256' || !jwk) return false;
  const { kty, crv, x, y } = jwk;
  const key = createPublicKey({ key: { kty, crv, x, y }, format: 'jwk' });
  const [head, body, signature] = token.split('.');
  const good = verify('sha256', Buffer.from(`${head}.${body}`), { key, dsaEncoding: 'ieee-p1363' }, Buffer.from(signature, 'base64url'));
  if (good) checked.add(token);
  if (checked.size > 5_000) checked.clear();
  return good;
}

/** What is wrong with the assertion that the application got, if anything is. */
export function checkAssertion({ jwt, email, subject, groups }, { host, keys, now: [from, to] }) {
  if (!jwt) return subject || email || groups ? 'headers without an assertion' : undefined;
  if (!isSigned(jwt, keys)) return 'not signed by this gate';
  const { iss, aud, sub, email: address, groups: named, service, exp, nbf } = part(jwt, 1);
  const base = `https://${host}`;
  if (iss !== base || aud !== base) return `for ${aud}`;
  if (exp < from || nbf > to + 1 || exp - nbf > 600) return `from ${nbf} to ${exp} at ${from}`;
  if (service) return sub === subject && sub === `service/${service}` ? undefined : `for ${sub}`;
  if (address !== email || sub !== decodeURIComponent(subject)) return `about ${address}`;
  return named.join() === groups.split(',').filter(Boolean).map(decodeURIComponent).join() ? undefined : `of ${named}`;
}
