// Starts one picture for each block of data in the page.

const KINDS = { timeline: Timeline, processtree: ProcessTree, table: Grid };
const card = new HoverCard();
const pictures = [];
for (const block of document.querySelectorAll('script.hb-data')) {
  const data = JSON.parse(block.textContent);
  block.textContent = '';
  const figure = el('section', 'hb-figure');
  block.before(figure);
  pictures.push(new KINDS[data.kind](figure, data, card));
}
addEventListener('scroll', () => card.hide(), { passive: true, capture: true });

/** For tests and for the console: the pictures of this page and their state. */
window.huntbook = { pictures, state: () => pictures.map((picture) => picture.state()) };
