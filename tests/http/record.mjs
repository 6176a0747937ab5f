import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import Ajv from 'ajv/dist/2020.js';
import { root } from '../../tools/lib/paths.mjs';

const schema = JSON.parse(await readFile(join(root, 'schemas', 'record.schema.json'), 'utf8'));
const ajv = new Ajv({ allowUnionTypes: true }).addSchema(schema, 'record');

/** What no line may hold, whatever its shape: cookies, tokens, keys, messages of SAML. */
const secrets = /__Host-access(-login-\w+|-\d)?=|\beyJ[\w-]{10,}\.|SAMLRe(quest|sponse)"?[=:]|<\w*:?(Response|Assertion|AuthnRequest)|PRIVATE KEY|"d":/;

/** What is wrong with a line of the log by its schema; nothing, if it is valid. */
export function faultOf(line) {
  if (secrets.test(line)) return `a secret is logged: ${line}`;
  let record;
  try {
    record = JSON.parse(line);
  } catch {
    return `not JSON: ${line}`;
  }
  const validate = ajv.getSchema(`record#/$defs/${record.event}`);
  if (!validate) return `no such event: ${line}`;
  return validate(record) ? undefined : `${ajv.errorsText(validate.errors)}: ${line}`;
}
