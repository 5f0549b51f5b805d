// Short messages: from the server's messages, from an HX-Trigger header, and for failed requests.
import { element, icon } from "./dom";

interface Message { text: string; tone?: string; undo?: string }

export function toast({ text, tone = "neutral", undo }: Message): void {
  const place = document.querySelector(".toasts");
  if (!place) return;
  const box = element({ tag: "div", className: `toast ${tone}` });
  box.setAttribute("role", tone === "bad" ? "alert" : "status");
  box.append(element({ tag: "p", text }), ...(undo ? [undoing(undo)] : []), closer(box));
  place.append(box);
  lift(place);
  if (tone !== "bad") setTimeout(() => box.remove(), undo ? 20000 : 6000);
}

/** Toasts stay above open dialogs, which live in the browser's top layer. */
function lift(place: Element): void {
  if (!(place instanceof HTMLElement) || !place.popover) return;
  if (place.matches(":popover-open")) place.hidePopover();
  place.showPopover();
}

/** A form that takes back what was just done. */
function undoing(url: string): HTMLElement {
  const form = element({ tag: "form" }) as HTMLFormElement;
  const token = document.body.getAttribute("hx-headers:inherited") ?? "{}";
  form.method = "post";
  form.action = url;
  const field = form.appendChild(document.createElement("input"));
  field.type = "hidden";
  field.name = "csrfmiddlewaretoken";
  field.value = (JSON.parse(token) as Record<string, string>)["X-CSRFToken"] ?? "";
  form.append(element({ tag: "button", className: "btn btn-small", text: "Undo" }));
  return form;
}

function closer(box: HTMLElement): HTMLElement {
  const button = element({ tag: "button", className: "icon-btn" });
  button.setAttribute("type", "button");
  button.append(icon("x", "Close"));
  button.addEventListener("click", () => box.remove());
  return button;
}

function messageOf(text: string): string {
  const parsed = new DOMParser().parseFromString(text, "text/html");
  const told = parsed.querySelector("[data-error-text]")?.textContent?.trim();
  return told || "That did not work and nothing was changed. Try again, or reload the page.";
}

interface HtmxFailure { ctx?: { text?: string; response?: { raw?: Response } }; error?: Error }

export function startToasts(): void {
  document.addEventListener("toast", (event) => toast((event as CustomEvent<Message>).detail));
  document.addEventListener("htmx:response:error", (event) => {
    const { ctx } = (event as CustomEvent<HtmxFailure>).detail;
    if (ctx?.response?.raw?.status === 422) return;
    toast({ text: messageOf(ctx?.text ?? ""), tone: "bad" });
  });
  document.addEventListener("htmx:error", (event) => {
    const { error, ctx } = (event as CustomEvent<HtmxFailure>).detail;
    const isNetwork = error instanceof TypeError && !ctx?.response;
    if (isNetwork) toast({ text: "The server cannot be reached. Nothing was changed.", tone: "bad" });
  });
  for (const kept of document.querySelectorAll<HTMLElement>("[data-message]")) {
    toast({ text: kept.textContent?.trim() ?? "", tone: kept.dataset["message"] ?? "neutral", undo: kept.dataset["undo"] });
    kept.remove();
  }
}
