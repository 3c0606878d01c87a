// Starts one picture for each block of data in the page. A timeline is drawn at once, while the browser still reads
// the columns behind this script; the other kinds need their columns first.

const KINDS = { timeline: Timeline, processtree: ProcessTree, table: Grid };
const card = new HoverCard();
const pictures = [];
const waiting = [];
document.querySelectorAll('script.hb-data').forEach((block, i) => {
  const data = JSON.parse(block.textContent);
  const figure = el('section', 'hb-figure');
  block.replaceWith(figure);
  const start = () => { pictures[i] = new KINDS[data.kind](figure, data, card, i); };
  if (data.kind === 'timeline') {
    start();
    waiting.push(() => pictures[i].complete());
  } else {
    waiting.push(start);
  }
});
addEventListener('scroll', () => card.hide(), { passive: true, capture: true });

/** For tests and for the console: the pictures of this page and their state. */
window.huntbook = { pictures, ready: false, state: () => pictures.map((picture) => picture.state()) };
document.addEventListener('DOMContentLoaded', () => {
  for (const action of waiting) action();
  whenShown(() => { window.huntbook.ready = true; });
});
