// The timeline's legend, range strip and input.

/** Series to switch on and off: click toggles, shift-click shows only that one (again: all). */
class Legend {
  constructor(labels, totals, color, changed) {
    this.color = color;
    this.on = labels.map(() => true);
    this.changed = changed;
    this.element = el('div', 'hb-legend');
    this.element.setAttribute('role', 'group');
    this.element.setAttribute('aria-label', 'Series');
    this.items = labels.map((label, i) => {
      const item = el('button', 'hb-key');
      item.type = 'button';
      item.title = `${label} · ${plural(totals[i], 'event', 'events')}\nClick: show or hide. Shift-click: only this one.`;
      item.append(el('span', 'hb-swatch'), el('span', 'hb-key-label', label),
                  el('span', 'hb-key-count', groupThousands(totals[i])));
      item.addEventListener('click', (event) => this.click(i, event.shiftKey));
      this.element.append(item);
      return item;
    });
    this.paint();
  }
  /** The legend; many series show two lines of it until asked for all. */
  elements() {
    if (this.items.length <= 14) return [this.element];
    const more = button('', 'Show or fold the legend', () => show(this.element.classList.contains('hb-folded')));
    more.classList.add('hb-more');
    const show = (all) => {
      this.element.classList.toggle('hb-folded', !all);
      more.textContent = all ? 'Fold the legend' : `All ${this.items.length} series`;
    };
    show(false);
    return [this.element, more];
  }
  click(i, isolate) {
    if (isolate) {
      const alone = this.on[i] && this.on.filter(Boolean).length === 1;
      this.on = this.on.map((_, k) => alone || k === i);
    } else {
      this.on[i] = !this.on[i];
    }
    this.paint();
    this.changed([...this.on]);
  }
  paint() {
    this.items.forEach((item, i) => {
      item.setAttribute('aria-pressed', String(this.on[i]));
      item.firstChild.style.background = this.color(i);
    });
  }
}

/** All events in small, with the part in view marked; drag to move it, its edges to resize it. */
class RangeStrip {
  constructor(timeline) {
    this.timeline = timeline;
    this.stale = true;
    this.canvas = el('canvas', 'hb-strip');
    this.canvas.setAttribute('aria-label', 'Range of all events');
    this.canvas.addEventListener('pointerdown', (event) => this.down(event));
    this.canvas.addEventListener('pointermove', (event) => this.move(event));
    this.canvas.addEventListener('pointerup', () => { this.drag = null; });
    this.canvas.addEventListener('dblclick', () => {
      const { full } = this.timeline;
      this.timeline.setView(full.from, full.to);
    });
  }
  scale() {
    const { full, place } = this.timeline;
    return { left: place.left, width: place.plot, perTick: place.plot / (full.to - full.from), from: full.from };
  }
  draw() {
    const { timeline } = this;
    const { left, width, perTick, from } = this.scale();
    const context = sizeCanvas(this.canvas, timeline.place.width, STRIP_HEIGHT);
    context.fillStyle = theme('--panel');
    context.fillRect(0, 0, timeline.place.width, STRIP_HEIGHT);
    this.drawCounts(context, left, width);
    const x0 = left + (timeline.view.from - from) * perTick;
    const x1 = Math.max(left + (timeline.view.to - from) * perTick, x0 + 2);
    context.fillStyle = theme('--veil');
    context.fillRect(left, 2, x0 - left, STRIP_HEIGHT - 18);
    context.fillRect(x1, 2, left + width - x1, STRIP_HEIGHT - 18);
    context.strokeStyle = theme('--accent');
    context.lineWidth = 1.5;
    context.strokeRect(x0, 2, x1 - x0, STRIP_HEIGHT - 18);
    context.fillStyle = theme('--accent');
    for (const x of [x0, x1]) context.fillRect(x - 2.5, 12, 5, STRIP_HEIGHT - 38);
    context.lineWidth = 1;
    this.drawEnds(context, left, width);
  }
  drawCounts(context, left, width) {
    const { timeline } = this;
    const bins = Math.max(1, Math.floor(width / 2));
    if (this.stale || this.bins !== bins) {
      const counts = countBins(timeline.times, timeline.lanes, timeline.labels.length, timeline.full.from,
                               timeline.full.to, bins);
      this.sums = new Float64Array(bins);
      timeline.labels.forEach((_, lane) => {
        if (!timeline.on[lane]) return;
        for (let b = 0; b < bins; b++) this.sums[b] += counts[lane * bins + b];
      });
      this.bins = bins;
      this.most = this.sums.reduce((a, b) => Math.max(a, b), 1);
      this.stale = false;
    }
    context.fillStyle = theme('--overview');
    const tall = STRIP_HEIGHT - 22;
    for (let b = 0; b < bins; b++) {
      if (!this.sums[b]) continue;
      const height = Math.max(1.5, Math.sqrt(this.sums[b] / this.most) * tall);
      context.fillRect(left + b * width / bins, STRIP_HEIGHT - 16 - height, Math.max(width / bins - 0.3, 1), height);
    }
  }
  drawEnds(context, left, width) {
    const { timeline } = this;
    const span = timeline.full.to - timeline.full.from;
    context.font = theme('--axis-font');
    context.fillStyle = theme('--faint');
    context.textBaseline = 'bottom';
    context.textAlign = 'left';
    if (!timeline.times.length) return;
    const text = (event) => timeline.eventTime(event, width > 330 ? span : TICKS_PER_DAY).slice(0, width > 330 ? 27 : 10);
    context.fillText(text(0), left, STRIP_HEIGHT - 1);
    context.textAlign = 'right';
    context.fillText(text(timeline.times.length - 1), left + width, STRIP_HEIGHT - 1);
    context.textAlign = 'left';
    context.fillText('Range', 8, STRIP_HEIGHT - 26);
  }
  down(event) {
    const { timeline } = this;
    const { left, perTick, from } = this.scale();
    const x = event.offsetX;
    const x0 = left + (timeline.view.from - from) * perTick;
    const x1 = left + (timeline.view.to - from) * perTick;
    const time = from + (x - left) / perTick;
    const whole = timeline.view.from === timeline.full.from && timeline.view.to === timeline.full.to;
    let part = 'new';
    if (Math.abs(x - x0) < 7) part = 'from';
    else if (Math.abs(x - x1) < 7) part = 'to';
    else if (x > x0 && x < x1 && !whole) part = 'all';
    this.drag = { part, time, view: { ...timeline.view } };
    this.canvas.setPointerCapture(event.pointerId);
  }
  move(event) {
    const { left, width, perTick, from } = this.scale();
    if (!this.drag) return;
    const time = from + (clamp(event.offsetX, left, left + width) - left) / perTick;
    const { part, view } = this.drag;
    const { timeline } = this;
    if (part === 'from') timeline.setView(Math.min(time, view.to - LEAST_SPAN), view.to);
    else if (part === 'to') timeline.setView(view.from, Math.max(time, view.from + LEAST_SPAN));
    else if (part === 'all') timeline.setView(view.from + time - this.drag.time, view.to + time - this.drag.time);
    else if (Math.abs(time - this.drag.time) * perTick > 3) {
      timeline.setView(Math.min(time, this.drag.time), Math.max(time, this.drag.time));
    }
  }
}

/** Wheel, drag, keys and hover on the timeline's canvas. */
class TimelineInput {
  constructor(timeline) {
    this.timeline = timeline;
    const { canvas } = timeline;
    canvas.addEventListener('wheel', (event) => this.wheel(event), { passive: false });
    canvas.addEventListener('dblclick', (event) => timeline.zoom(event.shiftKey ? 4 : 0.25, timeline.timeAt(event.offsetX)));
    canvas.addEventListener('pointerdown', (event) => {
      if (event.button !== 0) return;
      this.drag = { x: event.offsetX, view: { ...timeline.view }, moved: false };
      canvas.setPointerCapture(event.pointerId);
    });
    canvas.addEventListener('pointermove', (event) => this.move(event));
    canvas.addEventListener('pointerup', (event) => this.up(event));
    canvas.addEventListener('pointerleave', () => timeline.card.hide());
    canvas.addEventListener('keydown', (event) => this.key(event));
  }
  wheel(event) {
    const { timeline } = this;
    if (event.ctrlKey) return;
    if (Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
      if (timeline.pan(clamp(event.deltaX / 1000, -0.5, 0.5))) event.preventDefault();
      return;
    }
    timeline.card.hide();
    const factor = Math.exp(clamp(event.deltaY, -240, 240) / 300);
    if (timeline.zoom(factor, timeline.timeAt(Math.max(event.offsetX, timeline.place.left)))) event.preventDefault();
  }
  move(event) {
    const { timeline } = this;
    if (this.drag) {
      const by = (event.offsetX - this.drag.x) / timeline.place.plot * (this.drag.view.to - this.drag.view.from);
      if (Math.abs(event.offsetX - this.drag.x) > 3) this.drag.moved = true;
      if (this.drag.moved) {
        timeline.card.hide();
        timeline.canvas.classList.add('hb-dragging');
        timeline.setView(this.drag.view.from - by, this.drag.view.to - by);
      }
      return;
    }
    this.hover(event);
  }
  up(event) {
    const moved = this.drag && this.drag.moved;
    this.drag = null;
    this.timeline.canvas.classList.remove('hb-dragging');
    if (moved) return;
    const found = this.timeline.eventAt(event.offsetX, event.offsetY);
    if (found) this.timeline.pick(found.row);
  }
  hover(event) {
    const { timeline } = this;
    const lane = timeline.laneAt(event.offsetY);
    if (lane >= 0 && event.offsetX < timeline.place.left - 2) {
      timeline.card.show(event.clientX, event.clientY, timeline.labels[lane],
                         [['Events', groupThousands(timeline.totals[lane])], ['In view', groupThousands(timeline.counts[lane])]]);
      return;
    }
    const found = timeline.eventAt(event.offsetX, event.offsetY);
    if (!found) {
      timeline.card.hide();
      return;
    }
    const others = found.near > 1 ? `One of ${groupThousands(found.near)} events at this place` : '';
    timeline.card.show(event.clientX, event.clientY, timeline.labels[timeline.lanes[found.row]],
                       timeline.pairs(found.row), others);
  }
  key(event) {
    const { timeline } = this;
    const actions = {
      '+': () => timeline.zoom(0.5), '=': () => timeline.zoom(0.5), '-': () => timeline.zoom(2), '_': () => timeline.zoom(2),
      '0': () => timeline.setView(timeline.full.from, timeline.full.to),
      ArrowLeft: () => timeline.pan(-0.2), ArrowRight: () => timeline.pan(0.2),
      Home: () => timeline.pan(-1e9), End: () => timeline.pan(1e9),
    };
    const action = actions[event.key];
    if (!action || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    action();
  }
}
