export const style = `
:root { color-scheme: light dark;
  --ground: light-dark(#f4f4f1, #131618); --card: light-dark(#ffffff, #1c2023);
  --text: light-dark(#1d2126, #eceeec); --quiet: light-dark(#59616b, #a3abb3);
  --line: light-dark(#dcded8, #363c42); --accent: light-dark(#1f5c4d, #7cc7b2);
  --good: light-dark(#1f6b48, #6fcf9f); --bad: light-dark(#a8322a, #f08a80); --wait: light-dark(#8a6100, #e0b95c); }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 76rem; padding: 2.5rem 1.25rem 4rem; background: var(--ground); color: var(--text);
  font: 16px/1.5 system-ui, sans-serif; }
h1 { margin: 0; font-size: 1.75rem; line-height: 1.2; } h2 { margin: 0 0 .75rem; font-size: 1.05rem; }
p { margin: .5rem 0; } .quiet { color: var(--quiet); font-size: .875rem; } a { color: var(--accent); }
header p { max-width: 44rem; color: var(--quiet); }
nav { display: flex; flex-wrap: wrap; align-items: center; gap: .75rem 1.25rem; margin: 1.25rem 0 2rem; }
.door { padding: .45rem 1.1rem; border-radius: 8px; background: var(--accent); color: var(--card); text-decoration: none; font-weight: 600; }
.door:hover, .door:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
main { display: grid; gap: 1.25rem; grid-template-columns: minmax(0, 1fr) minmax(0, 1.5fr); align-items: start; }
section { padding: 1.25rem 1.5rem; background: var(--card); border: 1px solid var(--line); border-radius: 12px; min-width: 0; }
.wide { grid-column: 2; grid-row: 1 / span 2; }
ul, ol { margin: 0; padding: 0; list-style: none; }
.people li { display: flex; justify-content: space-between; gap: 1rem; padding: .4rem 0; border-bottom: 1px solid var(--line); }
.groups { color: var(--quiet); } .groups b { padding: .05rem .5rem; border: 1px solid var(--line); border-radius: 99px; font-weight: 500;
  color: var(--text); font-size: .875rem; }
pre { margin: .5rem 0; padding: .75rem; overflow: auto; max-height: 24rem; white-space: pre-wrap; overflow-wrap: anywhere; background: var(--ground); border-radius: 8px;
  font: .8125rem/1.5 ui-monospace, monospace; }
.words { border-inline-start: 3px solid var(--line); } .words.refused { border-color: var(--bad); }
.state { display: block; font-size: .875rem; } .state.in-force { color: var(--good); } .state.publishing { color: var(--wait); } .state.refused { color: var(--bad); }
.records { max-height: 46rem; overflow: auto; }
.records:focus-visible, pre:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
.records li { display: grid; grid-template-columns: 4.5rem 7.5rem minmax(0, 1fr) auto; gap: .1rem .75rem; padding: .5rem 0;
  border-bottom: 1px solid var(--line); }
.records time, .why { color: var(--quiet); font-size: .875rem; font-variant-numeric: tabular-nums; }
.event { font-weight: 600; } .asked { grid-column: 3; overflow-wrap: anywhere; } .who { grid-column: 4; color: var(--quiet); overflow-wrap: anywhere; }
.why { grid-column: 3 / span 2; overflow-wrap: anywhere; }
.allowed .event, .signed-in .event { color: var(--good); } .records .refused .event, .fault .event { color: var(--bad); }
.sign-in .event { color: var(--wait); }
.new { animation: new 1.5s; } @keyframes new { from { background: light-dark(#e2f0eb, #21382f); } }
@media (prefers-reduced-motion: reduce) { .new { animation: none; } }
@media (max-width: 52rem) { main { grid-template-columns: minmax(0, 1fr); } .wide { grid-column: 1; grid-row: auto; }
  body { padding-top: 1.25rem; } section { padding: 1rem; }
  .records { max-height: 30rem; } .records li { grid-template-columns: 4.5rem 1fr; } .asked, .who, .why { grid-column: 1 / span 2; } }
`;
