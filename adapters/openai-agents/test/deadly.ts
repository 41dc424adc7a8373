/** A body in which the process dies: `reached` resolves when it runs. */
export function deadly(): { readonly reached: Promise<void>; readonly body: () => Promise<never> } {
  const { promise: reached, resolve } = Promise.withResolvers<void>();
  const body = () => {
    resolve();
    return new Promise<never>(() => {});
  };
  return { reached, body };
}
