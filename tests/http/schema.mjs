import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { validateXML } from 'xmllint-wasm';
import { root } from '../../tools/lib/paths.mjs';

const folder = join(root, 'tests', 'schemas');

/** All that a document of ours may be made of; what a schema lets in is looked up in the others. */
const all = `<schema xmlns="http://www.w3.org/2001/XMLSchema">
<import namespace="urn:oasis:names:tc:SAML:2.0:metadata" schemaLocation="saml-schema-metadata-2.0.xsd"/>
<import namespace="urn:oasis:names:tc:SAML:2.0:protocol" schemaLocation="saml-schema-protocol-2.0.xsd"/>
<import namespace="http://www.w3.org/2009/xmlenc11#" schemaLocation="xenc11-schema.xsd"/>
</schema>`;

/** What is wrong with a document by the schemas of SAML: nothing, if it is valid. */
export async function schemaErrors(xml) {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.xsd'));
  // They name each other by address on the web.
  const local = (text) => text.replace(/schemaLocation="http[^"]*\/([^"/]+)"/g, 'schemaLocation="$1"');
  const preload = names.map(async (fileName) => ({
    fileName,
    contents: local(await readFile(join(folder, fileName), 'utf8')),
  }));
  const { errors } = await validateXML({
    xml: { fileName: 'ours.xml', contents: xml },
    schema: { fileName: 'all.xsd', contents: all },
    preload: await Promise.all(preload),
  });
  return errors.map(({ rawMessage }) => rawMessage);
}
