import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newKeys } from '../../demo/idp/keys.mjs';
import { people } from '../../demo/people.mjs';
import { pythonPackages } from '../../tools/lib/python.mjs';
import { root } from '../../tools/lib/paths.mjs';
import { which } from '../../tools/lib/run.mjs';
import { answering, freePort, startGroup } from '../../tools/lib/servers.mjs';

const here = join(root, 'tests', 'idps');

/** Where Debian's package has what the web server shows. */
export const simplesamlphpPages = '/usr/share/simplesamlphp/www';

/** Each starts a server that knows the service provider of `spMetadata`. */
export const providers = {
  async SimpleSAMLphp(spMetadata) {
    const { folder, base, port } = await prepare(spMetadata);
    const env = { ...process.env, SIMPLESAMLPHP_CONFIG_DIR: join(here, 'simplesamlphp'), IDP_FOLDER: folder, IDP_BASE: base };
    const args = ['-d', 'error_reporting=0', '-S', `127.0.0.1:${port}`, '-t', simplesamlphpPages];
    const metadata = `${base}/saml2/idp/metadata.php`;
    const variant = ({ assertion, response, encrypt = false, validateRequests = false }) => ({
      'saml20.sign.assertion': assertion,
      'saml20.sign.response': response,
      'assertion.encryption': encrypt,
      'validate.authnrequest': validateRequests,
    });
    const attributes = ['--preset', 'simplesamlphp'];
    return started({ folder, base, metadata, variant, attributes, server: startGroup('php', args, { env }) });
  },

  async pysaml2(spMetadata) {
    const { folder, base } = await prepare(spMetadata);
    const python = await pythonPackages('pysaml2', join(here, 'pysaml2', 'requirements.txt'));
    const env = { ...process.env, XMLSEC1: await which('xmlsec1') };
    const metadata = `${base}/metadata`;
    const variant = ({ assertion, response, encrypt = false, cipher, sha1 = false }) => ({
      sign_assertion: assertion,
      sign_response: response,
      encrypt,
      cipher,
      sha1,
    });
    const server = startGroup(python, [join(here, 'pysaml2', 'idp.py'), folder, base], { env });
    const attributes = ['--email-attribute', 'NameID', '--groups-attribute', 'groups'];
    return started({ folder, base, metadata, variant, attributes, server });
  },
};

async function prepare(spMetadata) {
  const folder = await mkdtemp(join(tmpdir(), 'vestibule-idp-'));
  const { key, cert } = await newKeys('Identity provider');
  await mkdir(join(folder, 'tmp'));
  const files = { 'key.pem': key, 'cert.pem': cert, 'sp.xml': spMetadata, 'people.json': JSON.stringify(people), 'variant.json': '{}' };
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text, { mode: 0o600 });
  const port = await freePort();
  return { folder, port, base: `http://localhost:${port}` };
}

async function started({ folder, base, metadata, variant, attributes, server }) {
  const close = async () => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await answering(metadata, server);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    base,
    close,
    output: server.output,
    /** What `vestibule idp add` is told of its attributes. */
    attributes,
    metadata: async () => (await fetch(metadata)).text(),
    /** Which elements are signed, and whether and how the assertion is encrypted. */
    use: (which) => writeFile(join(folder, 'variant.json'), JSON.stringify(variant(which))),
  };
}
