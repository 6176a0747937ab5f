import { createRemoteJWKSet, jwtVerify } from 'jose';

/**
 * Who is asking, from the assertion that the gate signed. The plain headers are convenient, but only
 * the assertion proves that a request came through the gate, so both have to say the same.
 */
export function callerReader(gate) {
  const keys = createRemoteJWKSet(new URL('/.access/jwks.json', gate));
  return async (headers) => {
    const { payload } = await jwtVerify(headers['x-access-jwt'] ?? '', keys, {
      algorithms: ['ES256'],
      issuer: gate,
      audience: gate,
      requiredClaims: ['exp', 'iat', 'sub'],
    });
    const plain = {
      subject: headers['x-access-subject'],
      email: headers['x-access-email'],
      groups: (headers['x-access-groups'] ?? '').split(',').filter(Boolean).map(decodeURIComponent),
    };
    return { ...plain, claims: payload };
  };
}
