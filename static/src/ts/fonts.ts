/** What is measured in pixels waits for the typeface, which changes every width. */
export async function typefaceReady(): Promise<void> {
  await Promise.allSettled([document.fonts.load('400 12px "Inter Variable"'), document.fonts.load('600 12px "Inter Variable"')]);
}
