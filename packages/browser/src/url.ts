/** Addresses without what may be secret in them: credentials, fragments that are no route, unknown query keys. */

const KEPT = /^(utm_\w+|ref)$/;
const HASH_ROUTE = /^#!?\/[^?&=]*/;

export function cut(address: string, more: readonly string[] = []): string {
  try {
    const url = new URL(address);
    const query = url.searchParams;
    for (const key of [...query.keys()]) if (!KEPT.test(key) && !more.includes(key)) query.delete(key);
    url.username = url.password = "";
    url.hash = HASH_ROUTE.exec(url.hash)?.[0] ?? "";
    return url.href;
  } catch {
    return "";
  }
}
