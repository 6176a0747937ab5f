import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { root } from '../../tools/lib/paths.mjs';
import { app, auth, document, Person, startHosts } from '../http/hosts.mjs';
import { startStack } from '../http/stack.mjs';
import { startChromium } from './chromium.mjs';
import { furnished } from './furnished.mjs';
import { barriers, interactive, mirror, tabStops, tooWide, variants } from './look.mjs';
import { documented, picture } from './screenshots.mjs';
import { startChromiumOverTls } from './tls.mjs';

const as = '&as=somebody&email=bob%40example.com&groups=IT%2C+Staff';
const explained = `/.access/explain?path=/IT/printers&method=GET${as}`;
/** Where a command line waits; what leads there leads nowhere. */
const commandLine = 'http://127.0.0.1:9/';
const asking = `/.access/cli?${new URLSearchParams({ redirect: commandLine, state: 'A'.repeat(22), challenge: 'A'.repeat(43) })}`;

const letIn = async (page) => {
  await page.goto(auth + asking);
  await page.click('main button');
  await page.waitForSelector('meta[http-equiv=refresh]', { state: 'attached' });
};
const signOut = async (page) => {
  await signIn(page, auth, 'alice');
  await page.goto(`${auth}/.access/logout`);
};
const comeBack = async (page) => {
  await page.goto(`${app}/.access/logout`);
  await page.goto(`${app}/HR`);
};

/** Name, template, the way there, status, and something that stands there in English and in German. */
const pages = {
  nobody: [
    ['choose', 'choose', '/HR?year=2026', 200, 'How do you sign in?', 'Wie melden Sie sich an?'],
    ['leaving', 'leaving', '/.access/login?idp=partners', 200, 'on your way to Partners', 'auf dem Weg zu Partners'],
    ['closed', 'refused', '/elsewhere', 403, 'This page is closed', 'Diese Seite ist geschlossen'],
    ['link', 'refused', '/HR%2f', 400, 'This link does not work', 'Dieser Link funktioniert nicht'],
    ['unreadable', 'refused', '/.access/slo?SAMLRequest=x&SigAlg=x&Signature=x', 400, 'could not be read', 'nicht zu lesen'],
    ['no-page', 'refused', '/.access/nothing', 404, 'There is no such page', 'Diese Seite gibt es nicht'],
    ['set-up', 'refused', '/.access/login?idp=other', 503, 'This is not ready yet', 'noch nicht alles bereit'],
  ],
  alice: [
    ['refused', 'refused', '/IT/printers?floor=2', 403, 'You can’t open this page', 'dürfen Sie nicht öffnen'],
    ['whoami', 'whoami', '/.access/whoami', 200, 'You are signed in', 'Sie sind angemeldet'],
    ['signed-in', 'signed_in', '/.access/signed-in', 200, 'Close this tab', 'Schließen Sie diesen Tab'],
    ['apps', 'apps', '/.access/apps', 200, 'My applications', 'Meine Anwendungen'],
    ['apps-search', 'apps', '/.access/apps?q=rooms', 200, 'Rooms and desks', 'Suche'],
    ['apps-none', 'apps', '/.access/apps?q=nothing', 200, 'fits this search', 'passt zu dieser Suche'],
    ['explain', 'explain', '/.access/explain', 200, 'Explain a decision', 'Entscheidung erklären'],
    ['explain-answer', 'explain', explained, 200, 'Allowed', 'Erlaubt'],
    ['command-line', 'command_line', asking, 200, 'Let the command line in?', 'Die Kommandozeile einlassen?'],
    ['going-on', 'going_on', letIn, 200, 'One moment', 'Einen Moment'],
    ['hand-over', 'hand_over', comeBack, 200, 'Sign in again?', 'Wieder anmelden?'],
    ['signed-out-here', 'signed_out_here', `${app}/.access/logout`, 200, 'still signed in at', 'sind Sie noch angemeldet'],
    ['signed-out', 'signed_out', signOut, 200, 'You are signed out', 'Sie sind abgemeldet'],
  ],
};

/** What is around every page, and the file that the command line writes: command-line.test.mjs looks at that. */
const noPages = ['layout.html', 'report.html'];

const inReadme = ['refused', 'apps'];

test('a page is visited of every template', async () => {
  const visited = Object.values(pages).flat().map(([, template]) => `${template}.html`);
  const templates = (await readdir(join(root, 'templates'))).filter((name) => name.endsWith('.html'));
  assert.deepEqual([...new Set([...visited, ...noPages])].sort(), templates.sort());
});

const main = (page) => page.locator('main').innerText();

/** From the choice of an identity provider, through the sample's pages, to `url`. */
async function choose(page, person, url) {
  await page.click('a[href*="idp=sample"]');
  await page.click(`button[value=${person}]`);
  // The sample's page goes on by itself only where scripts run.
  const arrived = page.waitForURL(url);
  const pressed = page.click('form[action$="/.access/acs"] button').catch(() => {});
  await Promise.race([arrived, pressed]);
  await arrived;
}

async function signIn(page, base, person) {
  await page.context().clearCookies();
  await page.goto(`${base}/`);
  await choose(page, person, `${base}/`);
}

/** The pages are at the auth host, which hands over to an application. */
const change = (documents) => ({
  ...furnished(documents, new URL(auth).hostname),
  [`app/${new URL(app).hostname}`]: document(app, { idps: ['sample'], auth_host: new URL(auth).hostname }, [
    { path: '/HR/**', allow: { group: 'HR' } },
  ]),
});

test('every page, with scripts and without', async (t) => {
  const stack = await startHosts(t, { change });
  const styles = ['style.css', 'look.css'].map(async (file) => {
    const answer = await new Person(stack).go(`${auth}/.access/${file}`);
    return (await answer.arrayBuffer()).byteLength;
  });
  const style = (await Promise.all(styles)).reduce((sum, bytes) => sum + bytes, 0);
  const own = [auth, app, stack.idp.base, commandLine, 'data:'];

  for (const javaScriptEnabled of [true, false]) {
    const browser = await startChromiumOverTls(t, stack, { javaScriptEnabled });
    const page = await browser.newPage();
    await page.route('**/.access/submit.js', (route) => route.abort());
    await page.route(`${commandLine}**`, (route) => route.fulfill({ status: 204 }));
    const fetched = [];
    let answer;
    page.on('request', (request) => fetched.push(request.url()));
    page.on('response', (response) => {
      if (response.request().isNavigationRequest() && response.status() !== 204) answer = response;
    });
    const arrive = async (way, language) => {
      await page.setExtraHTTPHeaders({ 'accept-language': language });
      if (typeof way === 'function') await way(page);
      else await page.goto(new URL(way, auth).href);
    };
    /** What stands in the way of people, in each variant. */
    const look = async (which) => {
      for await (const variant of variants(page)) {
        assert.deepEqual(await barriers(page), [], `${which} ${variant}`);
        assert.ok((await tooWide(page)) <= 0, `${which} ${variant}`);
      }
    };

    const scripts = javaScriptEnabled ? 'with scripts' : 'without scripts';
    for (const [who, list] of Object.entries(pages)) {
      if (who !== 'nobody') await signIn(page, auth, who);
      for (const [name, , way, status, english, german] of list) {
        await t.test(`${name} ${scripts}`, async () => {
          fetched.length = 0;
          await arrive(way, 'en');
          assert.equal(answer.status(), status);
          assert.ok((await main(page)).includes(english), await main(page));
          assert.notEqual(await page.title(), 'ran');
          assert.deepEqual(fetched.filter((url) => !own.some((lead) => url.startsWith(lead))), []);
          if (!javaScriptEnabled) return;

          const bytes = (await answer.body()).length + style;
          assert.ok(bytes < 20 * 1024, `${bytes} bytes`);
          await look('en');
          const stops = await tabStops(page);
          assert.deepEqual(stops.filter(({ seen }) => !seen), []);
          assert.equal(stops.length, await interactive(page), JSON.stringify(stops));
          await picture(page, `page-${name}`);
          if (inReadme.includes(name)) await documented(page, name);
          await mirror(page);
          for await (const variant of variants(page)) assert.ok((await tooWide(page)) <= 0, `rtl ${variant}`);

          await arrive(way, 'de-AT, en;q=0.5');
          assert.equal(await page.getAttribute('html', 'lang'), 'de');
          assert.ok((await main(page)).includes(german), await main(page));
          await look('de');
          await picture(page, `page-${name}-de`);
        });
      }
    }
    await browser.close();
  }
});

test('the way through the pages without scripts', async (t) => {
  const stack = await startStack(t, { change: furnished });
  const page = await (await startChromium(t, { javaScriptEnabled: false })).newPage();

  await t.test('an identity provider is chosen, and the page asked for comes at the end', async () => {
    await page.goto(`${stack.base}/HR?year=2026`);
    await choose(page, 'alice', `${stack.base}/HR?year=2026`);
  });

  await t.test('one that takes requests by POST alone is reached by a button', async () => {
    await page.goto(`${stack.base}/.access/login?idp=partners`);
    assert.match(await main(page), /on your way to Partners & Friends/);
    await page.click('button');
    await page.waitForURL(`${stack.idp.base}/sso**`);
  });

  await t.test('who is refused signs in as somebody else and comes to the page that was refused', async () => {
    await page.goto(`${stack.base}/IT/printers?floor=2`);
    const text = await main(page);
    for (const told of ['alice@example.com', '/IT/printers', 'The machines belong to IT', 'it@example.com']) {
      assert.ok(text.includes(told), text);
    }
    assert.ok(!text.includes('not-allowed'), 'the code is for the administrator');
    await page.click('summary');
    assert.match(await main(page), /not-allowed/);
    await page.click('text=Sign in as somebody else');
    await choose(page, 'bob', `${stack.base}/IT/printers?floor=2`);
    await page.goto(`${stack.base}/.access/whoami`);
    assert.match(await main(page), /bob@example\.com/);
  });

  await t.test('applications are searched', async () => {
    await page.goto(`${stack.base}/.access/apps`);
    assert.equal(await page.locator('.apps li').count(), 8, 'Bob is in IT');
    await page.fill('#q', 'directory');
    await page.press('#q', 'Enter');
    assert.deepEqual(await page.locator('.apps strong').allInnerTexts(), ['Telephone directory']);
  });

  await t.test('a decision is explained to those whom the policy names, and to nobody else', async () => {
    const missing = await (await page.goto(`${stack.base}/.access/nothing`)).status();
    assert.equal((await page.goto(`${stack.base}/.access/explain`)).status(), missing, 'Bob is not in HR');
    await page.goto(`${stack.base}/.access/logout`);
    await signIn(page, stack.base, 'alice');
    await page.goto(`${stack.base}/.access/explain`);
    await page.fill('#path', '/IT/printers');
    await page.click('button');
    assert.match(await main(page), /Refused[^]*The machines belong to IT/);
    await page.check('input[value=somebody]');
    await page.fill('#groups', 'Staff\nIT');
    await page.click('button');
    assert.match(await page.innerText('.answer h2'), /Allowed/);
    await page.fill('#path', '/IT/%2e%2e/HR');
    await page.click('button');
    assert.match(await page.innerText('.answer'), /path-dot-segment/);
  });
});
