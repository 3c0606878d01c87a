// The process tree: virtual rows with guides, aligned columns, folding, search, highlights.

class ProcessTree {
  constructor(figure, data, card, picture) {
    this.data = data;
    this.card = card;
    this.count = data.total;
    this.depth = integersOf(data.depth, 4);
    this.parent = new Int32Array(bytesOf(data.parent).buffer);
    this.flags = integersOf(data.flags, 1);  // 1: highlighted, 2: placeholder
    this.columns = packedColumns(data, picture);
    this.byName = Object.fromEntries(this.columns.map((column) => [column.name, column]));
    this.names = new PackedColumn({ name: 'Name', type: 'string' }, picture, this.columns.length);
    this.folded = new Uint8Array(this.count);
    this.prepare();
    this.build(figure);
    this.list();
    this.timing = {};
    whenShown((now) => { this.timing.first_picture = now; });
  }

  /** Where each node's subtree ends, and whether it is its parent's last child. */
  prepare() {
    const { count, depth, parent } = this;
    this.end = new Uint32Array(count);
    this.last = new Uint8Array(count);
    this.children = new Uint32Array(count);
    this.deepest = depth.reduce((a, b) => Math.max(a, b), 0);
    const open = [];
    for (let node = 0; node <= count; node++) {
      const level = node < count ? depth[node] : 0;
      while (open.length > level || (node === count && open.length)) this.end[open.pop()] = node;
      if (node === count) break;
      open.push(node);
      if (parent[node] >= 0) this.children[parent[node]]++;
    }
    const seen = new Uint32Array(count);
    for (let node = 0; node < count; node++) {
      const up = parent[node];
      if (up >= 0 && ++seen[up] === this.children[up]) this.last[node] = 1;
    }
  }

  build(figure) {
    const { status, tools } = figureHead(this.data, figure);
    this.status = status;
    this.search = el('input', 'hb-search');
    this.search.type = 'search';
    this.search.placeholder = 'Search processes';
    this.search.setAttribute('aria-label', 'Search processes');
    this.search.addEventListener('input', () => {
      clearTimeout(this.searchTimer);
      this.searchTimer = setTimeout(() => this.list(), 120);
    });
    tools.append(this.search, button('Fold all', 'Fold all processes', () => this.foldAll(1)),
                 button('Unfold all', 'Unfold all processes', () => this.foldAll(0)));
    if (this.flags.some((flag) => flag & 1)) {
      this.only = button('Highlighted', 'Show only highlighted processes and their parents', () => {
        this.only.setAttribute('aria-pressed', String(this.only.getAttribute('aria-pressed') !== 'true'));
        this.list();
      });
      this.only.setAttribute('aria-pressed', 'false');
      tools.prepend(this.only);
    }
    this.rows = new VirtualRows({
      rowHeight: 24, label: 'Process tree',
      columns: this.data.shown.map(({ title, name }) => ({ title, className: cellClass(name) })),
      make: () => this.makeRow(), fill: (row, index) => this.fillRow(row, index),
    });
    this.rows.element.classList.add('hb-tree');
    this.rows.element.setAttribute('role', 'treegrid');
    this.rows.element.addEventListener('click', (event) => this.click(event));
    this.rows.element.addEventListener('mousemove', (event) => this.hover(event));
    this.rows.element.addEventListener('mouseleave', () => this.card.hide());
    this.rows.element.addEventListener('keydown', (event) => this.key(event));
    figure.append(this.rows.element);
    const sized = ['ProcessId', 'Account', 'Computer'];
    const widths = columnWidths(sized.map((name) => this.byName[name]), this.count, 190);
    this.fit = Object.fromEntries(sized.map((name, i) => [name, widths[i]]));
    this.fitTracks();
    new ResizeObserver(() => this.fitTracks()).observe(figure);
  }

  /** Narrow pages leave out accounts and hosts (the card still shows them). */
  fitTracks() {
    const width = this.rows.element.clientWidth || innerWidth;
    const narrow = width < 860;
    this.narrow = narrow;
    const fixed = { TimeGenerated: narrow ? 168 : 186, ProcessId: this.fit.ProcessId };
    for (const name of ['Account', 'Computer']) fixed[name] = narrow ? 0 : this.fit[name];
    const names = this.data.shown.map(({ name }) => name);
    const rest = width - names.reduce((sum, name) => sum + (fixed[name] || 0), 0) - 18;
    const indent = narrow || this.deepest > 12 ? 10 : 16;
    const room = narrow ? 120 : 180;
    fixed.ProcessName = Math.round(clamp(this.deepest * indent + room + 10, Math.min(220, rest * 0.6), rest * (narrow ? 0.62 : 0.55)));
    this.mostGuides = Math.max(2, Math.floor((fixed.ProcessName - room) / indent));
    this.rows.element.style.setProperty('--indent', `${indent}px`);
    this.rows.setTracks(names.map((name) => (name === 'CommandLine' ? 'minmax(0, 1fr)' : `${fixed[name]}px`)).join(' '));
    if (this.visible) this.rows.refresh();
    this.rows.element.classList.toggle('hb-narrow', narrow);
  }

  makeRow() {
    const row = el('div');
    row.setAttribute('role', 'row');
    for (const { name } of this.data.shown) row.append(el('div', 'hb-cell ' + cellClass(name)));
    return row;
  }

  fillRow(row, index) {
    const node = this.visible[index];
    this.data.shown.forEach(({ name }, i) => {
      const cell = row.children[i];
      if (name === 'ProcessName') this.fillName(cell, node);
      else if (name === 'TimeGenerated') cell.textContent = this.byName[name].text(node).slice(0, this.narrow ? 19 : 23);
      else cell.textContent = this.byName[name].text(node);
    });
    row.setAttribute('aria-level', this.depth[node] + 1);
    if (this.children[node]) row.setAttribute('aria-expanded', String(!this.folded[node]));
    else row.removeAttribute('aria-expanded');
    row.classList.toggle('hb-mark', (this.flags[node] & 1) !== 0);
    row.classList.toggle('hb-ghost', (this.flags[node] & 2) !== 0);
    row.classList.toggle('hb-context', this.matches !== null && !this.matches[node]);
    row.classList.toggle('hb-picked', index === this.cursor);
  }

  fillName(cell, node) {
    const parts = [];
    const level = this.depth[node];
    const guides = [];
    for (let at = node; this.parent[at] >= 0 && guides.length < this.mostGuides; at = this.parent[at]) {
      const own = at === node;
      guides.push(this.last[at] ? (own ? 'l' : '') : (own ? 't' : 'v'));
    }
    if (level > this.mostGuides) parts.push(el('span', 'hb-deep', `${level} …`));
    for (const guide of guides.reverse()) parts.push(el('i', `hb-guide hb-guide-${guide || 'n'}`));
    const fold = el('i', 'hb-fold', this.children[node] ? (this.folded[node] ? '▸' : '▾') : '');
    parts.push(fold, el('span', 'hb-name', this.names.text(node)));
    if (this.folded[node]) parts.push(el('span', 'hb-count', groupThousands(this.end[node] - node - 1)));
    cell.replaceChildren(...parts);
  }

  /** Which nodes show: not folded away, and with words in the search box the matches and their parents. */
  list() {
    const words = this.search.value.trim();
    const onlyMarked = this.only !== undefined && this.only.getAttribute('aria-pressed') === 'true';
    this.matches = null;
    let keep = null;
    let found = this.count;
    if (words || onlyMarked) {
      this.matches = words ? rowsHolding(this.columns.filter((c) => c.type !== 'datetime'), this.count, words)
                           : new Uint8Array(this.count).fill(1);
      if (onlyMarked) for (let i = 0; i < this.count; i++) if (!(this.flags[i] & 1)) this.matches[i] = 0;
      keep = new Uint8Array(this.count);
      found = 0;
      for (let node = this.count - 1; node >= 0; node--) {
        if (this.matches[node]) {
          keep[node] = 1;
          found++;
        }
        if (keep[node] && this.parent[node] >= 0) keep[this.parent[node]] = 1;
      }
    }
    const visible = new Uint32Array(this.count);
    let shown = 0;
    for (let node = 0; node < this.count; node++) {
      if (keep && !keep[node]) continue;
      visible[shown++] = node;
      if (this.folded[node] && !keep) node = this.end[node] - 1;
    }
    this.visible = visible.subarray(0, shown);
    this.cursor = -1;
    this.found = found;
    this.status.textContent = this.matches ? `${plural(found, 'match', 'matches')} in ${this.data.summary}` : this.data.summary;
    this.rows.setCount(shown);
  }

  foldAll(value) {
    for (let node = 0; node < this.count; node++) this.folded[node] = value && this.children[node] ? 1 : 0;
    this.list();
  }
  fold(index, value) {
    const node = this.visible[index];
    if (!this.children[node] || this.matches) return;
    this.folded[node] = value === undefined ? 1 - this.folded[node] : value;
    this.list();
    this.cursor = index;
    this.rows.refresh();
  }
  click(event) {
    const index = this.rows.indexOf(event);
    if (index < 0) return;
    if (event.target.classList.contains('hb-fold')) {
      this.fold(index);
      return;
    }
    this.cursor = index;
    this.rows.refresh();
  }
  hover(event) {
    const index = this.rows.indexOf(event);
    if (index < 0) {
      this.card.hide();
      return;
    }
    const node = this.visible[index];
    const pairs = this.columns.map((column) => [column.name, column.text(node)]);
    const below = this.end[node] - node - 1;
    const foot = [this.flags[node] & 2 ? 'Named by its children; its own start is not in the data' : '',
                  below ? plural(below, 'process below it', 'processes below it') : ''].filter(Boolean).join(' · ');
    this.card.show(event.clientX, event.clientY, this.names.text(node), pairs, foot);
  }
  key(event) {
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 20, PageUp: -20 }[event.key];
    if (step) this.cursor = clamp(this.cursor + step, 0, this.visible.length - 1);
    else if (event.key === 'ArrowLeft' && this.cursor >= 0) this.left();
    else if (event.key === 'ArrowRight' && this.cursor >= 0) this.fold(this.cursor, 0);
    else if (event.key === 'Home') this.cursor = 0;
    else if (event.key === 'End') this.cursor = this.visible.length - 1;
    else return;
    event.preventDefault();
    if (this.cursor >= 0) this.rows.scrollTo(this.cursor);
  }
  /** Folds the node under the cursor, or goes to its parent when there is nothing to fold. */
  left() {
    const node = this.visible[this.cursor];
    if (this.children[node] && !this.folded[node] && !this.matches) {
      this.fold(this.cursor, 1);
    } else if (this.parent[node] >= 0) {
      this.cursor = lowerBound(this.visible, this.parent[node]);
    }
  }

  state() {
    return { kind: 'processtree', total: this.count, visible: this.visible.length, found: this.found, timing: { ...this.timing } };
  }
}

const cellClass = (name) => ({ ProcessId: 'hb-number', CommandLine: 'hb-mono hb-wide', Account: 'hb-extra', Computer: 'hb-extra' }[name] || '');
