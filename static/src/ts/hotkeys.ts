// Letters that press a button or open a link of the page: `data-press="a"`, said beside it in a <kbd>.

function isTyping(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest("input:not([type=radio]), select, textarea, dialog[open], [data-row]") !== null;
}

export function startHotkeys(): void {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (!/^[a-z]$/.test(event.key) || isTyping(event.target)) return;
    const wanted = document.querySelector<HTMLElement>(`[data-press="${event.key}"]`);
    if (!wanted) return;
    event.preventDefault();
    if (wanted instanceof HTMLTextAreaElement) wanted.focus();
    else wanted.click();
  });
}
