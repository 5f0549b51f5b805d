// Tables: keys, opening a row, ticking rows, choosing columns.
import { on } from "./dom";

function rowsOf(row: HTMLElement): HTMLElement[] {
  return [...(row.parentElement?.querySelectorAll<HTMLElement>("[data-row]") ?? [])];
}

function move(row: HTMLElement, step: number): void {
  const rows = rowsOf(row);
  const next = rows[rows.indexOf(row) + step];
  if (!next) return;
  row.tabIndex = -1;
  next.tabIndex = 0;
  next.focus();
}

function isControl(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest("a, button, input, select, label, textarea") !== null;
}

function openRow(row: HTMLElement, isNewTab = false): void {
  const link = row.querySelector<HTMLAnchorElement>("td a[href]");
  const url = row.dataset["href"];
  if (link && !isNewTab) link.click();
  else if (url) window.open(url, isNewTab ? "_blank" : "_self");
}

/** A letter that a button of the bulk bar names, once rows are ticked. */
function pressBulk(row: HTMLElement, event: KeyboardEvent): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey || !/^[a-z]$/.test(event.key)) return false;
  const bar = row.closest("[data-bulk]")?.querySelector<HTMLElement>(".bulk-bar");
  const button = bar?.querySelector<HTMLButtonElement>(`[data-key="${event.key}"]`);
  if (!bar || bar.hidden || !button) return false;
  button.click();
  return true;
}

function onKey(row: HTMLElement, event: KeyboardEvent): void {
  if (isControl(event.target)) return;
  const steps: Record<string, number> = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 };
  const step = steps[event.key];
  if (step) move(row, step);
  else if (event.key === "Enter") openRow(row);
  else if (event.key === " " || event.key === "x") row.querySelector<HTMLInputElement>(".tick-col input")?.click();
  else if (!pressBulk(row, event)) return;
  event.preventDefault();
}

function showBulk(form: HTMLFormElement): void {
  const ticks = [...form.querySelectorAll<HTMLInputElement>('input[name="ids"]')];
  const count = ticks.filter((tick) => tick.checked).length;
  for (const tick of ticks) tick.closest("tr")?.classList.toggle("is-ticked", tick.checked);
  const bar = form.querySelector<HTMLElement>(".bulk-bar");
  if (bar) bar.hidden = count === 0;
  const told = form.querySelector("[data-bulk-count]");
  if (told) told.textContent = String(count);
  const all = form.querySelector<HTMLInputElement>("[data-tick-all]");
  if (all) {
    all.checked = count > 0 && count === ticks.length;
    all.indeterminate = count > 0 && count < ticks.length;
  }
}

export function startTables(): void {
  on("keydown", "[data-row]", (row, event) => onKey(row, event as KeyboardEvent));
  on("click", "[data-row][data-href]", (row, event) => {
    const click = event as MouseEvent;
    if (isControl(event.target) || getSelection()?.toString()) return;
    openRow(row, click.ctrlKey || click.metaKey);
  });
  on<HTMLInputElement>("change", "[data-tick-all]", (all) => {
    const form = all.closest("form")!;
    for (const tick of form.querySelectorAll<HTMLInputElement>('input[name="ids"]')) tick.checked = all.checked;
    showBulk(form);
  });
  on<HTMLInputElement>("change", '[data-bulk] input[name="ids"]', (tick) => showBulk(tick.closest("form")!));
  // The hidden field holds the chosen columns; it has to be right before htmx reads the form.
  window.addEventListener("change", (event) => {
    const form = event.target instanceof Element ? event.target.closest<HTMLFormElement>("[data-columns]") : null;
    const field = form?.querySelector<HTMLInputElement>('input[name$="cols"]');
    if (!form || !field) return;
    const ticked = form.querySelectorAll<HTMLInputElement>("input[type=checkbox]:checked");
    const first = field.dataset["first"] ?? field.value.split(",")[0] ?? "";
    field.dataset["first"] = first;
    field.value = [first, ...[...ticked].map((tick) => tick.value)].join(",");
  }, true);
}
