// What a spreadsheet puts on the clipboard: rows of cells between tabs, some in quotes.

export function readTsv(text: string): string[][] {
  const rows: string[][] = [[]];
  const cell = /"((?:[^"]|"")*)"(?=[\t\r\n]|$)|([^\t\r\n]*)/y;
  let at = 0;
  while (at <= text.length) {
    cell.lastIndex = at;
    const found = cell.exec(text);
    rows.at(-1)!.push(found?.[1]?.replaceAll('""', '"') ?? found?.[2] ?? "");
    at = cell.lastIndex;
    if (at >= text.length) break;
    if (text.startsWith("\r\n", at)) at += 1;
    if (text[at] !== "\t") rows.push([]);
    at += 1;
  }
  const last = rows.at(-1)!;
  if (rows.length > 1 && last.length === 1 && last[0] === "") rows.pop();
  return rows;
}

export function writeTsv(rows: readonly (readonly string[])[]): string {
  return rows.map((row) => row.join("\t")).join("\n");
}
