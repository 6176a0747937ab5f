import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startStack } from '../http/stack.mjs';
import { startChromium } from './chromium.mjs';
import { barriers, interactive, mirror, tabStops, tooWide, variants } from './look.mjs';
import { picture } from './screenshots.mjs';

/** A logo whose script must never run, and which must fetch nothing. */
const logo = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32" onload="document.title='ran'">
  <script>document.title = 'ran'; fetch('https://logo.example/')</script>
  <image href="https://logo.example/x.png" width="1" height="1"/>
  <rect width="32" height="32" rx="8" fill="#0b57a4"/><path d="M9 23V9h5v14zM18 23v-9h5v9z" fill="#fff"/></svg>`;

const look = {
  accent: '#0b57a4',
  contact: 'it@example.com',
  logo: `data:image/svg+xml;base64,${Buffer.from(logo).toString('base64')}`,
  about: 'News, holidays and payroll',
};

const others = [
  ['wiki', 'Wiki', 'What we know'],
  ['tickets', 'Tickets', 'Ask for help, and see what became of it'],
  ['travel', 'Travel expenses', undefined],
  ['rooms', 'Rooms and desks', 'Where to sit and to meet'],
  ['phone', 'Telephone directory', 'Everybody, with their extension'],
  ['canteen', 'Canteen', 'Menu of the week'],
  ['machines', 'Machines', 'Not for everybody'],
];

/** Two identity providers, a look, other applications, and HR may explain. */
function furnished(documents) {
  const policy = JSON.parse(documents['app/localhost']);
  const partners = JSON.parse(documents['idp/sample']);
  partners.name = 'Partners & Friends';
  partners.metadata = partners.metadata
    .replace(/entityID="[^"]*"/, 'entityID="https://partners.example/"')
    .replace(/<[\w:]*SingleSignOnService[^>]*HTTP-Redirect[^>]*>/, '');
  Object.assign(policy, {
    look,
    sign_in: { idps: ['sample', 'partners'] },
    explain: { group: 'HR' },
    apps: others.map(([id]) => `${id}.example.com`),
  });
  const app = ([id, name, about]) => {
    const allow = id === 'machines' ? { group: 'IT' } : 'signed-in';
    const document = {
      name,
      hosts: [`${id}.example.com`],
      sign_in: { idps: ['sample'] },
      look: { ...(about && { about }), ...(id === 'canteen' && { icon: '🍲' }) },
      rules: [{ path: '/**', allow }],
    };
    return [`app/${id}.example.com`, JSON.stringify(document)];
  };
  return {
    ...documents,
    ...Object.fromEntries(others.map(app)),
    'idp/partners': JSON.stringify(partners),
    'app/localhost': JSON.stringify(policy),
  };
}

const question = '/.access/explain?path=/IT/printers&method=GET&as=somebody&email=bob%40example.com&groups=IT%2C+Staff';

/** Name, path, status, and something that stands there in English and in German. */
const pages = {
  nobody: [
    ['choose', '/HR?year=2026', 200, 'How do you sign in?', 'Wie melden Sie sich an?'],
    ['closed', '/elsewhere', 403, 'This page is closed', 'Diese Seite ist geschlossen'],
    ['link', '/HR%2f', 400, 'This link does not work', 'Dieser Link funktioniert nicht'],
    ['unreadable', '/.access/slo?SAMLRequest=x&SigAlg=x&Signature=x', 400, 'could not be read', 'nicht zu lesen'],
    ['no-page', '/.access/nothing', 404, 'There is no such page', 'Diese Seite gibt es nicht'],
    ['set-up', '/.access/login?idp=other', 503, 'This is not ready yet', 'noch nicht alles bereit'],
  ],
  alice: [
    ['refused', '/IT/printers?floor=2', 403, 'You can’t open this page', 'dürfen Sie nicht öffnen'],
    ['whoami', '/.access/whoami', 200, 'You are signed in', 'Sie sind angemeldet'],
    ['apps', '/.access/apps', 200, 'My applications', 'Meine Anwendungen'],
    ['apps-search', '/.access/apps?q=rooms', 200, 'Rooms and desks', 'Suche'],
    ['apps-none', '/.access/apps?q=nothing', 200, 'fits this search', 'passt zu dieser Suche'],
    ['explain', '/.access/explain', 200, 'Explain a decision', 'Entscheidung erklären'],
    ['explain-answer', question, 200, 'Allowed', 'Erlaubt'],
    ['signed-out', '/.access/logout', 200, 'You are signed out', 'Sie sind abgemeldet'],
  ],
};

const main = (page) => page.locator('main').innerText();

/** From the choice of an identity provider, through the sample's pages, to `path`. */
async function choose(page, stack, person, path) {
  await page.click('a[href*="idp=sample"]');
  await page.click(`button[value=${person}]`);
  // The sample's page goes on by itself only where scripts run.
  const arrived = page.waitForURL(stack.base + path);
  const pressed = page.click('form[action$="/.access/acs"] button').catch(() => {});
  await Promise.race([arrived, pressed]);
  await arrived;
}

async function signIn(page, stack, person) {
  await page.goto(`${stack.base}/`);
  await choose(page, stack, person, '/');
}

test('every page, with scripts and without', async (t) => {
  const stack = await startStack(t, { change: furnished });
  for (const javaScriptEnabled of [true, false]) {
    const browser = await startChromium(t, { javaScriptEnabled });
    const page = await browser.newPage();
    const fetched = [];
    page.on('request', (request) => fetched.push(request.url()));
    const scripts = javaScriptEnabled ? 'with scripts' : 'without scripts';
    for (const [who, list] of Object.entries(pages)) {
      if (who !== 'nobody') await signIn(page, stack, who);
      for (const [name, path, status, english, german] of list) {
        await t.test(`${name} ${scripts}`, async () => {
          fetched.length = 0;
          await page.setExtraHTTPHeaders({ 'accept-language': 'en' });
          const answer = await page.goto(stack.base + path);
          assert.equal(answer.status(), status);
          assert.ok((await main(page)).includes(english), await main(page));
          assert.notEqual(await page.title(), 'ran');
          const own = [stack.base, 'data:'];
          assert.deepEqual(fetched.filter((url) => !own.some((lead) => url.startsWith(lead))), []);
          if (!javaScriptEnabled) return;

          let bytes = (await answer.body()).length;
          for (const file of ['style.css', 'look.css']) {
            bytes += (await (await page.request.get(`${stack.base}/.access/${file}`)).body()).length;
          }
          assert.ok(bytes < 20 * 1024, `${bytes} bytes`);

          for await (const variant of variants(page)) {
            assert.deepEqual(await barriers(page), [], variant);
            assert.ok((await tooWide(page)) <= 0, variant);
          }
          const stops = await tabStops(page);
          assert.deepEqual(stops.filter(({ seen }) => !seen), []);
          assert.equal(stops.length, await interactive(page), JSON.stringify(stops));
          await picture(page, `page-${name}`);
          await mirror(page);
          for await (const variant of variants(page)) assert.ok((await tooWide(page)) <= 0, `rtl ${variant}`);

          if (name === 'signed-out') await signIn(page, stack, who);
          await page.setExtraHTTPHeaders({ 'accept-language': 'de-AT, en;q=0.5' });
          await page.goto(stack.base + path);
          assert.equal(await page.getAttribute('html', 'lang'), 'de');
          assert.ok((await main(page)).includes(german), await main(page));
          for await (const variant of variants(page)) {
            assert.deepEqual(await barriers(page), [], `de ${variant}`);
            assert.ok((await tooWide(page)) <= 0, `de ${variant}`);
          }
          await picture(page, `page-${name}-de`);
        });
      }
    }
    await browser.close();
  }
});

test('the page that leaves for an identity provider, where its script does not come', async (t) => {
  const stack = await startStack(t, { change: furnished });
  const page = await (await startChromium(t)).newPage();
  await page.route('**/.access/submit.js', (route) => route.abort());
  await page.goto(`${stack.base}/.access/login?idp=partners`);
  for await (const variant of variants(page)) {
    assert.deepEqual(await barriers(page), [], variant);
    assert.ok((await tooWide(page)) <= 0, variant);
  }
  await picture(page, 'page-leaving');
});

test('the way through the pages without scripts', async (t) => {
  const stack = await startStack(t, { change: furnished });
  const page = await (await startChromium(t, { javaScriptEnabled: false })).newPage();

  await t.test('an identity provider is chosen, and the page asked for comes at the end', async () => {
    await page.goto(`${stack.base}/HR?year=2026`);
    await choose(page, stack, 'alice', '/HR?year=2026');
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
    await choose(page, stack, 'bob', '/IT/printers?floor=2');
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
    await signIn(page, stack, 'alice');
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
