import { startApp } from '../../demo/app.mjs';
import { startIdp } from '../../demo/idp.mjs';
import { newKeys as newIdpKeys } from '../../demo/idp/keys.mjs';
import { documents as demoDocuments } from '../../tools/lib/local.mjs';
import { freePort } from '../../tools/lib/servers.mjs';
import { newKeys } from '../../tools/lib/vestibule.mjs';
import { startGate } from './gate.mjs';

/**
 * Gate, sample identity provider and sample application, with fresh keys and fresh state.
 *
 * `without` leaves out bindings, secrets or documents by name; `vars` and `change` alter variables
 * and documents; `beside` are other workers in the same workerd; `limits` are rate limits; the rest
 * is the identity provider's. `entry` is a module before the Worker's own. `folder` keeps the KV, and `anew(vars)` starts a gate that
 * remembers nothing else, with these variables changed. `twin` is another isolate with the same store and ledger, at `stack.twin`. `tail` is a Tail Worker of the gate. The stack is closed when test `t` ends.
 */
export async function startStack(t, { without = [], vars = {}, change = (all) => all, beside, limits, folder, entry, tail, inspector, twin, ...idpOptions } = {}) {
  const port = await freePort();
  const base = `http://localhost:${port}`;
  const idp = await startIdp({ keys: await newIdpKeys(), gate: base, ...idpOptions });
  const app = await startApp({ gate: base });
  let gate;
  t.after(() => Promise.all([gate?.close(), idp.close(), app.close()]));

  const documents = change(await demoDocuments(idp));
  for (const name of without) delete documents[name];
  const allVars = { ...(await newKeys()), GATE_URL: base, ORIGIN_URL: app.base, ...vars };
  const more = twin ? [{ name: 'twin', port: await freePort(), vars: allVars }] : [];
  const settings = { port, vars: allVars, without, beside, limits, folder, entry, tail, inspector, more };
  gate = await startGate({ ...settings, documents });
  const stack = { gate, idp, app, base, port, ...(twin && { twin: `http://localhost:${more[0].port}` }) };
  stack.anew = async (changed = {}) => {
    await gate.close();
    settings.vars = { ...settings.vars, ...changed };
    gate = await startGate({ ...settings, documents: {} });
    stack.gate = gate;
  };
  return stack;
}

