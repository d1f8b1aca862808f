import type { Secret } from "@flyte-ts/core/plugin";

/** Takes secrets out of texts, also as JSON and URLs write them: servers like to repeat what they were sent. */
export function redaction(secrets: readonly Secret[]): (text: string) => string {
  const texts = new Set(
    secrets.flatMap((secret) => {
      const text = secret.reveal();
      return [text, JSON.stringify(text).slice(1, -1), encodeURIComponent(text)];
    }),
  );
  const long = [...texts].filter((text) => text !== "").sort((a, b) => b.length - a.length);
  return (text) => long.reduce((clean, secret) => clean.replaceAll(secret, "[secret]"), text);
}
