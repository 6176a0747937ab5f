// The least that a worker in front of an application can do, with a line in the log where it is given one.
export default {
  fetch(request, { ORIGIN_URL, LINE }) {
    if (LINE) console.log(LINE);
    const { pathname, search } = new URL(request.url);
    return fetch(new Request(ORIGIN_URL + pathname + search, request));
  },
};
