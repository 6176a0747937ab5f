import { utimes } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { build } from './build.mjs';
import { handedToNewerNode } from './lib/node.mjs';
import { documents, putLocally, writeDevVars } from './lib/local.mjs';
import { local, root } from './lib/paths.mjs';
import { livePolicy } from './lib/live-policy.mjs';
import { answering, checkFree, pause, startGroup } from './lib/servers.mjs';
import { main, step } from './lib/step.mjs';
import { wranglerEnvironment, wranglerPath } from './lib/wrangler.mjs';
import { welcome } from './lib/welcome.mjs';
import { setup } from './setup.mjs';

const { values } = parseArgs({
  options: { port: { type: 'string', default: '8787' }, policy: { type: 'string', default: 'demo/policy.json' } },
});
const policy = relative(root, resolve(values.policy));
const [gatePort, idpPort, appPort, startPort] = [0, 1, 2, 3].map((more) => Number(values.port) + more);
const gate = `http://localhost:${gatePort}`;

await main(async () => {
  if (!process.env.VESTIBULE_SET_UP) await setup();
  process.env.VESTIBULE_SET_UP = 'yes';
  if (await handedToNewerNode()) return;
  await start();
});

async function start() {
  const running = [];
  const stopped = new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => resolve(0));
  });
  try {
    await checkFree(gatePort, 'the gate');
    await checkFree(idpPort, 'the sample identity provider');
    await checkFree(appPort, 'the sample application');
    await checkFree(startPort, 'the start page');
    await step('Build the Worker', '2 min the first time', () => build());
    const server = await Promise.race([bringUp(running), stopped.then(() => null)]);
    if (!server) return;
    console.log(welcome({ gate, application: `http://localhost:${appPort}`, start: `http://localhost:${startPort}`, policy }));
    const code = await Promise.race([server.ended, stopped]);
    if (code !== 0) throw new Error(`the gate ended with ${code}\n${server.output()}`);
  } finally {
    for (const one of running.reverse()) await (one.stop ?? one.close)();
  }
  console.log('\nEverything is stopped.');
}

async function bringUp(running) {
  // Only now: these need the npm packages that the set-up has just put there.
  const { startIdp } = await import('../demo/idp.mjs');
  const { keptKeys } = await import('../demo/idp/keys.mjs');
  const { startApp } = await import('../demo/app.mjs');
  const { startStartPage } = await import('../demo/start.mjs');
  const { logReader } = await import('../demo/start/log.mjs');

  const idp = await startIdp({ keys: await keptKeys(local), gate, port: idpPort });
  running.push(idp);
  const app = await startApp({ gate, port: appPort });
  running.push(app);
  const page = await startStartPage({ gate, application: app.base, port: startPort, file: policy });
  running.push(page);
  let isolates = 0;
  const startAnew = async () => {
    const before = isolates;
    // wrangler watches its configuration.
    await utimes(join(root, 'wrangler.toml'), new Date(), new Date());
    for (const end = Date.now() + 30_000; isolates === before; await pause(200)) {
      if (Date.now() > end) throw new Error('wrangler dev\nThe Worker did not start anew.');
      await fetch(`${gate}/.access/health`).catch(() => {});
    }
  };
  const live = livePolicy(policy, { tell: page.setPolicy, startAnew });
  running.push(live);
  await step('Local keys, policy and identity provider', '1 min the first time', async () => {
    await writeDevVars({ GATE_URL: gate, ORIGIN_URL: app.base });
    const { 'idp/sample': sample } = await documents(idp);
    await putLocally({ 'idp/sample': sample });
    await live.publish();
  });
  return step('Start the gate', '5 s', async () => {
    const read = logReader((record) => {
      page.record(record);
      // The first line of each isolate.
      if (record.event === 'keys') isolates += 1;
    });
    const args = ['dev', '--local', '--ip', '127.0.0.1', '--port', String(gatePort), '--inspector-port', '0'];
    const server = startGroup(wranglerPath, [...args, '--show-interactive-dev-session=false'], {
      cwd: root,
      env: { ...process.env, ...wranglerEnvironment },
      log: (text) => {
        read(text);
        if (process.env.VESTIBULE_LOG) process.stdout.write(text);
      },
    });
    running.push(server);
    await answering(`${gate}/.access/health`, server);
    live.watch();
    return server;
  });
}
