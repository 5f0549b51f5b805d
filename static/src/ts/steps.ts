// The keys [ and ] go to the earlier and the later period, where a page names them.

function isTyping(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest("input, select, textarea, [role=grid], dialog[open]") !== null;
}

export function startSteps(): void {
  document.addEventListener("keydown", (event) => {
    const kind = event.key === "[" ? "prev" : event.key === "]" ? "next" : "";
    if (!kind || isTyping(event.target) || event.defaultPrevented) return;
    document.querySelector<HTMLAnchorElement>(`[data-steps] a[rel=${kind}]`)?.click();
  });
}
