// Lists that go on: a link to the next piece, which is fetched when it comes near.

import { isElsewhere } from "./clicks.js";

/**
 * Follow the link `selector` in `root` whenever it comes into view; what is at its `data-fragment` is handed to `put`.
 * @param {HTMLElement} root
 * @param {string} selector
 * @param {(piece: DocumentFragment, link: HTMLElement) => void} put puts it into the page; the link is gone by then
 * @param {string} margin how near is near
 * @returns {{ look: () => void, load: () => Promise<boolean> }} `look`: to be called when the page has changed
 */
export function keepLoading(root, selector, put, margin = "1600px") {
  let isLoading = null;
  let watched = null;
  const observer = new IntersectionObserver((entries) => entries.at(-1).isIntersecting && load(), { rootMargin: `${margin} 0px` });

  function look() {
    const link = root.querySelector(selector);
    if (link === watched) return;
    observer.disconnect();
    watched = link;
    if (!link) return;
    observer.observe(link);
    link.addEventListener("click", (event) => {
      if (isElsewhere(event)) return;
      event.preventDefault();
      load();
    });
  }

  /** Whether something came. */
  function load() {
    isLoading ??= fetchPiece().finally(() => {
      isLoading = null;
      look();
    });
    return isLoading;
  }

  async function fetchPiece() {
    const link = root.querySelector(selector);
    if (!link) return false;
    try {
      const answer = await fetch(link.dataset.fragment);
      if (!answer.ok) throw new Error(answer.statusText);
      const holder = document.createElement("template");
      holder.innerHTML = await answer.text();
      link.parentElement.remove();
      watched = null;
      put(holder.content, link);
      return true;
    } catch {
      link.textContent = link.dataset.failed; // it stays, to be clicked
      observer.disconnect();
      return false;
    }
  }

  look();
  return { look, load };
}

/**
 * Add months of tiles to `months`, before or after what is there. A month that is there already goes on; a photo that
 * is there already is not shown twice.
 * @param {HTMLElement} months
 * @param {DocumentFragment} piece
 * @param {boolean} isBefore
 */
export function joinMonths(months, piece, isBefore = false) {
  for (const tile of piece.querySelectorAll(".tile")) if (document.getElementById(tile.id)) tile.remove();
  for (const month of piece.querySelectorAll(".month")) {
    const there = months.querySelector(`.month[data-month="${month.dataset.month}"]`);
    const list = there?.querySelector(".tiles");
    const tiles = month.querySelectorAll(".tile");
    if (list && tiles.length) {
      list[isBefore ? "prepend" : "append"](...tiles);
      list.classList.remove("is-laid");
    }
    if (list || !tiles.length) month.remove();
  }
  months[isBefore ? "prepend" : "append"](piece);
}
