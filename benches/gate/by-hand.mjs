// What any gate must do to a request of somebody signed in, with nothing verified and nothing decided:
// look at the names of all headers and at the cookie, write a line, take the cookie away, say who asks,
// and keep the answer from the cache.
const who = {
  'x-access-email': 'carol@example.com',
  'x-access-subject': 'carol@example.com',
  'x-access-groups': 'HR,IT',
  'x-access-jwt': 'x'.repeat(700),
};

export default {
  fetch(request, { ORIGIN_URL, LINE }) {
    const { headers, url } = request;
    const reserved = [...headers.keys()].filter((name) => name.startsWith('x-access-'));
    if (!headers.get('cookie')) return new Response(null, { status: 403 });
    console.log(LINE);
    const { pathname, search } = new URL(url);
    const outgoing = new Request(ORIGIN_URL + pathname + search, request);
    for (const name of ['cookie', ...reserved]) outgoing.headers.delete(name);
    for (const [name, value] of Object.entries(who)) outgoing.headers.set(name, value);
    return fetch(outgoing, { cache: 'no-store' });
  },
};
