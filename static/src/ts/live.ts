// Live refresh: the stream names what changed, the parts that show it are fetched again.

interface Change { subjects?: string[]; action?: string; id?: number }

const PAUSE = 1000;
const waiting = new Set<HTMLElement>();
let timer: number | undefined;

function mentions(part: HTMLElement, subjects: ReadonlySet<string>): boolean {
  return subjects.has("*") || (part.dataset["live"] ?? "").split(/\s+/).some((subject) => subjects.has(subject));
}

/** Not while somebody types in it or ticks its rows. */
function isInUse(part: HTMLElement): boolean {
  const active = document.activeElement;
  const isTyping = active instanceof HTMLElement && part.contains(active) && active.matches("input, textarea, select");
  return isTyping || part.querySelector("tr.is-ticked") !== null || part.querySelector(":popover-open") !== null;
}

/** Fetches an address once for all the parts that are taken from it. */
async function refresh(url: string, parts: HTMLElement[]): Promise<void> {
  const answer = await fetch(url, { headers: { "HX-Request": "true", "HX-Request-Type": "full" } });
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const part of parts) {
    const fresh = page.getElementById(part.id);
    if (!fresh || !part.isConnected || isInUse(part)) continue;
    fresh.dataset["updated"] = String(Date.now());
    part.replaceWith(fresh);
    window.htmx.process(fresh);
  }
  document.dispatchEvent(new CustomEvent("htmx:after:swap"));
}

function refreshWaiting(): void {
  timer = undefined;
  const byUrl = new Map<string, HTMLElement[]>();
  for (const part of waiting) {
    if (!part.isConnected || !part.id || isInUse(part)) continue;
    const url = part.getAttribute("hx-get") ?? location.href;
    byUrl.set(url, [...(byUrl.get(url) ?? []), part]);
  }
  waiting.clear();
  for (const [url, parts] of byUrl) void refresh(url, parts);
}

function onChange(change: Change): void {
  const subjects = new Set(change.subjects ?? []);
  for (const part of document.querySelectorAll<HTMLElement>("[data-live]")) {
    if (mentions(part, subjects)) waiting.add(part);
  }
  if (waiting.size && timer === undefined) timer = window.setTimeout(refreshWaiting, PAUSE);
}

function showAges(): void {
  for (const part of document.querySelectorAll<HTMLElement>("[data-updated]")) {
    const minutes = Math.floor((Date.now() - Number(part.dataset["updated"])) / 60000);
    part.title = minutes ? `Updated ${minutes} m ago` : "Updated just now";
  }
}

/** A live part is fetched by us, not by htmx on a click, unless it names a trigger of its own. */
function keepFromHtmx(): void {
  document.addEventListener("htmx:before:init", (event) => {
    const part = event.target as Element;
    if (part.hasAttribute("data-live") && !part.hasAttribute("hx-trigger")) event.preventDefault();
  });
}

export function startLive(): void {
  keepFromHtmx();
  const url = document.querySelector<HTMLMetaElement>('meta[name="live-url"]')?.content;
  if (!url || !document.querySelector("[data-live]")) return;
  const stream = new EventSource(url, { withCredentials: true });
  stream.addEventListener("message", (event: MessageEvent<string>) => onChange(JSON.parse(event.data) as Change));
  addEventListener("pagehide", () => stream.close());
  setInterval(showAges, 30000);
}
