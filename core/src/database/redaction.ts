// Passwords never leave: not in a message, not in a cause, not in a description. A text that cannot
// be parsed as a URL is not shown at all, since nobody can tell where its password is.

const REDACTED = "***";

/** The URL with its password, wherever it stands, replaced. Anything else becomes its scheme. */
export function redactUrl(text: string): string {
  const scheme = /^[a-z][a-z0-9+.-]*:\/\//i.exec(text)?.[0];
  if (scheme === undefined || !URL.canParse(text))
    return scheme ? `${scheme}${REDACTED}` : REDACTED;
  const url = new URL(text);
  // An @ after the host means that a password with unescaped characters was cut in two.
  if (/@/.test(url.pathname + url.search + url.hash)) return `${scheme}${REDACTED}`;
  if (url.password) url.password = REDACTED;
  for (const name of [...url.searchParams.keys()]) {
    if (/password|passwd|secret|token/i.test(name)) url.searchParams.set(name, REDACTED);
  }
  return url.toString();
}

/** Every form in which the passwords of a URL may turn up in a text, longest first. */
export function secretsOf(text: string): string[] {
  const secrets = new Set<string>();
  const add = (secret: string | undefined): void => {
    if (!secret) return;
    for (const form of [secret, decoded(secret), encodeURIComponent(decoded(secret))]) {
      secrets.add(form);
    }
  };
  add(/^[a-z][a-z0-9+.-]*:\/\/[^:/?#]*:(.*)@/is.exec(text)?.[1]);
  for (const match of text.matchAll(/[?&](?:\w*password)=([^&#]*)/gi)) add(match[1]);
  if (URL.canParse(text)) add(new URL(text).password);
  return [...secrets].sort((a, b) => b.length - a.length);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The text without any of the secrets. */
export function redact(text: string, secrets: readonly string[]): string {
  return secrets.reduce((rest, secret) => rest.replaceAll(secret, REDACTED), text);
}

/** A copy of an error that holds text only: no connection, no option, no secret. */
export function redactedCause(error: unknown, secrets: readonly string[]): Error {
  const original = error instanceof Error ? error : new Error(String(error));
  const copy = new Error(redact(original.message, secrets));
  copy.name = original.name;
  copy.stack = redact(original.stack ?? "", secrets);
  const { code } = original as { code?: unknown };
  return typeof code === "string" ? Object.assign(copy, { code }) : copy;
}
