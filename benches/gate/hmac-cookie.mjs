// What a careful JavaScript worker does: verifies an HMAC over its cookie with WebCrypto.
let key;

const octets = (hex) => Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));

export default {
  async fetch(request, { ORIGIN_URL, HMAC_KEY }) {
    const algorithm = { name: 'HMAC', hash: 'SHA-256' };
    key ??= await crypto.subtle.importKey('raw', octets(HMAC_KEY), algorithm, false, ['verify']);
    const [, claims, mac] = /\bsession=([^.;]+)\.([0-9a-f]{64})/.exec(request.headers.get('cookie') ?? '') ?? [];
    const genuine = mac && (await crypto.subtle.verify('HMAC', key, octets(mac), new TextEncoder().encode(claims)));
    if (!genuine) return new Response(null, { status: 403 });

    const { email, groups } = JSON.parse(atob(claims));
    const { pathname, search } = new URL(request.url);
    const outgoing = new Request(ORIGIN_URL + pathname + search, request);
    outgoing.headers.delete('cookie');
    outgoing.headers.set('x-access-email', email);
    outgoing.headers.set('x-access-groups', groups.join(','));
    return fetch(outgoing);
  },
};
