/** The style and the script of the page that `toHtml` makes: no fetch, no font, no library. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --paper: light-dark(#fdfcfa, #16181c); --ink: light-dark(#22252a, #e4e6ea); --soft: light-dark(#6b7078, #9aa0a9);
  --line: light-dark(#e2dfd8, #2c3037); --hover: light-dark(#f4f1ea, #1d2026);
  --good: light-dark(#a9dcb4, #2b6b41); --even: light-dark(#ece8de, #3a3d44); --bad: light-dark(#f2b8b0, #7d3630);
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 72rem; margin: 0 auto; padding: 2rem 1.25rem 4rem; }
h1 { font-size: 1.15rem; font-weight: 600; margin: 0 0 .5rem; white-space: pre-wrap; overflow-wrap: anywhere; }
.facts { color: var(--soft); margin: 0 0 1rem; font-variant-numeric: tabular-nums; }
nav { display: flex; flex-wrap: wrap; gap: .5rem; margin-bottom: 1.25rem; }
button { font: inherit; font-size: .85rem; color: inherit; background: none; border: 1px solid var(--line); border-radius: 6px;
  padding: .2rem .7rem; cursor: pointer; }
button:hover { background: var(--hover); }
.kids { margin-left: .75rem; padding-left: .5rem; border-left: 1px solid var(--line); }
summary, .leaf { display: grid; grid-template-columns: .8rem 3.6rem 3.2rem minmax(0, 1fr) auto; gap: .6rem; align-items: baseline;
  padding: .2rem .4rem; border-radius: 6px; list-style: none; }
summary { cursor: pointer; }
summary::-webkit-details-marker { display: none; }
summary::before { content: '▸'; color: var(--soft); }
details[open] > summary::before { content: '▾'; }
.leaf::before { content: ''; }
summary:hover, .leaf:hover { background: var(--hover); }
summary:focus-visible { outline: 2px solid var(--soft); }
.v { text-align: center; border-radius: 5px; font-variant-numeric: tabular-nums; font-size: .85rem; }
.n, .p { color: var(--soft); font-size: .85rem; font-variant-numeric: tabular-nums; text-align: right; }
.t { white-space: pre-wrap; overflow-wrap: anywhere; }
.o { font-weight: 600; }
.head { color: var(--soft); font-size: .85rem; }
.head:hover { background: none; }
.more { padding: .2rem .4rem; }
.why, .more { color: var(--soft); font-size: .85rem; }
/* On a phone the prior goes, the columns close up, and what is deep scrolls sideways within the page rather than one letter a line. */
@media (max-width: 40rem) {
  main { padding: 1rem .75rem 3rem; overflow-x: auto; }
  summary, .leaf { grid-template-columns: .7rem 3.1rem 2.2rem minmax(9rem, 1fr); gap: .4rem; }
  .p { display: none; }
  .kids { margin-left: .3rem; padding-left: .3rem; }
  button { min-height: 2.2rem; }
}
`;

export const SCRIPT = `
const all = [...document.querySelectorAll('details')];
const open = (wanted) => { for (const one of all) one.open = wanted(one); };
document.getElementById('fold').onclick = () => open((one) => one === all[0]);
document.getElementById('unfold').onclick = () => open(() => true);
document.getElementById('right').onclick = () => open((one) => one.dataset.solved === '1' || one === all[0]);
`;
