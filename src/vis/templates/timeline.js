// The event timeline: one lane per series, every event counted, exact marks when few are in view.

const EXACT_LIMIT = 30000;
const BIN_WIDTH = 2;
const STRIP_HEIGHT = 54;
const AXIS_HEIGHT = 40;
const LEAST_SPAN = 20;
const LANE_COLORS = {
  light: ['#0072b2', '#d55e00', '#009e73', '#c05f96', '#a87400', '#2f86bd', '#7553a8', '#4d6b1f'],
  dark: ['#56b4e9', '#e69f00', '#2ec4a0', '#e29bc4', '#f0e442', '#ff8a5b', '#b39ddb', '#a3c96a'],
};

/** The first index whose time is not before `time`. */
function lowerBound(times, time) {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (times[middle] < time) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The first index whose time is after `time`: with lowerBound a range that holds both ends. */
function upperBound(times, time) {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (times[middle] <= time) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Counts of the events in [from, to] per lane and bin; bins are row after row of `bins` numbers. */
function countBins(times, lanes, laneCount, from, to, bins) {
  const counts = new Uint32Array(laneCount * bins);
  const scale = to > from ? bins / (to - from) : 0;
  const end = upperBound(times, to);
  for (let i = lowerBound(times, from); i < end; i++) {
    counts[lanes[i] * bins + Math.min(((times[i] - from) * scale) | 0, bins - 1)]++;
  }
  return counts;
}

class Timeline {
  constructor(figure, data, card, picture) {
    this.data = data;
    this.card = card;
    this.packedTimes = new Times(data.times);
    this.times = this.packedTimes.relative();
    this.lanes = integersOf(data.lanes.codes, data.lanes.width);
    this.labels = data.lanes.labels;
    this.totals = data.lanes.counts;
    this.on = this.labels.map(() => true);
    this.columns = packedColumns(data, picture);
    this.baseDay = this.packedTimes.baseDay;
    const first = this.times.length ? this.times[0] : 0;
    const last = this.times.length ? this.times[this.times.length - 1] : 0;
    const reference = data.references.map((r) => r.at);
    this.firstEvent = first;
    this.lastEvent = last;
    const low = Math.min(first, ...reference);
    const high = Math.max(last, ...reference);
    const margin = high > low ? (high - low) * 0.015 : SECOND / 2;
    this.full = { from: low - margin, to: high + margin };
    this.view = { ...this.full };
    this.build(figure);
    this.draw();
    this.timing = {};
    whenShown((now) => { this.timing.first_picture = now; });
  }
  /** Called when the columns have been read. */
  complete() {
    this.loaded = true;
    this.listRows();
  }

  build(figure) {
    this.figure = figure;
    const { status, tools } = figureHead(this.data, figure);
    this.status = status;
    tools.append(
      button('−', 'Zoom out (-)', () => this.zoom(2)),
      button('+', 'Zoom in (+)', () => this.zoom(0.5)),
      button('◂', 'Earlier (left arrow)', () => this.pan(-0.25)),
      button('▸', 'Later (right arrow)', () => this.pan(0.25)),
      button('All', 'Show all events (0)', () => this.setView(this.full.from, this.full.to)));
    this.legend = new Legend(this.labels, this.totals, (i) => this.color(i), (on) => {
      this.on = on;
      this.strip.stale = true;
      this.draw();
    });
    if (this.data.legend && this.labels.length > 0) figure.append(...this.legend.elements());
    this.canvas = el('canvas', 'hb-canvas');
    this.canvas.tabIndex = 0;
    this.canvas.setAttribute('role', 'application');
    this.canvas.setAttribute('aria-label', 'Event timeline. Plus and minus zoom, arrows pan, 0 shows all.');
    this.strip = new RangeStrip(this);
    figure.append(this.canvas, this.strip.canvas);
    this.buildRows(figure);
    new TimelineInput(this);
    new ResizeObserver(() => this.draw()).observe(figure);
    onThemeChange(() => {
      this.strip.stale = true;
      this.legend.paint();
      this.draw();
    });
  }

  color(lane) {
    if (this.data.lanes.other && lane === this.labels.length - 1) return theme('--other');
    const palette = matchMedia('(prefers-color-scheme: dark)').matches ? LANE_COLORS.dark : LANE_COLORS.light;
    return palette[lane % palette.length];
  }

  /** Lanes that are switched on, in drawing order. */
  shownLanes() { return this.labels.map((_, i) => i).filter((i) => this.on[i]); }

  layout() {
    const width = Math.max(this.figure.clientWidth, 320);
    const shown = this.shownLanes();
    const context = this.canvas.getContext('2d');
    context.font = theme('--label-font');
    const widest = Math.max(0, ...shown.map((i) => context.measureText(this.labels[i]).width));
    const left = Math.round(clamp(widest + 26, 60, Math.min(260, width * 0.3)));
    const wanted = (innerHeight - 330) / Math.max(shown.length, 1);
    const laneHeight = Math.round(clamp(wanted, 15, shown.length > 3 ? 44 : 64));
    const height = Math.max(shown.length, 1) * laneHeight + AXIS_HEIGHT + 6;
    return { width, left, plot: width - left - 14, laneHeight, height, shown, lanesBottom: height - AXIS_HEIGHT };
  }

  draw() {
    const start = performance.now();
    const place = this.layout();
    this.place = place;
    const context = sizeCanvas(this.canvas, place.width, place.height);
    this.context = context;
    context.fillStyle = theme('--panel');
    context.fillRect(0, 0, place.width, place.height);
    this.countView();
    this.drawLanes(context, place);
    drawAxis(context, {
      baseDay: this.baseDay, from: this.view.from, to: this.view.to, left: place.left, width: place.plot,
      top: place.lanesBottom, gridTop: 4,
      colors: { font: theme('--axis-font'), grid: theme('--grid'), text: theme('--text'), faint: theme('--faint') },
    });
    context.fillStyle = theme('--faint');
    context.textAlign = 'left';
    context.fillText('UTC', 8, place.lanesBottom + 6);
    if (this.shownInView > EXACT_LIMIT) this.drawDensity(context, place);
    else this.drawMarks(context, place);
    this.drawReferences(context, place);
    this.strip.draw();
    this.writeStatus();
    this.lastDraw = performance.now() - start;
    this.scheduleRows();
  }

  countView() {
    const { times, lanes } = this;
    this.low = lowerBound(times, this.view.from);
    this.high = upperBound(times, this.view.to);
    this.counts = new Uint32Array(this.labels.length);
    for (let i = this.low; i < this.high; i++) this.counts[lanes[i]]++;
    this.shownInView = this.counts.reduce((sum, n, lane) => sum + (this.on[lane] ? n : 0), 0);
  }

  drawLanes(context, place) {
    context.font = theme('--label-font');
    context.textBaseline = 'middle';
    context.textAlign = 'left';
    const line = theme('--grid');
    place.shown.forEach((lane, row) => {
      const top = row * place.laneHeight;
      if (row % 2 === 1) {
        context.fillStyle = theme('--stripe');
        context.fillRect(0, top, place.width, place.laneHeight);
      }
      context.fillStyle = this.color(lane);
      context.fillRect(4, top + 3, 4, place.laneHeight - 6);
      context.fillStyle = theme('--text');
      context.fillText(elide(context, this.labels[lane], place.left - 24), 14, top + place.laneHeight / 2 + 0.5);
    });
    context.strokeStyle = line;
    context.beginPath();
    context.moveTo(place.left - 0.5, 0);
    context.lineTo(place.left - 0.5, place.lanesBottom + 0.5);
    context.lineTo(place.width - 8, place.lanesBottom + 0.5);
    context.stroke();
    if (place.shown.length === 0 || this.times.length === 0) {
      context.fillStyle = theme('--faint');
      const text = this.times.length === 0 ? 'No events' : 'Every series is switched off in the legend';
      context.fillText(text, place.left + 14, place.lanesBottom / 2);
    }
  }

  drawDensity(context, place) {
    this.mode = 'density';
    const bins = Math.max(1, Math.floor(place.plot / BIN_WIDTH));
    const width = place.plot / bins;
    const counts = countBins(this.times, this.lanes, this.labels.length, this.view.from, this.view.to, bins);
    this.bins = { bins, width, counts };
    const tallest = place.laneHeight - 5;
    place.shown.forEach((lane, row) => {
      const bottom = (row + 1) * place.laneHeight - 2;
      let most = 1;
      for (let b = lane * bins; b < (lane + 1) * bins; b++) if (counts[b] > most) most = counts[b];
      context.fillStyle = this.color(lane);
      for (let b = 0; b < bins; b++) {
        const count = counts[lane * bins + b];
        if (!count) continue;
        const share = Math.sqrt(count / most);
        const height = Math.max(3, share * tallest);
        context.globalAlpha = 0.55 + 0.45 * share;
        context.fillRect(place.left + b * width, bottom - height, Math.max(width - 0.3, 1), height);
      }
    });
    context.globalAlpha = 1;
  }

  drawMarks(context, place) {
    this.mode = 'exact';
    const rowOf = new Int32Array(this.labels.length).fill(-1);
    place.shown.forEach((lane, row) => { rowOf[lane] = row; });
    const scale = place.plot / (this.view.to - this.view.from);
    const many = this.shownInView > 4000;
    const radius = Math.min(many ? 3 : 5, place.laneHeight * 0.3);
    // Crowded marks are spread over the height of their lane, the more the more there are.
    const crowd = clamp(this.shownInView / place.plot / Math.max(place.shown.length, 1) * 12 - 0.4, 0, 1);
    this.spread = crowd * Math.max(place.laneHeight / 2 - radius - 3, 0);
    const stamps = new Stamps(place.plot, place.lanesBottom, radius, many ? 0.5 : 0.75);
    const colors = place.shown.map((lane) => stamps.color(this.color(lane)));
    for (let i = this.low; i < this.high; i++) {
      const row = rowOf[this.lanes[i]];
      if (row >= 0) stamps.add((this.times[i] - this.view.from) * scale, this.markY(i, row), colors[row]);
    }
    stamps.draw(context, place.left);
    if (this.marked !== undefined && this.marked >= this.low && this.marked < this.high) {
      const row = rowOf[this.lanes[this.marked]];
      if (row >= 0) {
        context.strokeStyle = theme('--text');
        context.lineWidth = 2;
        context.beginPath();
        context.arc(place.left + (this.times[this.marked] - this.view.from) * scale, this.markY(this.marked, row), radius + 2, 0, 7);
        context.stroke();
        context.lineWidth = 1;
      }
    }
  }

  /** The height of an event's mark; the same event always sways the same way. */
  markY(event, row) {
    const sway = ((Math.imul(event + 1, 2654435761) >>> 8) & 1023) / 511.5 - 1;
    return (row + 0.5) * this.place.laneHeight + sway * this.spread;
  }

  drawReferences(context, place) {
    context.font = theme('--axis-font');
    context.textBaseline = 'top';
    for (const reference of this.data.references) {
      if (reference.at < this.view.from || reference.at > this.view.to) continue;
      const x = place.left + (reference.at - this.view.from) / (this.view.to - this.view.from) * place.plot;
      context.strokeStyle = theme('--mark');
      context.setLineDash([5, 4]);
      context.lineWidth = 1.5;
      context.beginPath();
      context.moveTo(x, 0);
      context.lineTo(x, place.lanesBottom);
      context.stroke();
      context.setLineDash([]);
      context.lineWidth = 1;
      const text = elide(context, reference.label, Math.min(260, place.plot * 0.6));
      const width = context.measureText(text).width;
      const start = x + 6 + width + 8 <= place.width ? x + 5 : x - 11 - width;
      context.fillStyle = theme('--mark');
      context.fillRect(start - 1, 3, width + 8, 17);
      context.fillStyle = theme('--panel');
      context.fillText(text, start + 3, 6);
    }
  }

  writeStatus() {
    const span = this.view.to - this.view.from;
    const whole = this.view.from === this.full.from && this.view.to === this.full.to;
    const from = whole ? this.eventTime(0, span) : relativeText(this.baseDay, this.view.from, span);
    const to = whole ? this.eventTime(this.times.length - 1, span) : relativeText(this.baseDay, this.view.to, span);
    const shown = `${plural(this.shownInView, 'event', 'events')} shown of ${groupThousands(this.data.total)}`;
    this.caption.textContent = `${plural(this.shownInView, 'row', 'rows')} in view`;
    this.status.textContent = this.times.length ? `${shown} · ${from} – ${to} UTC` : shown;
    this.hint.textContent = this.mode === 'density'
      ? 'Bars: share of each lane’s busiest moment. Zoom in for single events.'
      : 'Wheel zooms, drag pans, a click picks the row.';
  }
  /** The time of an event, cut to the digits that `span` deserves. */
  eventTime(row, span) {
    if (!this.times.length) return '';
    const digits = digitsFor(span);
    return this.packedTimes.text(row).slice(0, digits ? 20 + digits : 19);
  }

  setView(from, to) {
    const whole = this.full.to - this.full.from;
    const span = clamp(to - from, Math.min(LEAST_SPAN, whole), whole);
    const middle = (from + to) / 2;
    const start = clamp(middle - span / 2, this.full.from, this.full.to - span);
    const next = span === whole ? { ...this.full } : { from: start, to: start + span };
    if (next.from === this.view.from && next.to === this.view.to) return false;
    this.view = next;
    this.draw();
    return true;
  }
  /** Makes the span `factor` times as long; the time `anchor` stays where it is. */
  zoom(factor, anchor = (this.view.from + this.view.to) / 2) {
    const before = performance.now();
    const changed = this.setView(anchor - (anchor - this.view.from) * factor, anchor + (this.view.to - anchor) * factor);
    if (changed) this.timing.zoom = performance.now() - before;
    return changed;
  }
  pan(share) {
    const by = (this.view.to - this.view.from) * share;
    return this.setView(this.view.from + by, this.view.to + by);
  }
  timeAt(x) {
    return this.view.from + (x - this.place.left) / this.place.plot * (this.view.to - this.view.from);
  }
  laneAt(y) {
    const row = Math.floor(y / this.place.laneHeight);
    return y < this.place.lanesBottom && row >= 0 && row < this.place.shown.length ? this.place.shown[row] : -1;
  }

  /** The event nearest to a point and how many share its place, or null. */
  eventAt(x, y) {
    const lane = this.laneAt(y);
    if (lane < 0 || x < this.place.left - 8) return null;
    const perPixel = (this.view.to - this.view.from) / this.place.plot;
    const time = this.timeAt(x);
    const reach = (this.mode === 'density' ? 2 : 10) * perPixel;
    let best = -1;
    let least = Infinity;
    const row = this.place.shown.indexOf(lane);
    const end = upperBound(this.times, time + reach);
    for (let i = lowerBound(this.times, time - reach); i < end; i++) {
      if (this.lanes[i] !== lane) continue;
      const away = this.mode === 'exact' ? Math.hypot((this.times[i] - time) / perPixel, (this.markY(i, row) - y) * (this.spread ? 1 : 0))
                                         : Math.abs(this.times[i] - time);
      if (away < least) {
        best = i;
        least = away;
      }
    }
    if (best < 0) return null;
    let near = 0;
    const close = upperBound(this.times, this.times[best] + 2 * perPixel);
    for (let i = lowerBound(this.times, this.times[best] - 2 * perPixel); i < close; i++) {
      if (this.lanes[i] === lane) near++;
    }
    return { row: best, near };
  }

  pairs(row) {
    return [[this.data.xname, this.packedTimes.text(row)], ...this.columns.map((c) => [c.name, c.text(row)])];
  }

  /** What tests and scripts may read. */
  state() {
    return {
      kind: 'timeline', shown: this.shownInView, total: this.data.total, drawn: this.times.length, mode: this.mode,
      from: this.view.from, to: this.view.to, full: { ...this.full }, timing: { ...this.timing, draw: this.lastDraw },
      lanes: this.labels.map((label, i) => ({ label, total: this.totals[i], shown: this.counts[i], on: this.on[i] })),
      first: this.firstEvent, last: this.lastEvent, place: { ...this.place }, listed: this.rows.count,
    };
  }

  buildRows(figure) {
    const columns = [{ title: `${this.data.xname} (UTC)` }, ...this.columns.map((c) => ({ title: c.name }))];
    const caption = el('div', 'hb-caption');
    this.caption = el('span');
    this.hint = el('span', 'hb-hint');
    caption.append(this.caption, this.hint);
    this.rows = new VirtualRows({
      rowHeight: 22, columns, label: 'Events in view',
      make: () => {
        const row = el('div');
        for (let i = 0; i < columns.length; i++) row.append(el('div', 'hb-cell'));
        return row;
      },
      fill: (element, index) => {
        const row = this.rowAt(index);
        element.firstChild.textContent = this.packedTimes.text(row);
        this.columns.forEach((column, i) => { element.children[i + 1].textContent = column.text(row); });
        element.classList.toggle('hb-picked', row === this.marked);
      },
    });
    this.rows.element.classList.add('hb-events');
    this.rows.element.addEventListener('click', (event) => {
      const index = this.rows.indexOf(event);
      if (index < 0) return;
      this.marked = this.rowAt(index);
      this.draw();
      this.rows.refresh();
    });
    this.rows.element.addEventListener('mousemove', (event) => {
      const index = this.rows.indexOf(event);
      if (index < 0) return this.card.hide();
      const row = this.rowAt(index);
      return this.card.show(event.clientX, event.clientY, this.labels[this.lanes[row]], this.pairs(row));
    });
    this.rows.element.addEventListener('mouseleave', () => this.card.hide());
    figure.append(caption, this.rows.element);
  }
  rowAt(index) { return this.listed ? this.listed[index] : this.listLow + index; }

  scheduleRows() {
    if (!this.loaded) return;
    clearTimeout(this.rowsTimer);
    this.rowsTimer = setTimeout(() => this.listRows(), 140);
  }
  /** Lists the rows in view whose lanes are on. */
  listRows() {
    this.listed = null;
    this.listLow = this.low;
    if (this.on.includes(false)) {
      this.listed = new Uint32Array(this.shownInView);
      let n = 0;
      for (let i = this.low; i < this.high; i++) if (this.on[this.lanes[i]]) this.listed[n++] = i;
    }
    if (!this.tracks && this.times.length) {
      const widths = columnWidths(this.columns, this.times.length, 420);
      this.tracks = ['222px', ...widths.map((w, i) => (i === widths.length - 1 ? `minmax(${w}px, 1fr)` : `${w}px`))].join(' ');
      this.rows.setTracks(this.tracks);
    }
    this.rows.setCount(this.listed ? this.listed.length : this.high - this.low);
  }
  pick(row) {
    this.marked = row;
    this.draw();
    clearTimeout(this.rowsTimer);
    if (this.loaded) this.listRows();
    if (!this.loaded) return;
    const index = this.listed ? lowerBound(this.listed, row) : row - this.listLow;
    this.rows.scrollTo(index);
  }
}
