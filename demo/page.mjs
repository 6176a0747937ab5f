const entities = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

export const escape = (text) => String(text).replace(/[&<>"']/g, (sign) => entities[sign]);

export const style = `
:root { color-scheme: light dark;
  --ground: light-dark(#f6f5f2, #16181d); --card: light-dark(#ffffff, #1f2229);
  --text: light-dark(#22242a, #e7e8ec); --quiet: light-dark(#666a73, #9aa0ac);
  --line: light-dark(#dfdcd5, #343944); --accent: light-dark(#2457c5, #8fb3ff); }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; padding: 8vh 1rem 2rem; background: var(--ground); color: var(--text);
  font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 36rem; margin: 0 auto; padding: 2rem; background: var(--card);
  border: 1px solid var(--line); border-radius: 12px; }
h1 { margin: 0 0 .25rem; font-size: 1.5rem; line-height: 1.25; }
p { margin: .5rem 0; } .quiet { color: var(--quiet); }
a { color: var(--accent); } nav { display: flex; gap: 1rem; flex-wrap: wrap; margin-top: 1.5rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .35rem 1rem; margin: 1.5rem 0 0; }
dt { color: var(--quiet); } dd { margin: 0; overflow-wrap: anywhere; }
.people { display: grid; gap: .75rem; margin-top: 1.5rem; }
button { display: flex; justify-content: space-between; gap: 1rem; width: 100%; padding: .9rem 1.1rem; font: inherit;
  text-align: left; color: inherit; background: none; border: 1px solid var(--line); border-radius: 8px; cursor: pointer; }
button:hover, button:focus-visible { border-color: var(--accent); outline: 2px solid transparent; }
button span { color: var(--quiet); }
@media (max-width: 30rem) { body { padding-top: 1rem; } main { padding: 1.25rem; } dl { grid-template-columns: 1fr; gap: 0; }
  dd { margin-bottom: .5rem; } }
`;

export const page = (title, body, head = `<style>${style}</style>`) => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(title)}</title>
<link rel="icon" href="data:,">
${head}
<main>
${body}
</main>
</html>
`;
