// Ctrl K: jump to a page, or find a record.
import { on } from "./dom";

const HITS = ".hit:not([hidden])";

function palette(): HTMLDialogElement | null {
  return document.querySelector<HTMLDialogElement>("#palette");
}

function open(): void {
  const box = palette();
  if (!box || box.open) return;
  box.showModal();
  const input = box.querySelector("input");
  input?.focus();
  input?.select();
}

function pick(step: number): void {
  const box = palette();
  const hits = [...(box?.querySelectorAll<HTMLElement>(HITS) ?? [])];
  if (!hits.length) return;
  const now = hits.findIndex((hit) => hit.classList.contains("is-picked"));
  hits[now]?.classList.remove("is-picked");
  const next = hits[(now + step + hits.length) % hits.length]!;
  next.classList.add("is-picked");
  next.scrollIntoView({ block: "nearest" });
}

function narrowPages(text: string): void {
  const wanted = text.trim().toLowerCase();
  const pages = palette()?.querySelector<HTMLElement>("[data-pages]");
  if (!pages) return;
  let shown = 0;
  for (const link of pages.querySelectorAll<HTMLElement>(".hit")) {
    link.hidden = !link.textContent?.toLowerCase().includes(wanted);
    if (!link.hidden) shown += 1;
  }
  pages.hidden = shown === 0;
}

export function startPalette(): void {
  on("click", "[data-palette]", open);
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
      event.preventDefault();
      open();
    }
    if (!palette()?.open) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      pick(event.key === "ArrowDown" ? 1 : -1);
    }
    if (event.key === "Enter") {
      const chosen = palette()?.querySelector<HTMLElement>(".is-picked") ?? palette()?.querySelector<HTMLElement>(HITS);
      if (chosen) {
        event.preventDefault();
        chosen.click();
      }
    }
  });
  on<HTMLInputElement>("input", "#palette input", (input) => narrowPages(input.value));
}
