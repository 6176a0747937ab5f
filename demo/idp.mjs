import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { listen, readBody } from './listen.mjs';
import { metadata, readRequest, respond } from './idp/samlp.mjs';
import { choosePage, problemPage, sendPage } from './idp/pages.mjs';
import { personById } from './people.mjs';

/**
 * The sample identity provider. It knows one service provider, the gate at `gate`, and signs people
 * in without a password. `options` can be changed while it runs: `sign`, `postOnly`, and `encrypt`, the
 * service provider's certificate with the algorithm to encrypt with: `{ cert, data }`.
 */
export async function startIdp({ keys, gate, port = 0, sign = 'assertion', postOnly = false, encrypt }) {
  const options = { sign, postOnly, encrypt };
  const sp = () => ({ entityId: `${idp.gate}/.access/metadata`, acs: `${idp.gate}/.access/acs` });

  /** Only what the registered service provider may ask for is answered. */
  async function checked(samlRequest) {
    if (!samlRequest) throw new Refused('There is no SAMLRequest. Start at the application.');
    const request = await readRequest(samlRequest);
    if (request.issuer !== sp().entityId) throw new Refused('This service provider is not registered.');
    const acs = request.assertionConsumerServiceURL ?? sp().acs;
    if (acs !== sp().acs) throw new Refused('The AuthnRequest asks for an answer to an address that is not registered.');
    if (request.destination && request.destination !== `${idp.base}/sso`) {
      throw new Refused('The AuthnRequest was meant for somebody else.');
    }
    return request;
  }

  const routes = {
    'GET /metadata': async ({ response }) =>
      send(response, 200, metadata({ ...idp, cert: keys.cert, postOnly: options.postOnly }), 'application/samlmetadata+xml'),
    'GET /sso': async ({ response, fields }) => {
      if (options.postOnly) throw new Refused('This identity provider takes AuthnRequests by POST only.');
      await choose(response, fields);
    },
    'POST /sso': ({ response, fields }) => choose(response, fields),
    'POST /sso/as': async ({ response, fields }) => {
      const request = await checked(fields.SAMLRequest);
      const person = personById(fields.person);
      if (!person) throw new Refused('Nobody here has that name.');
      const { acs, SAMLResponse } = await idp.answer(request.id, person);
      const nonce = randomBytes(16).toString('base64');
      send(response, 200, sendPage(acs, { SAMLResponse, RelayState: fields.RelayState }, nonce), 'text/html', nonce);
    },
  };

  async function choose(response, { SAMLRequest, RelayState }) {
    await checked(SAMLRequest);
    send(response, 200, choosePage({ SAMLRequest, RelayState }));
  }

  function send(response, status, body, type = 'text/html', nonce = '') {
    const script = nonce && ` script-src 'nonce-${nonce}';`;
    response
      .writeHead(status, {
        'content-type': `${type}; charset=utf-8`,
        'cache-control': 'no-store',
        'content-security-policy': `default-src 'none'; style-src 'unsafe-inline'; img-src data:;${script} form-action 'self' ${idp.gate}; frame-ancestors 'none'`,
      })
      .end(body);
  }

  const server = createServer(async (request, response) => {
    try {
      const url = new URL(request.url, 'http://localhost');
      const route = routes[`${request.method} ${url.pathname}`];
      if (!route) return send(response, 404, problemPage('There is nothing here.'));
      const form = request.method === 'POST' ? (await readBody(request)).toString() : url.searchParams;
      await route({ response, fields: Object.fromEntries(new URLSearchParams(form)) });
    } catch (error) {
      send(response, 400, problemPage(error instanceof Refused ? error.message : 'The request could not be read.'));
    }
  });
  const listening = await listen(server, port);
  const base = `http://localhost:${listening.port}`;
  const idp = {
    base,
    gate,
    entityId: `${base}/metadata`,
    keys,
    options,
    close: listening.close,
    metadata: () => metadata({ entityId: `${base}/metadata`, base, cert: keys.cert, postOnly: options.postOnly }),
    /** The answer to the AuthnRequest with this ID; `changes` are for tests. */
    async answer(inResponseTo, person, changes = {}) {
      const { acs, entityId: audience } = sp();
      const xml = await respond(
        {
          ...keys,
          issuer: idp.entityId,
          destination: acs,
          recipient: acs,
          audience,
          inResponseTo,
          sessionIndex: `_${randomBytes(16).toString('hex')}`,
          sign: options.sign,
          encrypt: options.encrypt,
          ...changes,
        },
        person,
      );
      return { acs, xml, SAMLResponse: Buffer.from(xml).toString('base64') };
    },
  };
  return idp;
}

class Refused extends Error {}
