// Small helpers over the document.

type Handler<E extends Element> = (element: E, event: Event) => void;

/** Calls back for clicks (or another event) on what matches, now and after swaps. */
export function on<E extends HTMLElement>(kind: string, selector: string, handler: Handler<E>): void {
  document.addEventListener(kind, (event) => {
    const target = event.target instanceof Element ? event.target.closest<E>(selector) : null;
    if (target) handler(target, event);
  });
}

export function remember(name: string, value: string): void {
  const secure = location.protocol === "https:" ? "; secure" : "";
  document.cookie = `adroit_${name}=${encodeURIComponent(value)}; path=/; max-age=31536000; samesite=lax${secure}`;
}

/** Until the browser is closed; nothing forgets it. */
export function rememberForNow(name: string, value: string): void {
  const secure = location.protocol === "https:" ? "; secure" : "";
  const life = value ? "" : "; max-age=0";
  document.cookie = `adroit_${name}=${encodeURIComponent(value)}; path=/${life}; samesite=lax${secure}`;
}

export function element(html: { tag: string; className?: string; text?: string }): HTMLElement {
  const made = document.createElement(html.tag);
  if (html.className) made.className = html.className;
  if (html.text) made.textContent = html.text;
  return made;
}

/** The address of the icon sprite, taken from the page since its name carries a hash. */
function sprite(): string {
  return document.querySelector<HTMLMetaElement>('meta[name="icons"]')?.content ?? "";
}

export function icon(name: string, label = ""): SVGSVGElement {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("class", "icon");
  if (label) {
    svg.setAttribute("role", "img");
    svg.setAttribute("aria-label", label);
  } else svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(space, "use");
  use.setAttribute("href", `${sprite()}#${name}`);
  svg.append(use);
  return svg;
}
