import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newKeys } from '../../demo/idp/keys.mjs';
import { readRequest } from '../../demo/idp/samlp.mjs';
import { personById } from '../../demo/people.mjs';
import { request } from '../../tests/http/request.mjs';
import { which } from '../../tools/lib/run.mjs';
import { answering, freePort, startGroup } from '../../tools/lib/servers.mjs';
import { NeedsYou } from '../../tools/lib/step.mjs';
import { Variant, measure } from './load.mjs';
import { printRates } from './table.mjs';
import { inWorld, page } from './world.mjs';

/**
 * What a signed-in request costs at the gate and at mod_auth_mellon, each against the same server
 * with nothing but its way to the application.
 */
export async function mellon({ rounds, seconds }) {
  if (!(await which('apache2'))) {
    throw new NeedsYou('Apache with mod_auth_mellon is missing. Run:\n\n  apt-get install apache2 libapache2-mod-auth-mellon');
  }
  const variants = await inWorld({}, async ({ gate, port, signedIn, origin, idp }) => {
    const ends = [];
    try {
      const apache = await startApache(ends, origin, idp);
      const [ours, theirs] = [await signedIn('carol'), await signInAtMellon(apache, idp)];
      const variants = [
        new Variant('workerd, bare pass-through', port['pass-through'], '/HR/page', page),
        new Variant('workerd, the gate', gate, '/HR/page', { ...page, cookie: ours }),
        new Variant('Apache, bare proxy', apache.bare, '/HR/page', page),
        new Variant('Apache, mod_auth_mellon', apache.protected, '/HR/page', { ...page, cookie: theirs }),
      ];
      await measure(variants, { rounds, seconds });
      return variants;
    } finally {
      for (const end of ends.reverse()) await end();
    }
  });
  const [bareWorker, gate, bareApache, theirs] = variants;
  printRates('Signed in and allowed, against the same server bare', [[gate, bareWorker], [theirs, bareApache]]);
}

/** Apache with two ways to the origin: one bare, one that mellon protects by a group. */
async function startApache(ends, origin, idp) {
  const folder = await mkdtemp(join(tmpdir(), 'vestibule-mellon-'));
  ends.push(() => rm(folder, { recursive: true }));
  // Apache's workers run as somebody else.
  await chmod(folder, 0o755);
  const ports = { bare: await freePort(), protected: await freePort() };
  const sp = await newKeys('mellon');
  await writeFile(join(folder, 'sp.key'), sp.key);
  await writeFile(join(folder, 'sp.crt'), sp.cert);
  await writeFile(join(folder, 'idp.xml'), idp.metadata());
  const modules = ['mpm_event', 'authn_core', 'authz_core', 'authz_user', 'auth_mellon', 'proxy', 'proxy_http'];
  const conf = `
ServerRoot ${folder}
ServerName localhost
PidFile ${folder}/pid
ErrorLog ${folder}/error.log
User www-data
Group www-data
Listen 127.0.0.1:${ports.bare}
Listen 127.0.0.1:${ports.protected}
${modules.map((name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`).join('\n')}
<VirtualHost 127.0.0.1:${ports.bare}>
  ProxyPass / ${origin}/
</VirtualHost>
<VirtualHost 127.0.0.1:${ports.protected}>
  ServerName http://localhost:${ports.protected}
  ProxyPass /mellon/ !
  ProxyPass / ${origin}/
  <Location />
    MellonSPPrivateKeyFile ${folder}/sp.key
    MellonSPCertFile ${folder}/sp.crt
    MellonIdPMetadataFile ${folder}/idp.xml
    MellonEndpointPath /mellon
    MellonSecureCookie Off
    MellonEnable auth
    MellonCond groups HR
    AuthType Mellon
    Require valid-user
  </Location>
</VirtualHost>
`;
  await writeFile(join(folder, 'apache.conf'), conf);
  const server = startGroup('apache2', ['-f', join(folder, 'apache.conf'), '-DFOREGROUND'], { cwd: folder, env: process.env });
  ends.push(() => server.stop());
  await answering(`http://localhost:${ports.bare}/`, server);
  return ports;
}

/** The cookie of a session in which carol is signed in at mellon. */
async function signInAtMellon({ protected: port }, idp) {
  const base = `http://localhost:${port}`;
  const cookies = new Map();
  const ask = async (url, options = {}) => {
    const cookie = [...cookies].map((pair) => pair.join('=')).join('; ');
    const answer = await request(url, { ...options, headers: { accept: 'text/html', ...(cookie && { cookie }) } });
    for (const line of answer.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
      cookies.set(name, value);
    }
    return answer;
  };
  let to = `${base}/HR/page`;
  while (to.startsWith(base)) {
    const answer = await ask(to);
    const location = answer.headers.get('location');
    if (!location) throw new Error(`mellon: ${answer.status} ${await answer.text()}`);
    to = new URL(location, base).href;
  }
  const { SAMLRequest, RelayState } = Object.fromEntries(new URL(to).searchParams);
  const { id, issuer } = await readRequest(SAMLRequest);
  const acs = `${base}/mellon/postResponse`;
  const changes = { destination: acs, recipient: acs, audience: issuer };
  const { SAMLResponse } = await idp.answer(id, personById('carol'), changes);
  const answer = await ask(acs, { method: 'POST', body: new URLSearchParams({ SAMLResponse, RelayState }) });
  if (answer.status !== 303) throw new Error(`mellon: ${answer.status} ${await answer.text()}`);
  return [...cookies].map((pair) => pair.join('=')).join('; ');
}
