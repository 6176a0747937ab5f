import { createServer } from 'node:http';
import { createRemoteJWKSet, jwtVerify } from 'jose';

/** Where people reach the application: the gate's address, which signs as this and for this. */
const gate = process.env.GATE;
const keys = createRemoteJWKSet(new URL('/.access/jwks.json', gate));

/** Answers nginx's question: 204 with who asks, or 403. */
const server = createServer(async (request, response) => {
  try {
    const { payload } = await jwtVerify(request.headers['x-access-jwt'] ?? '', keys, {
      algorithms: ['ES256'],
      issuer: gate,
      audience: gate,
      requiredClaims: ['exp', 'sub'],
    });
    response.writeHead(204, { 'x-verified-email': payload.email ?? '' }).end();
  } catch {
    response.writeHead(403).end();
  }
});

server.listen(process.env.PORT ?? 3001, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}/`));
