// The least that a worker in front of an application can do.
export default {
  fetch(request, { ORIGIN_URL }) {
    const { pathname, search } = new URL(request.url);
    return fetch(new Request(ORIGIN_URL + pathname + search, request));
  },
};
