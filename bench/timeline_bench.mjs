// A million events in Chromium: timeline_bench.mjs PAGE [RUNS]; PAGE is timeline_1m.html of tests/html/make_pages.
// Prints the milliseconds from navigation to the first picture and of a zoom step, each the median and the worst.
import { openPage, startBrowser } from '../tests/html/browser.mjs';

const [file, runs = '5'] = process.argv.slice(2);
const expected = 1000000;
const browser = await startBrowser();
const first = [];
const zoom = [];
let wrong = 0;
for (let run = 0; run < Number(runs); run++) {
  const { page, state } = await openPage(browser, file);
  const start = await state();
  if (start.shown !== expected || start.total !== expected) wrong++;
  first.push(start.timing.first_picture);
  const box = await page.locator('.hb-canvas').boundingBox();
  await page.mouse.move(box.x + start.place.left + start.place.plot / 2, box.y + 40);
  for (let step = 0; step < 6; step++) {
    await page.mouse.wheel(0, -120);
    await page.waitForTimeout(60);
    zoom.push((await state()).timing.zoom);
  }
  await page.context().close();
}
await browser.close();
const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];
const row = (name, list) => console.log(`${name.padEnd(34)} median ${median(list).toFixed(1)} ms, worst ${Math.max(...list).toFixed(1)} ms`);
row('timeline 1M: page to first picture', first);
row('timeline 1M: one zoom step', zoom);
console.log(wrong ? `WRONG: ${wrong} runs did not count ${expected} events` : `every run counted ${expected} events`);
process.exit(wrong ? 1 : 0);
