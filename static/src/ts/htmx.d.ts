declare module "htmx.org" {
  const htmx: unknown;
  export default htmx;
}
