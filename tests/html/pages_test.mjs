// Drives the drawn pages through Chromium: pages_test.mjs PAGES SCREENS [NAME...]
import fs from 'node:fs';
import path from 'node:path';
import { openPage, startBrowser } from './browser.mjs';

const [pagesDir, screensDir, ...wanted] = process.argv.slice(2);
const browser = await startBrowser();
let checks = 0;
const failures = [];

function check(what, holds, detail = '') {
  checks++;
  if (holds) return;
  failures.push(what);
  console.log(`FAILED ${what} ${detail}`);
}
const equal = (what, found, expected) => check(what, JSON.stringify(found) === JSON.stringify(expected),
  `found ${JSON.stringify(found)}, expected ${JSON.stringify(expected)}`);

async function withPage(name, action, options) {
  const opened = await openPage(browser, path.join(pagesDir, `${name}.html`), options);
  const shot = (label) => opened.page.screenshot({ path: path.join(screensDir, `${name}_${label}.png`) });
  await action({ ...opened, shot });
  equal(`${name}: nothing forbidden happened`, opened.complaints, []);
  await opened.page.context().close();
}

/** Pixels of a canvas that are not its background. */
const inkOf = (page, selector) => page.$eval(selector, (canvas) => {
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  let ink = 0;
  for (let i = 0; i < data.length; i += 4) if (data[i] !== data[0] || data[i + 1] !== data[1] || data[i + 2] !== data[2]) ink++;
  return ink;
});
/** Whether nothing stands out of the page at the right. */
const fitsWidth = (page) => page.evaluate(() => document.documentElement.scrollWidth <= innerWidth);
const statusOf = (page) => page.textContent('.hb-status');

async function countsAreWhole(name, total, mode) {
  await withPage(name, async ({ page, state, shot }) => {
    const now = await state();
    equal(`${name}: total`, now.total, total);
    equal(`${name}: shown`, now.shown, total);
    equal(`${name}: lanes add up`, now.lanes.reduce((sum, lane) => sum + lane.shown, 0), total);
    equal(`${name}: mode`, now.mode, mode);
    check(`${name}: first and last are in view`, now.from <= now.first && now.to >= now.last);
    const text = total.toLocaleString('en-US');
    check(`${name}: status`, (await statusOf(page)).startsWith(`${text} event${total === 1 ? '' : 's'} shown of ${text}`), await statusOf(page));
    check(`${name}: something is drawn`, await inkOf(page, '.hb-canvas') > 200);
    check(`${name}: page fits`, await fitsWidth(page));
    await shot('1280');
  });
}

const tests = {
  async timeline_10k() {
    await countsAreWhole('timeline_10k', 10000, 'exact');
    await withPage('timeline_10k', async ({ page, state, shot }) => {
      const box = await page.locator('.hb-canvas').boundingBox();
      const { place } = await state();
      const row = await page.evaluate(() => {
        const t = window.huntbook.pictures[0];
        return { text: t.packedTimes.text(0), last: t.packedTimes.text(t.times.length - 1) };
      });
      equal('first event to the tick', row.text, '2024-03-03 23:59:59.9999993');
      equal('last event to the tick', row.last, '2024-03-18 00:00:00.0000000');

      const middle = box.x + place.left + place.plot / 2;
      const anchor = await page.evaluate((x) => window.huntbook.pictures[0].timeAt(x), place.left + place.plot / 2);
      await page.mouse.move(middle, box.y + 20);
      await page.mouse.wheel(0, -240);
      await page.waitForTimeout(50);
      let now = await state();
      check('wheel zooms in', now.to - now.from < (now.full.to - now.full.from) * 0.6);
      check('fewer are shown after zoom', now.shown < 10000 && now.shown > 0);
      const under = await page.evaluate((x) => window.huntbook.pictures[0].timeAt(x), place.left + place.plot / 2);
      check('zoom keeps the time under the pointer', Math.abs(under - anchor) < (now.to - now.from) / 300);
      const before = now;
      await page.mouse.down();
      await page.mouse.move(middle + 120, box.y + 20, { steps: 4 });
      await page.mouse.up();
      now = await state();
      check('drag pans', now.from < before.from && Math.abs((now.to - now.from) - (before.to - before.from)) < 10);
      await page.mouse.dblclick(middle, box.y + 20);
      const closer = await state();
      check('double click zooms', closer.to - closer.from < (now.to - now.from) * 0.5);
      await page.focus('.hb-canvas');
      await page.keyboard.press('0');
      equal('0 shows all', (await state()).shown, 10000);
      await page.keyboard.press('+');
      const plus = await state();
      check('+ zooms', plus.shown < 10000);
      await page.keyboard.press('ArrowRight');
      check('arrow pans', (await state()).from > plus.from);
      await page.keyboard.press('End');
      check('End shows the last event', (await state()).to >= (await state()).last);
      await page.keyboard.press('-');
      await page.keyboard.press('-');
      equal('- zooms out', (await state()).shown, 10000);

      await page.click('.hb-key >> nth=0');
      now = await state();
      equal('legend switches off', now.shown, 10000 - now.lanes[0].total);
      await page.waitForTimeout(300);
      equal('the rows follow', (await state()).listed, now.shown);
      await page.click('.hb-key >> nth=2', { modifiers: ['Shift'] });
      now = await state();
      equal('shift-click isolates', [now.shown, now.lanes.filter((lane) => lane.on).length], [now.lanes[2].total, 1]);
      await shot('isolated');
      await page.click('.hb-key >> nth=2', { modifiers: ['Shift'] });
      equal('shift-click again shows all', (await state()).shown, 10000);
    });
    await withPage('timeline_10k', async ({ page, state, shot }) => {
      const point = await page.evaluate(() => {
        const t = window.huntbook.pictures[0];
        const i = t.lanes.findIndex((lane) => t.labels[lane] === '1102');
        const x = t.place.left + (t.times[i] - t.view.from) / (t.view.to - t.view.from) * t.place.plot;
        return { x, y: (t.place.shown.indexOf(t.lanes[i]) + 0.5) * t.place.laneHeight };
      });
      const box = await page.locator('.hb-canvas').boundingBox();
      await page.mouse.move(box.x + point.x, box.y + point.y);
      const card = await page.textContent('.hb-card');
      check('hover shows the row', ['TimeGenerated', '1102', 'Computer', 'corp.example', 'Account', 'IpAddress'].every((word) => card.includes(word)), card);
      await shot('hover');
      await page.mouse.click(box.x + point.x, box.y + point.y);
      check('click picks the row', await page.$('.hb-events .hb-picked') !== null);
      const strip = await page.locator('.hb-strip').boundingBox();
      const { place } = await state();
      await page.mouse.move(strip.x + place.left + place.plot * 0.3, strip.y + 20);
      await page.mouse.down();
      await page.mouse.move(strip.x + place.left + place.plot * 0.5, strip.y + 20, { steps: 5 });
      await page.mouse.up();
      let now = await state();
      check('the strip selects', Math.abs((now.to - now.from) / (now.full.to - now.full.from) - 0.2) < 0.01);
      await shot('strip');
      const from = now.from;
      await page.mouse.move(strip.x + place.left + place.plot * 0.4, strip.y + 20);
      await page.mouse.down();
      await page.mouse.move(strip.x + place.left + place.plot * 0.6, strip.y + 20, { steps: 5 });
      await page.mouse.up();
      now = await state();
      check('the strip moves', now.from > from);
    });
    await withPage('timeline_10k', async ({ page, shot }) => {
      check('narrow page fits', await fitsWidth(page));
      await shot('700');
    }, { width: 700, height: 900 });
    await withPage('timeline_10k', ({ shot }) => shot('dark'), { dark: true });
  },

  async timeline_1m() {
    await countsAreWhole('timeline_1m', 1000000, 'density');
    await withPage('timeline_1m', async ({ page, state, opened, shot }) => {
      const box = await page.locator('.hb-canvas').boundingBox();
      const { place, timing } = await state();
      await page.mouse.move(box.x + place.left + place.plot * 0.55, box.y + 80);
      const zooms = [];
      for (let i = 0; i < 8; i++) {
        await page.mouse.wheel(0, -120);
        await page.waitForTimeout(60);
        zooms.push((await state()).timing.zoom);
        if (i === 2) await shot('zoomed');
      }
      console.log(`1M events: first picture ${timing.first_picture.toFixed(0)} ms after navigation (seen from outside `
        + `${opened.toFixed(0)} ms), zoom step ${Math.max(...zooms).toFixed(0)} ms at most`);
      await page.waitForTimeout(300);
      const now = await state();
      equal('rows listed are those in view', now.listed, now.shown);
    });
    await withPage('timeline_1m', ({ shot }) => shot('700'), { width: 700, height: 900 });
  },

  async empty() {
    await withPage('empty', async ({ page, state, shot }) => {
      equal('no events', [(await state()).shown, (await state()).total], [0, 0]);
      check('says so', (await statusOf(page)).startsWith('0 events shown of 0'));
      await page.focus('.hb-canvas');
      for (const key of ['+', '-', '0', 'ArrowLeft']) await page.keyboard.press(key);
      await shot('1280');
    });
  },
  async one() {
    await countsAreWhole('one', 1, 'exact');
    await withPage('one', async ({ page, state, shot }) => {
      await page.focus('.hb-canvas');
      for (let i = 0; i < 40; i++) await page.keyboard.press('+');
      equal('the event stays when zoomed in on', (await state()).shown, 1);
      await shot('zoomed');
    });
  },
  instant: () => countsAreWhole('instant', 25, 'exact'),
  async ages() {
    await countsAreWhole('ages', 4, 'exact');
    await withPage('ages', async ({ page }) => {
      const texts = await page.evaluate(() => [0, 1, 2, 3].map((i) => window.huntbook.pictures[0].packedTimes.text(i)));
      equal('every time to the tick', texts, ['0001-01-01 00:00:00.0000000', '1601-01-01 00:00:00.0000000',
        '2024-03-13 00:00:00.0000000', '9999-12-31 23:59:59.9999999']);
    });
  },
  async lanes60() {
    const total = Array.from({ length: 60 }, (_, i) => 40 + i).reduce((a, b) => a + b);
    await countsAreWhole('lanes60', total, 'exact');
    await withPage('lanes60', async ({ state, shot }) => {
      const { lanes } = await state();
      equal('forty lanes, the last holds the rest', [lanes.length, lanes[39].label], [40, 'other (21)']);
      await shot('700');
    }, { width: 700, height: 900 });
  },
  async long_labels() {
    await countsAreWhole('long_labels', 310, 'exact');
    await withPage('long_labels', async ({ page, shot }) => {
      const box = await page.locator('.hb-canvas').boundingBox();
      await page.mouse.move(box.x + 40, box.y + 20);
      const full = await page.evaluate(() => window.huntbook.pictures[0].labels[0]);
      check('hover gives the whole label', (await page.textContent('.hb-card')).startsWith(full));
      await shot('700');
    }, { width: 700, height: 900 });
  },

  async tree_2k() {
    await withPage('tree_2k', async ({ page, state, shot }) => {
      const start = await state();
      const processes = await page.evaluate(() => window.huntbook.pictures[0].flags.filter((f) => !(f & 2)).length);
      equal('every process is in the tree', processes, 2000);
      equal('all rows are unfolded', start.visible, start.total);
      check('rows are drawn', await page.$$eval('.hb-tree .hb-body > .hb-row:not([hidden])', (rows) => rows.length) > 10);
      const aligned = await page.$$eval('.hb-tree .hb-row:not([hidden])', (rows) => {
        const edges = rows.map((row) => [...row.children].map((cell) => Math.round(cell.getBoundingClientRect().left)).join());
        return new Set(edges).size;
      });
      equal('columns are aligned with the header', aligned, 1);
      await shot('1280');
      await page.click('.hb-tree .hb-body > .hb-row:not([hidden]) .hb-fold >> nth=0');
      const folded = await state();
      check('fold hides the rows below', folded.visible < start.visible);
      await page.click('.hb-tree .hb-body > .hb-row:not([hidden]) .hb-fold >> nth=0');
      equal('unfold shows them again', (await state()).visible, start.visible);
      await page.click('text=Fold all >> nth=0');
      check('fold all leaves the roots', (await state()).visible < 50);
      await shot('folded');
      await page.click('text=Unfold all');
      await page.fill('.hb-search', 'whoami');
      await page.waitForTimeout(400);
      const found = await state();
      check('search finds', found.found > 0 && found.found < start.total && found.visible >= found.found);
      check('status tells the matches', (await statusOf(page)).includes('matches in'));
      await shot('search');
      await page.fill('.hb-search', '');
      await page.waitForTimeout(400);
      await page.click('text=Highlighted');
      const marked = await state();
      check('only highlighted', marked.found > 0 && marked.found < 100);
      await shot('highlighted');
      await page.click('text=Highlighted');
      await page.hover('.hb-tree .hb-body > .hb-row:nth-child(6) .hb-name');
      const card = await page.textContent('.hb-card');
      check('hover shows the process', ['ProcessName', 'ProcessId', 'CommandLine', 'Account'].every((word) => card.includes(word)), card);
      await shot('hover');
      await page.focus('.hb-tree');
      await page.keyboard.press('End');
      await page.waitForTimeout(100);
      const last = await page.$$eval('.hb-tree .hb-body > .hb-row:not([hidden])', (rows) => Math.max(...rows.map((r) => Number(r.dataset.index))));
      equal('the last row can be reached', last, start.total - 1);
      const visible = await page.$eval('.hb-tree .hb-picked', (row) => {
        const box = row.getBoundingClientRect();
        return box.bottom <= row.closest('.hb-rows').getBoundingClientRect().bottom + 1;
      });
      check('and is seen whole', visible);
    });
    await withPage('tree_2k', async ({ page, shot }) => {
      check('narrow tree fits', await fitsWidth(page));
      await shot('700');
    }, { width: 700, height: 900 });
    await withPage('tree_2k', ({ shot }) => shot('dark'), { dark: true });
  },
  async tree_deep() {
    await withPage('tree_deep', async ({ page, state, shot }) => {
      check('every level is there', (await state()).total >= 900);
      await page.$eval('.hb-tree', (tree) => { tree.scrollTop = 24 * 30; });
      await page.waitForTimeout(100);
      const clipped = await page.$$eval('.hb-tree .hb-body > .hb-row:not([hidden]) .hb-name', (names) => names.filter((n) => n.offsetWidth < 50).length);
      equal('names stay readable however deep', clipped, 0);
      await shot('1280');
    });
  },
  async tree_50k() {
    await withPage('tree_50k', async ({ page, state, opened, shot }) => {
      const { total, visible, timing } = await state();
      check('50k are there', total >= 50000 && visible === total);
      console.log(`50k processes: first picture ${timing.first_picture.toFixed(0)} ms after navigation (seen from outside ${opened.toFixed(0)} ms)`);
      await page.$eval('.hb-tree', (tree) => { tree.scrollTop = tree.scrollHeight / 2; });
      await page.waitForTimeout(100);
      await shot('middle');
    });
  },
  async table() {
    await withPage('table', async ({ page, state, shot }) => {
      equal('rows', (await state()).total, 3000);
      await shot('1280');
      await page.fill('.hb-search', 'svc-backup');
      await page.waitForTimeout(400);
      const { listed } = await state();
      check('search filters', listed > 0 && listed < 3000);
      check('every row shown holds the word', await page.$$eval('.hb-grid .hb-body > .hb-row:not([hidden])',
        (rows) => rows.length > 0 && rows.every((row) => row.textContent.includes('svc-backup'))));
    });
  },
  async hostile() {
    await withPage('hostile', async ({ page, state, shot }) => {
      equal('three pictures', await page.evaluate(() => window.huntbook.pictures.length), 3);
      equal('all events', (await state()).shown, 14);
      equal('all rows', (await state(2)).total, 14);
      for (const selector of ['.hb-canvas', '.hb-events', '.hb-tree', '.hb-grid']) {
        const box = await page.locator(selector).boundingBox();
        await page.locator(selector).scrollIntoViewIfNeeded();
        const now = await page.locator(selector).boundingBox();
        for (let y = 8; y < Math.min(box.height, 400); y += 14) {
          for (let x = 20; x < box.width; x += box.width / 7) await page.mouse.move(now.x + x, now.y + y);
        }
      }
      const strange = await page.evaluate(() => document.querySelectorAll('img, svg, iframe, main script:not(.hb-data), [onload], [onerror]').length);
      equal('no element came from the data', strange, 0);
      const raw = await page.evaluate(() => /[\u202a-\u202e\u2066-\u2069\u0000-\u0008\u001b]/.test(document.body.innerText));
      check('no raw control or bidirectional characters', !raw);
      await page.screenshot({ path: path.join(screensDir, 'hostile_full.png'), fullPage: true });
      await shot('1280');
    });
  },
  async report() {
    await withPage('report', async ({ page, state }) => {
      equal('events', (await state()).shown, 60000);
      await page.screenshot({ path: path.join(screensDir, 'report_1280.png'), fullPage: true });
    });
    await withPage('report', async ({ page }) => {
      check('narrow report fits', await fitsWidth(page));
      await page.screenshot({ path: path.join(screensDir, 'report_700.png'), fullPage: true });
    }, { width: 700, height: 900 });
  },
  async svg() {
    for (const file of fs.readdirSync(pagesDir).filter((name) => name.endsWith('.svg'))) {
      const { page, complaints } = await openPage(browser, path.join(pagesDir, file), { width: 1440, height: 900 });
      equal(`${file}: is well formed`, await page.evaluate(() => document.querySelector('parsererror') === null), true);
      const outside = await page.evaluate(() => {
        const { width, height } = document.documentElement.viewBox.baseVal;
        return [...document.querySelectorAll('text')].filter((text) => {
          const box = text.getBBox();
          return box.x < 0 || box.x + box.width > width || box.y < 0 || box.y + box.height > height;
        }).map((text) => text.textContent);
      });
      equal(`${file}: no text leaves the sheet`, outside, []);
      equal(`${file}: nothing forbidden happened`, complaints, []);
      await page.screenshot({ path: path.join(screensDir, `${file}.png`) });
      await page.context().close();
    }
  },
};

for (const [name, test] of Object.entries(tests)) {
  if (wanted.length && !wanted.includes(name)) continue;
  try {
    await test();
  } catch (error) {
    check(`${name}: ran to its end`, false, error.message);
  }
}
await browser.close();
console.log(`${checks} checks, ${failures.length} failed`);
process.exit(failures.length ? 1 : 0);
