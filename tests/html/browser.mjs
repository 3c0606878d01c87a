// Starts Chromium and watches pages: what a page must never do ends up in `complaints`.
import { pathToFileURL } from 'node:url';
import path from 'node:path';

const FLAGS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync'];

export async function startBrowser() {
  const { chromium } = await import(pathToFileURL(path.join(process.env.PLAYWRIGHT_DIR, 'index.mjs')).href);
  return chromium.launch({ executablePath: process.env.CHROMIUM || '/usr/bin/chromium', args: FLAGS, headless: true });
}

/** Opens a file; gives the page, what it did wrong, and how long it took to its first picture. */
export async function openPage(browser, file, { width = 1280, height = 800, dark = false } = {}) {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: dark ? 'dark' : 'light' });
  const page = await context.newPage();
  const complaints = [];
  const url = pathToFileURL(file).href;
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => complaints.push(`error: ${error.message}`));
  page.on('dialog', (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`);
    dialog.dismiss();
  });
  page.on('request', (request) => {
    if (request.url() !== url && !request.url().startsWith('data:')) complaints.push(`request: ${request.url()}`);
  });
  const started = performance.now();
  await page.goto(url, { waitUntil: 'commit' });
  if (file.endsWith('.html')) await page.waitForFunction(() => window.huntbook && window.huntbook.ready);
  const opened = performance.now() - started;
  return { page, complaints, opened, state: (i = 0) => page.evaluate((n) => window.huntbook.state()[n], i) };
}
