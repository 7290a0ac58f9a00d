// Justified rows: every row of photos fills the width exactly, at a height near the wanted one.

const GAP = 4;
const NARROWEST = 0.45; // width through height; what is narrower or wider than these is cropped to them
const WIDEST = 3.5;

/**
 * Rows from left to right, top to bottom. More photos at the end change no row but the last.
 * @param {number[]} ratios width through height of each photo
 * @param {number} width px of a row
 * @param {number} wanted height of a row in px
 * @param {number} gap px between photos
 * @returns {{ height: number, widths: number[] }[]} whole px; the widths and gaps of a row make up `width`, save for
 *   the last row, which is left as it is
 */
export function justify(ratios, width, wanted, gap) {
  const rows = [];
  let row = [];
  const height = (some) => (width - gap * (some.length - 1)) / some.reduce((sum, ratio) => sum + ratio, 0);
  const close = (some) => rows.push(fill(some, width, Math.round(height(some)), gap));
  for (const ratio of ratios) {
    const longer = [...row, ratio];
    if (row.length && wanted - height(longer) > height(row) - wanted) {
      close(row);
      row = [ratio];
    } else {
      row = longer;
    }
    if (height(row) <= wanted) {
      close(row);
      row = [];
    }
  }
  if (row.length) {
    const last = Math.round(Math.min(height(row), wanted));
    rows.push({ height: last, widths: row.map((ratio) => Math.round(ratio * last)) });
  }
  return rows;
}

function fill(ratios, width, height, gap) {
  const sum = ratios.reduce((all, ratio) => all + ratio, 0);
  const space = width - gap * (ratios.length - 1);
  let passed = 0;
  const edges = ratios.map((ratio) => Math.round(((passed += ratio) / sum) * space));
  return { height, widths: edges.map((edge, i) => edge - (edges[i - 1] ?? 0)) };
}

/** Lay out one list of tiles for the width it has. */
function layOut(list, width) {
  const wanted = parseFloat(getComputedStyle(list).getPropertyValue("--row"));
  const pictures = [...list.querySelectorAll(".tile-picture")];
  if (!pictures.length) return;
  const ratios = pictures.map((picture) => {
    const image = picture.querySelector("img");
    return Math.min(Math.max(image.getAttribute("width") / image.getAttribute("height"), NARROWEST), WIDEST);
  });
  const rows = justify(ratios, width, wanted, GAP);
  const sizes = rows.flatMap(({ height, widths }) => widths.map((each) => [each, height]));
  pictures.forEach((picture, i) => {
    picture.parentElement.style.width = `${sizes[i][0]}px`;
    picture.style.height = `${sizes[i][1]}px`;
  });
  const [row] = rows;
  const used = row.widths.reduce((sum, each) => sum + each, GAP * (row.widths.length - 1));
  list.style.width = `${rows.length > 1 ? width : used}px`; // what is short leaves room beside it
  list.classList.add("is-laid");
  const height = rows.reduce((sum, each) => sum + each.height, GAP * (rows.length - 1));
  list.style.containIntrinsicBlockSize = `${height}px`; // the browser skips what is far from view
}

/**
 * Keep all lists of tiles in `root` laid out, and what is in view in its place when the width changes.
 * @param {HTMLElement} root
 * @returns {() => void} to be called after tiles were added
 */
export function keepJustified(root) {
  let width = 0;
  const lay = () => {
    const now = Math.floor(root.getBoundingClientRect().width);
    const isNew = now !== width;
    width = now;
    const lists = [...root.querySelectorAll(isNew ? ".tiles" : ".tiles:not(.is-laid)")];
    if (!lists.length || !width) return;
    const seen = isNew && scrollY > 0 ? firstInView(root) : null;
    const before = seen?.getBoundingClientRect().top;
    lists.forEach((list) => layOut(list, width));
    if (seen) scrollBy(0, seen.getBoundingClientRect().top - before);
  };
  new ResizeObserver(lay).observe(root);
  lay();
  return lay;
}

/** The first tile that can be seen. */
export function firstInView(root) {
  return [...root.querySelectorAll(".tile")].find((tile) => tile.getBoundingClientRect().bottom > 80) ?? null;
}
