const way = document.querySelector('[data-keeps]');
const { keeps } = way.dataset;
// No server sees the fragment of an address: until the sign-in ends, it waits in a cookie.
const fragment = encodeURIComponent(location.hash.slice(1));
if (keeps && fragment && fragment.length <= 2048) {
  document.cookie = `__Host-access-fragment-${keeps}=${fragment}; Path=/; Max-Age=600; Secure; SameSite=None`;
}
if (way.href) location.replace(way.href);
else way.submit();
