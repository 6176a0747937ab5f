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

/**
 * The documents with two identity providers, a look, other applications, and HR may explain. The
 * application of localhost is that of `host`.
 */
export function furnished(documents, host = 'localhost') {
  const policy = JSON.parse(documents['app/localhost']);
  const partners = JSON.parse(documents['idp/sample']);
  partners.name = 'Partners & Friends';
  partners.metadata = partners.metadata
    .replace(/entityID="[^"]*"/, 'entityID="https://partners.example/"')
    .replace(/<[\w:]*SingleSignOnService[^>]*HTTP-Redirect[^>]*>/, '');
  Object.assign(policy, {
    look,
    hosts: [host],
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
      look: { ...(about && { about }), ...(id === 'canteen' && { icon: '☕' }) },
      rules: [{ path: '/**', allow }],
    };
    return [`app/${id}.example.com`, JSON.stringify(document)];
  };
  return {
    ...documents,
    ...Object.fromEntries(others.map(app)),
    'idp/partners': JSON.stringify(partners),
    [`app/${host}`]: JSON.stringify(policy),
  };
}
