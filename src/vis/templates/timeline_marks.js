// Round marks, many and fast: blended into one image by hand, which is ten times as fast as drawing each.

const PIXELS = new Map();

/** Marks of one size on a transparent sheet of `width` by `height`; they may stand out at its left and right. */
class Stamps {
  constructor(width, height, radius, alpha) {
    this.ratio = window.devicePixelRatio || 1;
    this.margin = Math.ceil((radius + 2) * this.ratio);
    this.width = Math.max(1, Math.round(width * this.ratio)) + 2 * this.margin;
    this.height = Math.max(1, Math.round(height * this.ratio));
    this.image = new ImageData(this.width, this.height);
    this.pixels = new Uint32Array(this.image.data.buffer);
    this.makeMask(radius, alpha);
  }
  /** How much each pixel of a mark covers, 0 to 256. */
  makeMask(radius, alpha) {
    const size = Math.ceil((2 * radius + 2) * this.ratio);
    const canvas = document.createElement('canvas');
    canvas.width = canvas.height = size;
    const context = canvas.getContext('2d');
    context.scale(this.ratio, this.ratio);
    context.beginPath();
    context.arc(size / this.ratio / 2, size / this.ratio / 2, radius, 0, 7);
    context.globalAlpha = alpha;
    context.fill();
    context.globalAlpha = Math.min(1, alpha + 0.2);
    context.stroke();
    const { data } = context.getImageData(0, 0, size, size);
    this.size = size;
    this.mask = new Uint16Array(size * size);
    for (let i = 0; i < this.mask.length; i++) this.mask[i] = Math.round(data[4 * i + 3] * 256 / 255);
  }
  /** A CSS colour as the pixel that `add` takes; its alpha is 0. */
  color(css) {
    if (PIXELS.has(css)) return PIXELS.get(css);
    const context = document.createElement('canvas').getContext('2d');
    context.fillStyle = css;
    context.fillRect(0, 0, 1, 1);
    const { data } = context.getImageData(0, 0, 1, 1);
    const bytes = new Uint8Array([data[0], data[1], data[2], 0]);
    PIXELS.set(css, new Uint32Array(bytes.buffer)[0]);
    return PIXELS.get(css);
  }
  /** A mark around a point, in CSS pixels of the sheet. */
  add(x, y, color) {
    const { size, mask, pixels, width } = this;
    const left = clamp(Math.round(x * this.ratio - size / 2) + this.margin, 0, width - size);
    const top = clamp(Math.round(y * this.ratio - size / 2), 0, this.height - size);
    for (let row = 0, at = 0; row < size; row++) {
      const start = (top + row) * width + left;
      for (let column = 0; column < size; column++, at++) {
        if (mask[at] === 0) continue;
        const alpha = pixels[start + column] >>> 24;
        pixels[start + column] = (color | ((alpha + (((255 - alpha) * mask[at] + 128) >> 8)) << 24)) >>> 0;
      }
    }
  }
  draw(context, left) {
    const canvas = document.createElement('canvas');
    canvas.width = this.width;
    canvas.height = this.height;
    canvas.getContext('2d').putImageData(this.image, 0, 0);
    context.drawImage(canvas, left - this.margin / this.ratio, 0, this.width / this.ratio, this.height / this.ratio);
  }
}
