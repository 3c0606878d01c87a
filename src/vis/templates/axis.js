// Where the ticks of a time axis stand and what they say.

const SECOND = 1e7;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

const STEPS = [];
for (let power = 1; power < SECOND; power *= 10) for (const m of [1, 2, 5]) STEPS.push({ ticks: m * power });
for (const n of [1, 2, 5, 10, 15, 30]) STEPS.push({ ticks: n * SECOND });
for (const n of [1, 2, 5, 10, 15, 30]) STEPS.push({ ticks: n * MINUTE });
for (const n of [1, 2, 3, 6, 12]) STEPS.push({ ticks: n * HOUR });
for (const n of [1, 2, 7, 14]) STEPS.push({ ticks: n * TICKS_PER_DAY, days: n });
for (const n of [1, 3, 6]) STEPS.push({ ticks: n * 30.44 * TICKS_PER_DAY, months: n });
for (const n of [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000]) {
  STEPS.push({ ticks: n * 365.25 * TICKS_PER_DAY, months: 12 * n });
}

/** What a tick says, and the coarser time that it stands in. */
function tickText(step, baseDay, ticks) {
  const day = baseDay + Math.floor(ticks / TICKS_PER_DAY);
  const date = new Date(day * 86400000);
  const year = pad(date.getUTCFullYear(), 4);
  if (step.months) {
    if (step.months >= 12) return { text: year, context: '' };
    return { text: MONTHS[date.getUTCMonth()], context: year };
  }
  if (step.days) return { text: `${MONTHS[date.getUTCMonth()]} ${date.getUTCDate()}`, context: year };
  const clock = Math.round(ticks - Math.floor(ticks / TICKS_PER_DAY) * TICKS_PER_DAY);
  const second = Math.floor(clock / SECOND);
  let text = `${pad(Math.floor(second / 3600), 2)}:${pad(Math.floor(second / 60) % 60, 2)}`;
  if (step.ticks < MINUTE) text += `:${pad(second % 60, 2)}`;
  if (step.ticks < SECOND) {
    const digits = 7 - Math.floor(Math.log10(step.ticks) + 1e-9);
    text += '.' + pad(Math.round(clock % SECOND), 7).slice(0, digits);
  }
  return { text, context: `${WEEKDAYS[date.getUTCDay()]} ${dateText(day)}` };
}

function monthTicks(step, baseDay, from, to) {
  const first = new Date((baseDay + Math.floor(from / TICKS_PER_DAY)) * 86400000);
  let month = first.getUTCFullYear() * 12 + first.getUTCMonth();
  month = Math.floor(month / step.months) * step.months;
  const out = [];
  for (; out.length < 400; month += step.months) {
    if (month < 12 || month >= 120000) {
      if (month < 12) continue;
      break;
    }
    const date = new Date(0);
    date.setUTCFullYear(Math.floor(month / 12), month % 12, 1);
    const at = (date.getTime() / 86400000 - baseDay) * TICKS_PER_DAY;
    if (at > to) break;
    if (at >= from) out.push(at);
  }
  return out;
}

/** The ticks from `from` to `to` (relative ticks) that fit in `width` pixels: [{at, text, context}]. */
function axisTicks(baseDay, from, to, width, measure) {
  const span = to - from;
  let step = STEPS[STEPS.length - 1];
  for (const candidate of STEPS) {
    const room = width * candidate.ticks / span;
    if (room < 12) continue;
    if (room >= measure(tickText(candidate, baseDay, from).text) + 20) {
      step = candidate;
      break;
    }
  }
  let at = [];
  if (step.months) {
    at = monthTicks(step, baseDay, from, to);
  } else {
    // Days are counted from 1970, weeks from a Monday.
    const shift = step.days ? ((baseDay + (step.days >= 7 ? 3 : 0)) % step.days) * TICKS_PER_DAY : 0;
    for (let i = Math.ceil((from + shift) / step.ticks); at.length < 400; i++) {
      const tick = i * step.ticks - shift;
      if (tick > to) break;
      at.push(tick);
    }
  }
  return at.map((tick) => ({ at: tick, ...tickText(step, baseDay, tick) }));
}

/** Draws ticks, labels and the coarser times below them; nothing overlaps, nothing leaves the axis. */
function drawAxis(context, { baseDay, from, to, left, width, top, gridTop, colors }) {
  context.font = colors.font;
  const measure = (text) => context.measureText(text).width;
  const ticks = axisTicks(baseDay, from, to, width, measure);
  const x = (at) => left + (at - from) / (to - from) * width;
  context.textBaseline = 'top';
  context.textAlign = 'left';
  let edge = left - 1e9;
  for (const tick of ticks) {
    const px = Math.round(x(tick.at)) + 0.5;
    context.strokeStyle = colors.grid;
    context.beginPath();
    context.moveTo(px, gridTop);
    context.lineTo(px, top + 4);
    context.stroke();
    const half = measure(tick.text) / 2;
    const start = clamp(px - half, left - 8, left + width - 2 * half);
    if (start < edge + 8) continue;
    edge = start + 2 * half;
    context.fillStyle = colors.text;
    context.fillText(tick.text, start, top + 6);
  }
  drawContexts(context, ticks, { x, left, width, top: top + 21, baseDay, from, colors, measure });
  return ticks;
}

/** The second line of an axis: the first context at the left edge, each next one where it begins. */
function drawContexts(context, ticks, { x, left, width, top, colors, measure }) {
  const places = [];
  ticks.forEach((tick, i) => {
    if (!tick.context || (i > 0 && tick.context === ticks[i - 1].context)) return;
    const size = measure(tick.context);
    const start = i === 0 ? left - 8 : x(tick.at) - Math.min(measure(tick.text) / 2, size / 2);
    places.push({ text: tick.context, start: clamp(start, left - 8, left + width - size), size });
  });
  if (places.length > 1 && places[0].start + places[0].size + 12 > places[1].start) places.shift();
  let edge = -1e9;
  context.fillStyle = colors.faint;
  for (const place of places) {
    if (place.start < edge + 12) continue;
    context.fillText(place.text, place.start, top);
    edge = place.start + place.size;
  }
}
