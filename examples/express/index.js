import express from 'express';
import { createRemoteJWKSet, jwtVerify } from 'jose';

/** Where people reach the application: the gate's address, which signs as this and for this. */
const gate = process.env.GATE;
// It keeps the keys, and asks for new ones at most twice a minute when it meets one that it does not know.
const keys = createRemoteJWKSet(new URL('/.access/jwks.json', gate));

/** Lets through what the gate has signed, and tells who asks. */
async function throughTheGate(request, response, next) {
  try {
    const { payload } = await jwtVerify(request.get('x-access-jwt') ?? '', keys, {
      algorithms: ['ES256'],
      issuer: gate,
      audience: gate,
      requiredClaims: ['exp', 'sub'],
    });
    request.caller = payload;
  } catch {
    return response.status(403).type('text/plain').send('Not through the gate.\n');
  }
  next();
}

const app = express();
app.use('/assets', express.static(new URL('public', import.meta.url).pathname));
app.use(throughTheGate);
app.get(['/', '/HR', '/IT'], ({ path, caller }, response) => {
  response.json({ page: path, email: caller.email, groups: caller.groups });
});

const server = app.listen(process.env.PORT ?? 3000, '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${server.address().port}/`);
});
