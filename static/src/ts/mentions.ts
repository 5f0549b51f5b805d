// Typing @ in a comment suggests people who can see the request; the server answers the list.

const TYPED = /(^|\s)@([^\s@][^@\n]{0,40})$/;
let timer = 0;

function listOf(box: HTMLTextAreaElement): HTMLElement | null {
  return box.parentElement?.querySelector<HTMLElement>(".mention-list") ?? null;
}

function typed(box: HTMLTextAreaElement): string {
  const found = TYPED.exec(box.value.slice(0, box.selectionStart));
  return found?.[2] ?? "";
}

async function suggest(box: HTMLTextAreaElement, text: string): Promise<void> {
  const list = listOf(box);
  const address = box.dataset["mentions"];
  if (!list || !address) return;
  const answer = await fetch(`${address}?q=${encodeURIComponent(text)}`, { headers: { "HX-Request": "true" } });
  if (!answer.ok || typed(box) !== text) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  list.replaceChildren(...page.body.children);
}

function insert(box: HTMLTextAreaElement, name: string): void {
  const end = box.selectionStart;
  const start = end - typed(box).length;
  box.setRangeText(`${name} `, start, end, "end");
  listOf(box)?.replaceChildren();
  box.focus();
}

export function startMentions(): void {
  document.addEventListener("input", (event) => {
    const box = event.target;
    if (!(box instanceof HTMLTextAreaElement) || !box.dataset["mentions"]) return;
    clearTimeout(timer);
    const text = typed(box);
    if (!text) listOf(box)?.replaceChildren();
    else timer = window.setTimeout(() => void suggest(box, text), 160);
  });
  document.addEventListener("click", (event) => {
    const target = event.target instanceof Element ? event.target : null;
    const choice = target?.closest<HTMLElement>("[data-mention]");
    const box = choice?.closest(".mention-box")?.querySelector("textarea");
    if (box) insert(box, choice?.dataset["mention"] ?? "");
    if (target?.closest("[data-print]")) window.print();
  });
  document.addEventListener("keydown", (event) => {
    const box = event.target;
    if (event.key !== "Escape" || !(box instanceof HTMLTextAreaElement)) return;
    if (box.dataset["mentions"]) listOf(box)?.replaceChildren();
  });
}
