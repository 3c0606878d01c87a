// A table as virtual rows with a search box.

class Grid {
  constructor(figure, data, card, picture) {
    this.data = data;
    this.card = card;
    this.columns = packedColumns(data, picture);
    this.listed = null;
    const { status, tools } = figureHead(data, figure);
    this.status = status;
    this.search = el('input', 'hb-search');
    this.search.type = 'search';
    this.search.placeholder = 'Search rows';
    this.search.setAttribute('aria-label', 'Search rows');
    this.search.addEventListener('input', () => {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.list(), 120);
    });
    tools.append(this.search);
    const numeric = (type) => ['long', 'int', 'real', 'decimal'].includes(type);
    const shape = data.columns.map(({ name, type }) => ({
      title: type === 'datetime' ? `${name} (UTC)` : name, className: numeric(type) ? 'hb-number' : '',
    }));
    this.rows = new VirtualRows({
      rowHeight: 24, columns: shape, label: 'Rows',
      make: () => {
        const row = el('div');
        for (const { className } of shape) row.append(el('div', 'hb-cell ' + className));
        return row;
      },
      fill: (row, index) => this.columns.forEach((column, i) => {
        row.children[i].textContent = column.text(this.rowAt(index));
      }),
    });
    this.rows.element.classList.add('hb-grid');
    this.rows.element.addEventListener('mousemove', (event) => {
      const index = this.rows.indexOf(event);
      if (index < 0) return card.hide();
      const row = this.rowAt(index);
      return card.show(event.clientX, event.clientY, `Row ${groupThousands(row + 1)}`,
                       this.columns.map((column) => [column.name, column.text(row)]));
    });
    this.rows.element.addEventListener('mouseleave', () => card.hide());
    figure.append(this.rows.element);
    const widths = columnWidths(this.columns, data.total, 480);
    this.rows.setTracks(widths.map((w, i) => (i === widths.length - 1 ? `minmax(${w}px, 1fr)` : `${w}px`)).join(' '));
    this.list();
    this.timing = {};
    whenShown((now) => { this.timing.first_picture = now; });
  }
  rowAt(index) { return this.listed ? this.listed[index] : index; }
  list() {
    const words = this.search.value.trim();
    this.listed = null;
    let count = this.data.total;
    if (words) {
      const mask = rowsHolding(this.columns, this.data.total, words);
      this.listed = new Uint32Array(mask.reduce((a, b) => a + b, 0));
      count = 0;
      mask.forEach((hit, row) => { if (hit) this.listed[count++] = row; });
    }
    this.status.textContent = words ? `${groupThousands(count)} of ${plural(this.data.total, 'row', 'rows')}`
                                    : plural(count, 'row', 'rows');
    this.rows.setCount(count);
  }
  state() { return { kind: 'table', total: this.data.total, listed: this.rows.count, timing: { ...this.timing } }; }
}
