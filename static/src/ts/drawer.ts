// The side drawer: a link with data-drawer opens its page there.
import { on } from "./dom";
import { toast } from "./toasts";

interface Htmx { process(element: Element): void }
declare global { interface Window { htmx: Htmx } }

function bodyOf(text: string): Node[] {
  const parsed = new DOMParser().parseFromString(text, "text/html");
  const chosen = parsed.querySelector("[data-drawer-content]") ?? parsed.querySelector("main") ?? parsed.body;
  return [...chosen.childNodes];
}

async function open(url: string, title: string): Promise<void> {
  const drawer = document.querySelector<HTMLDialogElement>("#drawer");
  const place = drawer?.querySelector(".drawer-body");
  if (!drawer || !place) return location.assign(url);
  const answer = await fetch(url, { headers: { "HX-Request": "true", "HX-Request-Type": "partial", "HX-Target": "dialog#drawer" } });
  const text = await answer.text();
  if (!answer.ok) {
    const told = new DOMParser().parseFromString(text, "text/html").querySelector("[data-error-text]")?.textContent;
    return toast({ text: told?.trim() || "This could not be opened. Try again.", tone: "bad" });
  }
  drawer.querySelector("#drawer-title")!.textContent = title;
  place.replaceChildren(...bodyOf(text));
  window.htmx.process(place);
  drawer.showModal();
  document.dispatchEvent(new CustomEvent("htmx:after:swap"));
}

export function startDrawer(): void {
  on<HTMLAnchorElement>("click", "a[data-drawer]", (link, event) => {
    const click = event as MouseEvent;
    if (click.ctrlKey || click.metaKey || click.shiftKey) return;
    event.preventDefault();
    void open(link.href, link.dataset["drawer"] || link.textContent?.trim() || "Details");
  });
}
