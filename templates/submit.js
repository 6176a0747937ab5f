// No server sees the fragment of an address. From page to page of ours it goes along …
for (const link of document.querySelectorAll('[data-carries] a')) link.hash = location.hash;
const onward = document.querySelector('[data-onward]');
if (onward) location.replace(onward.href + location.hash);

// … and while the person is at the identity provider, it waits in a cookie.
const way = document.querySelector('[data-keeps]');
if (way) {
  const { keeps } = way.dataset;
  const fragment = encodeURIComponent(location.hash.slice(1));
  if (keeps && fragment && fragment.length <= 2048) {
    document.cookie = `__Host-access-fragment-${keeps}=${fragment}; Path=/; Max-Age=600; Secure; SameSite=None`;
  }
  if (way.href) location.replace(way.href);
  else way.submit();
}
