// Dialogs that a button opens, and the question before something that matters.
import { on } from "./dom";

const asked = new WeakSet<Element>();

function confirmBox(): HTMLDialogElement | null {
  return document.querySelector<HTMLDialogElement>("#confirm");
}

/** Asks; resolves to the reason (empty when none was wanted), or null when the person turned back. */
function ask(about: HTMLElement): Promise<string | null> {
  const box = confirmBox();
  if (!box) return Promise.resolve("");
  const part = (name: string) => box.querySelector<HTMLElement>(`[data-confirm-part="${name}"]`)!;
  const { confirm = "", confirmTitle = "Are you sure?", confirmOk = "Continue", confirmTone, confirmReason } = about.dataset;
  part("title").textContent = confirmTitle;
  part("text").textContent = confirm;
  const ok = part("ok") as HTMLButtonElement;
  ok.textContent = confirmOk;
  ok.classList.toggle("btn-danger", confirmTone === "bad");
  const reason = box.querySelector<HTMLTextAreaElement>("textarea")!;
  reason.value = "";
  reason.required = confirmReason !== undefined;
  part("reason").hidden = confirmReason === undefined;
  box.returnValue = "";
  box.showModal();
  (reason.required ? reason : ok).focus();
  return new Promise((resolve) => {
    box.addEventListener("close", () => resolve(box.returnValue === "ok" ? reason.value : null), { once: true });
  });
}

function addReason(about: HTMLElement, reason: string): void {
  const name = about.dataset["confirmReason"];
  const form = about instanceof HTMLFormElement ? about : about.closest("form");
  if (!name || !form) return;
  const field = form.querySelector<HTMLInputElement>(`input[type="hidden"][name="${name}"]`) ?? document.createElement("input");
  field.type = "hidden";
  field.name = name;
  field.value = reason;
  form.append(field);
}

/** Holds a click or a submission back until it was confirmed, then lets the same one through. */
function hold(event: Event, about: HTMLElement, again: () => void): void {
  if (asked.has(about)) {
    asked.delete(about);
    return;
  }
  event.preventDefault();
  event.stopImmediatePropagation();
  void ask(about).then((reason) => {
    if (reason === null) return;
    addReason(about, reason);
    asked.add(about);
    again();
  });
}

function startConfirm(): void {
  window.addEventListener("click", (event) => {
    const about = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-confirm]:not(form)") : null;
    if (about) hold(event, about, () => about.click());
  }, true);
  window.addEventListener("submit", (event) => {
    const form = event.target;
    if (form instanceof HTMLFormElement && form.dataset["confirm"] !== undefined) {
      hold(event, form, () => form.requestSubmit((event as SubmitEvent).submitter));
    }
  }, true);
}

export function startDialogs(): void {
  startConfirm();
  on("click", "[data-open]", (button) => {
    document.querySelector<HTMLDialogElement>(`#${CSS.escape(button.dataset["open"] ?? "")}`)?.showModal();
  });
  for (const dialog of document.querySelectorAll<HTMLDialogElement>("dialog[data-open-now]")) dialog.showModal();
  on("click", "[data-close]", (button) => button.closest("dialog")?.close());
  on<HTMLDialogElement>("click", "dialog", (dialog, event) => {
    if (event.target !== dialog) return;
    const box = dialog.getBoundingClientRect();
    const { clientX: x, clientY: y } = event as MouseEvent;
    const isInside = x >= box.left && x <= box.right && y >= box.top && y <= box.bottom;
    if (!isInside && (x || y)) dialog.close();
  });
}
