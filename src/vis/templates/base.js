// Shared parts: packed columns, safe building of elements, time as text, virtual rows, the hover card.

const TICKS_PER_DAY = 864000000000;
const UNIX_EPOCH_DAY = 719162;
const FIRST_DAY = -719162;
const LAST_DAY = 2932896;

/** An element; text only ever goes in as text. */
function el(tag, className, text) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text !== undefined) element.textContent = text;
  return element;
}

function button(label, title, action) {
  const element = el('button', 'hb-button', label);
  element.type = 'button';
  element.title = title;
  element.setAttribute('aria-label', title);
  element.addEventListener('click', action);
  return element;
}

const groupThousands = (n) => String(n).replace(/\B(?=(\d{3})+(?!\d))/g, ',');
const plural = (n, one, many) => `${groupThousands(n)} ${n === 1 ? one : many}`;
const clamp = (value, low, high) => Math.min(Math.max(value, low), high);
const pad = (n, width) => String(n).padStart(width, '0');

/** The bytes of a base64 text. */
function bytesOf(text) {
  if (Uint8Array.fromBase64) return Uint8Array.fromBase64(text);
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

/** Unsigned little-endian integers of 1, 2 or 4 bytes. */
function integersOf(text, width) {
  const bytes = bytesOf(text);
  if (width === 1) return bytes;
  return width === 2 ? new Uint16Array(bytes.buffer) : new Uint32Array(bytes.buffer);
}

/** Packed times: `relative` is in ticks after `base`, which is the start of a day. */
class Times {
  constructor(spec) {
    this.base = BigInt(spec.base);
    this.baseDay = Number(this.base / BigInt(TICKS_PER_DAY)) - UNIX_EPOCH_DAY;
    this.unit = spec.unit;
    this.wide = spec.width === 8;
    this.words = new Uint32Array(bytesOf(spec.data).buffer);
    this.count = this.wide ? this.words.length / 2 : this.words.length;
  }
  /** All times as doubles, for drawing. */
  relative() {
    const out = new Float64Array(this.count);
    const { words, unit } = this;
    if (this.wide) {
      for (let i = 0; i < out.length; i++) out[i] = (words[2 * i + 1] * 4294967296 + words[2 * i]) * unit;
    } else {
      for (let i = 0; i < out.length; i++) out[i] = words[i] * unit;
    }
    return out;
  }
  isNull(row) {
    return this.wide ? this.words[2 * row] === 0xffffffff && this.words[2 * row + 1] === 0xffffffff
                     : this.words[row] === 0xffffffff;
  }
  /** One time to the tick. */
  text(row) {
    if (this.isNull(row)) return '';
    const value = this.wide ? (BigInt(this.words[2 * row + 1]) << 32n) + BigInt(this.words[2 * row])
                            : BigInt(this.words[row]);
    const ticks = value * BigInt(this.unit);
    const day = ticks / BigInt(TICKS_PER_DAY);
    return timeText(this.baseDay, Number(day), Number(ticks - day * BigInt(TICKS_PER_DAY)), 7);
  }
}

/** "2024-01-31 12:34:56.1234567": day `day` after `baseDay` (days since 1970) and ticks of that day. */
function timeText(baseDay, day, ticks, digits) {
  const second = Math.floor(ticks / 1e7);
  const clock = `${pad(Math.floor(second / 3600), 2)}:${pad(Math.floor(second / 60) % 60, 2)}:${pad(second % 60, 2)}`;
  const fraction = digits ? '.' + pad(Math.floor(ticks % 1e7), 7).slice(0, digits) : '';
  return `${dateText(baseDay + day)} ${clock}${fraction}`;
}

const dateText = (unixDay) => new Date(unixDay * 86400000).toISOString().replace(/T.*/, '');

/** How many digits of a second a span of time deserves. */
const digitsFor = (span) => (span < 1e4 ? 7 : span < 1e7 ? 6 : span < 60e7 ? 3 : 0);

/** Relative ticks as text, with as many digits as `span` deserves; kept within the years 1 to 9999. */
function relativeText(baseDay, ticks, span) {
  const rounded = clamp(Math.floor(ticks), (FIRST_DAY - baseDay) * TICKS_PER_DAY, (LAST_DAY + 1 - baseDay) * TICKS_PER_DAY - 1);
  const day = clamp(Math.floor(rounded / TICKS_PER_DAY), FIRST_DAY - baseDay, LAST_DAY - baseDay);
  return timeText(baseDay, day, clamp(rounded - day * TICKS_PER_DAY, 0, TICKS_PER_DAY - 1), digitsFor(span));
}

/** A column of the data: codes into a dictionary of texts, or times. It stands in an element of its own, which the
 *  browser may not have read yet when the picture is first drawn, and is decoded when first asked. */
class PackedColumn {
  constructor({ name, type }, picture, index) {
    this.name = name;
    this.type = type;
    this.place = `hb-${picture}-${index}`;
    this.ready = false;
  }
  decode() {
    if (this.ready) return true;
    const element = document.getElementById(this.place);
    if (!element || document.readyState === 'loading') return false;
    const spec = JSON.parse(element.textContent);
    element.remove();
    this.ready = true;
    if (spec.times) {
      this.times = new Times(spec.times);
      return true;
    }
    this.codes = integersOf(spec.codes, spec.width);
    this.offsets = integersOf(spec.offsets, 4);
    this.bytes = bytesOf(spec.bytes);
    this.decoder = new TextDecoder();
    this.cache = new Map();
    return true;
  }
  text(row) {
    if (!this.decode()) return '';
    return this.times ? this.times.text(row) : this.textOfCode(this.codes[row]);
  }
  textOfCode(code) {
    let text = this.cache.get(code);
    if (text === undefined) {
      text = this.decoder.decode(this.bytes.subarray(this.offsets[code], this.offsets[code + 1]));
      if (this.cache.size > 20000) this.cache.clear();
      this.cache.set(code, text);
    }
    return text;
  }
  /** For each code whether its text, in lower case, holds `needle`; null for a column of times. */
  codesHolding(needle) {
    this.decode();
    if (this.times) return null;
    const hits = new Uint8Array(this.offsets.length - 1);
    for (let code = 0; code < hits.length; code++) {
      const text = this.decoder.decode(this.bytes.subarray(this.offsets[code], this.offsets[code + 1]));
      if (text.toLowerCase().includes(needle)) hits[code] = 1;
    }
    return hits;
  }
}

/** The rows in which any of the columns holds the words, as a mask. */
function rowsHolding(columns, count, words) {
  const needle = words.toLowerCase();
  const mask = new Uint8Array(count);
  for (const column of columns) {
    const hits = column.codesHolding(needle);
    for (let row = 0; row < count; row++) {
      if (mask[row]) continue;
      if (hits ? hits[column.codes[row]] : column.text(row).includes(needle)) mask[row] = 1;
    }
  }
  return mask;
}

/** The card that follows the pointer: a heading, then name and value pairs. */
class HoverCard {
  constructor() {
    this.element = el('div', 'hb-card');
    this.element.setAttribute('role', 'tooltip');
    this.element.hidden = true;
    document.body.append(this.element);
  }
  show(x, y, heading, pairs, foot) {
    const list = el('dl');
    for (const [name, value] of pairs) {
      if (value === '') continue;
      list.append(el('dt', '', name), el('dd', '', value));
    }
    this.element.replaceChildren(el('div', 'hb-card-head', heading), list);
    if (foot) this.element.append(el('div', 'hb-card-foot', foot));
    this.element.hidden = false;
    this.move(x, y);
  }
  move(x, y) {
    const { offsetWidth: width, offsetHeight: height } = this.element;
    const right = x + 14 + width <= innerWidth - 6;
    const left = right ? x + 14 : x - 14 - width;
    const below = y + 16 + height <= innerHeight - 6;
    this.element.style.left = `${clamp(left, 6, Math.max(6, innerWidth - width - 6))}px`;
    this.element.style.top = `${clamp(below ? y + 16 : y - 16 - height, 6, Math.max(6, innerHeight - height - 6))}px`;
  }
  hide() { this.element.hidden = true; }
}

const MAX_SCROLL_HEIGHT = 12000000;

/** Rows of equal height of which only the visible ones exist. `fill(row, index)` fills an element. */
class VirtualRows {
  constructor({ rowHeight, columns, make, fill, label }) {
    this.rowHeight = rowHeight;
    this.make = make;
    this.fill = fill;
    this.count = 0;
    this.pool = [];
    this.element = el('div', 'hb-rows');
    this.element.tabIndex = 0;
    this.element.setAttribute('aria-label', label);
    this.header = el('div', 'hb-row hb-header');
    for (const column of columns) {
      const cell = el('div', 'hb-cell ' + (column.className || '').replace('hb-mono', ''), column.title);
      cell.title = column.title;
      this.header.append(cell);
    }
    this.setTracks(`repeat(${columns.length}, minmax(90px, 1fr))`);
    this.space = el('div', 'hb-space');
    this.body = el('div', 'hb-body');
    this.space.append(this.body);
    this.element.append(this.header, this.space);
    this.element.addEventListener('scroll', () => this.refresh());
    new ResizeObserver(() => this.refresh()).observe(this.element);
  }
  /** Widths as CSS grid tracks. */
  setTracks(tracks) { this.element.style.setProperty('--tracks', tracks); }
  setCount(count) {
    this.count = count;
    this.space.style.height = `${Math.min(count * this.rowHeight, MAX_SCROLL_HEIGHT)}px`;
    this.refresh();
  }
  viewHeight() { return Math.max(this.element.clientHeight - this.header.offsetHeight, this.rowHeight); }
  /** Pixels scrolled at most, of the real list and of the element. */
  extents() {
    const real = Math.max(this.count * this.rowHeight - this.viewHeight(), 0);
    const shown = Math.max(this.space.offsetHeight - this.viewHeight(), 0);
    return { real, shown };
  }
  refresh() {
    const { real, shown } = this.extents();
    const scrolled = Math.min(this.element.scrollTop, shown);
    const offset = shown > 0 && real > shown ? scrolled / shown * real : scrolled;
    const first = Math.max(Math.floor(offset / this.rowHeight) - 4, 0);
    const last = Math.min(Math.ceil((offset + this.viewHeight()) / this.rowHeight) + 4, this.count);
    while (this.pool.length < last - first) {
      const row = this.make();
      row.classList.add('hb-row');
      this.pool.push(row);
      this.body.append(row);
    }
    this.pool.forEach((row, i) => {
      const index = first + i;
      row.hidden = index >= last;
      if (row.hidden) return;
      row.dataset.index = index;
      row.classList.toggle('hb-odd', index % 2 === 1);
      this.fill(row, index);
    });
    this.body.style.transform = `translateY(${scrolled - offset + first * this.rowHeight}px)`;
  }
  scrollTo(index) {
    const { real, shown } = this.extents();
    const scale = real > shown && real > 0 ? shown / real : 1;
    const top = index * this.rowHeight * scale;
    const view = this.viewHeight();
    if (top < this.element.scrollTop || top + this.rowHeight > this.element.scrollTop + view) {
      this.element.scrollTop = Math.max(top - view / 2, 0);
    }
    this.refresh();
  }
  /** The index of the row that an event came from, or -1. */
  indexOf(event) {
    const row = event.target.closest('.hb-row');
    return row && row.dataset.index !== undefined ? Number(row.dataset.index) : -1;
  }
}

/** Widths in pixels that suit the headings and some of the rows. */
function columnWidths(columns, count, mostWidth) {
  const context = document.createElement('canvas').getContext('2d');
  const step = Math.max(1, Math.floor(count / 80));
  return columns.map((column) => {
    context.font = theme('--head-font');
    let widest = context.measureText(column.type === 'datetime' ? `${column.name} (UTC)` : column.name).width;
    context.font = theme('--row-font');
    for (let row = 0; row < count; row += step) {
      widest = Math.max(widest, context.measureText(column.text(row).slice(0, 120)).width);
    }
    return clamp(Math.ceil(widest) + 18, 56, mostWidth);
  });
}

const packedColumns = (data, picture) => data.columns.map((head, i) => new PackedColumn(head, picture, i));

/** Calls back with the time when what has been drawn is on the screen. */
function whenShown(action) {
  requestAnimationFrame(() => setTimeout(() => action(performance.now()), 0));
}

/** Draws again when the colour scheme or the pixel ratio changes. */
function onThemeChange(action) {
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', action);
}

const theme = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** A canvas context scaled so that one unit is one CSS pixel. */
function sizeCanvas(canvas, width, height) {
  const ratio = window.devicePixelRatio || 1;
  canvas.width = Math.max(1, Math.round(width * ratio));
  canvas.height = Math.max(1, Math.round(height * ratio));
  canvas.style.height = `${height}px`;
  const context = canvas.getContext('2d');
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  return context;
}

/** The longest beginning of the text that fits, with an ellipsis when it was cut. */
function elide(context, text, width) {
  if (context.measureText(text).width <= width) return text;
  let low = 0;
  let high = Math.min(text.length, 400);
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (context.measureText(text.slice(0, middle) + '…').width <= width) low = middle;
    else high = middle - 1;
  }
  return text.slice(0, low).replace(/[\ud800-\udbff]$/, '') + '…';
}

/** The heading of a figure: title, notes, tools. */
function figureHead(data, figure) {
  const head = el('header', 'hb-head');
  const titles = el('div', 'hb-titles');
  if (data.title) titles.append(el('h2', '', data.title));
  const status = el('p', 'hb-status');
  titles.append(status);
  const tools = el('div', 'hb-tools');
  head.append(titles, tools);
  figure.append(head);
  for (const note of data.notes || []) figure.append(el('p', 'hb-note', note));
  return { status, tools };
}
