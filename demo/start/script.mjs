/** Shows what the server tells, as `page.mjs` writes it for those without scripts. */
export const script = ({ states, meanings }) => `
const [states, meanings] = ${JSON.stringify([states, meanings])};
const [list, nothing, state, words, text] = ['records', 'nothing', 'state', 'words', 'text'].map((id) => document.getElementById(id));
const part = (tag, name, content) => Object.assign(document.createElement(tag), { className: name, textContent: content });
const events = new EventSource('/events');
events.addEventListener('record', ({ data }) => {
  const { time, event, person, method, path, rule, code, detail, release } = JSON.parse(data);
  const row = part('li', event + ' new', '');
  row.append(part('time', '', time.slice(11, 19)), ' ', part('span', 'event', event), ' ');
  row.append(part('span', 'asked', path === undefined ? (meanings[event] ?? '') : (method ?? '') + ' ' + path));
  row.append(' ', part('span', 'who', person ?? ''), ' ');
  row.append(part('span', 'why', [rule && 'by ' + rule, release && 'release ' + release, code, detail].filter(Boolean).join(' · ')));
  list.prepend(row);
  while (list.children.length > 50) list.lastChild.remove();
  nothing.hidden = true;
});
events.addEventListener('policy', ({ data }) => {
  const policy = JSON.parse(data);
  state.textContent = states[policy.state] + (policy.seconds === undefined ? '' : ', ' + policy.seconds + ' s after it was saved');
  state.className = 'state ' + policy.state;
  words.textContent = policy.words;
  words.className = 'words ' + policy.state;
  words.hidden = !policy.words;
  text.textContent = policy.text;
});
`;
